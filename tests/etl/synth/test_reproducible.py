"""Same seed, same bytes; another seed, another city; a third city without a line of code."""

import hashlib
import re
from datetime import date
from pathlib import Path

import pytest

from configuration.cities import CityFolder, load_city
from etl.synth.plan import Order, Plan
from tests.configuration.fictional_city import write_fictional_city
from tests.etl.synth.conftest import OnDisk, plan_of, write


def hashes(made: OnDisk) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in made.inbox.iterdir()}


@pytest.mark.parametrize("city", ["wendeng", "haikou"])
def test_a_seed_gives_the_same_bytes(city: str, folders: dict[str, CityFolder], tmp_path: Path) -> None:
    one, two, other = (
        write(plan_of(folders[city], 900, seed), tmp_path / name) for name, seed in (("a", 3), ("b", 3), ("c", 4))
    )
    assert hashes(one) == hashes(two)
    assert one.rows.equals(two.rows)
    assert hashes(one) != hashes(other)
    assert any(name.endswith(".xlsx") for name in hashes(one))


def test_an_earlier_day_ends_the_files_earlier(folders: dict[str, CityFolder], tmp_path: Path) -> None:
    made = write(plan_of(folders["wendeng"], 900, as_of_on=date(2018, 2, 1)), tmp_path)
    days = [found.group(1) for name in made.files.file_name if (found := re.search(r"_(\d{8})_\d\d\.", name))]
    assert max(days) == "20180201"


def test_a_third_city_needs_no_code(tmp_path: Path) -> None:
    folder = load_city(write_fictional_city(tmp_path / "cities"))
    made = write(plan_of(folder, 600, history_years=1), tmp_path)
    assert set(made.files.feed) == {feed.feed for feed in folder.feeds}
    assert made.files.rows.sum() > 1_500
    assert (made.rows.outcome == "set_aside").any()


def test_a_city_without_a_demo_section_is_refused(tmp_path: Path) -> None:
    folder = load_city(write_fictional_city(tmp_path / "cities"))
    real = folder.city.model_copy(update={"demo": None})
    with pytest.raises(ValueError, match="no demo section"):
        Plan(real, folder.divisions.divisions, folder.feeds, folder.policies, Order(100, 1, date(2022, 3, 10), 1))
