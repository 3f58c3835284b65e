"""Folders become cities: the built-in ones, and any other that is copied and edited, without code."""

from pathlib import Path

import pytest

from configuration.cities import check_city, load_cities, load_city
from configuration.problems import ConfigurationError
from configuration.settings import BUILT_IN_CITIES, Settings
from tests.configuration.fictional_city import CITY_CODE, TOWN_CODES, VILLAGE_CODES, write_fictional_city


def test_built_in_cities_are_without_mistakes() -> None:
    assert {code: check_city(folder.path) for code, folder in load_cities([BUILT_IN_CITIES]).items()} == {
        "haikou": [],
        "wendeng": [],
    }


def test_third_city_from_yaml_and_csv_alone(tmp_path: Path) -> None:
    folder = load_city(write_fictional_city(tmp_path))
    assert folder.city.code == CITY_CODE
    assert tuple(town.code for town in folder.divisions.towns) == TOWN_CODES
    assert tuple(village.code for village in folder.divisions.villages) == VILLAGE_CODES
    assert [feed.feed for feed in folder.feeds] == ["desk_payments", "phone_orders", "receipts", "register"]
    assert list(folder.policies) == [2021, 2022]
    assert folder.feed("register").kind == "enrolment"
    with pytest.raises(KeyError):
        folder.feed("no_such_feed")


def test_city_from_outside_the_project(tmp_path: Path) -> None:
    write_fictional_city(tmp_path)
    settings = Settings.from_environment({"CANBAO_CITIES": str(tmp_path)})
    assert set(load_cities(settings.cities_folders)) == {"haikou", "wendeng", CITY_CODE}


def test_root_may_be_the_city_itself(tmp_path: Path) -> None:
    assert list(load_cities([write_fictional_city(tmp_path)])) == [CITY_CODE]


def test_two_folders_with_one_code(tmp_path: Path) -> None:
    first = write_fictional_city(tmp_path / "a")
    write_fictional_city(tmp_path / "b")
    with pytest.raises(ConfigurationError) as caught:
        load_cities([tmp_path / "a", tmp_path / "b"])
    (problem,) = caught.value.problems
    assert (problem.key, problem.found) == ("code", CITY_CODE)
    assert problem.allowed == f"the city {first} has this code already"


def test_missing_folder_and_folder_without_city(tmp_path: Path) -> None:
    (tmp_path / "cities" / "empty").mkdir(parents=True)
    with pytest.raises(ConfigurationError) as caught:
        load_cities([tmp_path / "nowhere", tmp_path / "cities"])
    named = {Path(problem.file).name: problem.allowed for problem in caught.value.problems}
    assert named["nowhere"] == "must be a folder of cities"
    assert named["city.yaml"] == "this file must exist"
    assert named["feeds"] == "must hold at least one <feed>.yaml"


def test_city_with_a_mistake_does_not_load(tmp_path: Path) -> None:
    path = write_fictional_city(tmp_path)
    (path / "feeds" / "receipts.yaml").write_text("feed: receipts\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_city(path)
    missing = [problem.key for problem in caught.value.problems]
    assert missing == ["kind", "title", "files", "format", "columns", "campaign"]


def test_check_of_something_that_is_no_folder(tmp_path: Path) -> None:
    (problem,) = check_city(tmp_path / "nowhere")
    assert problem.allowed == "must be the folder of a city"
