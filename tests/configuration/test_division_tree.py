"""Look-ups in the tree of divisions."""

from pathlib import Path

import pytest

from configuration.cities import load_city
from configuration.divisions import DivisionTree, read_divisions
from configuration.problems import ConfigurationError
from configuration.settings import BUILT_IN_CITIES
from tests.configuration.fictional_city import DIVISIONS_CSV, TOWN_CODES, VILLAGE_CODES

ROOT = "990001000000"


@pytest.fixture
def tree(tmp_path: Path) -> DivisionTree:
    path = tmp_path / "divisions.csv"
    path.write_text(DIVISIONS_CSV, encoding="utf-8-sig")  # spreadsheets write the mark, and it must not hurt
    return read_divisions(path, root_code=ROOT, categories=["adult", "child"])


def test_root_towns_and_villages(tree: DivisionTree) -> None:
    assert tree.root.code == ROOT
    assert tuple(town.code for town in tree.towns) == TOWN_CODES
    assert tuple(village.code for village in tree.villages_below(ROOT)) == VILLAGE_CODES
    assert [child.code for child in tree.children(TOWN_CODES[1])] == list(VILLAGE_CODES[3:])
    assert tree.children(VILLAGE_CODES[0]) == ()


def test_town_of_villages_and_towns_only(tree: DivisionTree) -> None:
    assert tree.town_of(VILLAGE_CODES[4]).code == TOWN_CODES[1]
    assert tree.town_of(TOWN_CODES[0]).code == TOWN_CODES[0]
    with pytest.raises(KeyError):
        tree.town_of(ROOT)


def test_by_code_by_name_and_path(tree: DivisionTree) -> None:
    assert VILLAGE_CODES[5] in tree
    assert "990001009009" not in tree
    assert tree.by_name("磨坊村") == tree.by_name("Mill") == (tree.by_code(VILLAGE_CODES[5]),)
    assert tree.by_name("nowhere") == ()
    assert [division.code for division in tree.path_to(VILLAGE_CODES[5])] == [ROOT, TOWN_CODES[1], VILLAGE_CODES[5]]


def test_eligible_persons_are_sums_of_villages(tree: DivisionTree) -> None:
    assert tree.eligible_persons(VILLAGE_CODES[0]) == {"adult": 90, "child": 20}
    assert tree.eligible_persons(TOWN_CODES[0]) == {"adult": 220, "child": 45}
    assert tree.eligible_persons(ROOT) == {"adult": 485, "child": 115}


def test_districts_stand_between_city_and_towns() -> None:
    tree = load_city(BUILT_IN_CITIES / "haikou").divisions
    districts = tree.children(tree.root.code)
    assert [district.code[:6] for district in districts] == ["460105", "460106", "460107", "460108"]
    assert all(len(tree.children(district.code)) == 6 for district in districts)
    assert len(tree.path_to(tree.villages[0].code)) == 4


@pytest.mark.parametrize("content", [b"", "code\n区".encode("gb18030")])
def test_unreadable_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "divisions.csv"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"columns must be code|save the file as UTF-8"):
        read_divisions(path, root_code=ROOT, categories=None)
