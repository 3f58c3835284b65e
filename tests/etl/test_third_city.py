"""A city that the project does not know, with a bank of its own layout: invented, loaded, held against the truth."""

import shutil
from pathlib import Path

import pytest

from configuration.cities import load_city
from tests.configuration.fictional_city import CITY_CODE
from tests.etl.synth.conftest import plan_of, write
from tests.etl.truth import Comparison
from tests.etl.world import World

pytestmark = pytest.mark.slow
PERSONS = 1500
BANK_LAYOUT = (
    (r"desk_(?P<date>\d{6,8})_(?P<sequence>\d{2})\.txt", r"DSK-(?P<date>\d{6,8})-v(?P<version>\d)\.csv"),
    ("version: [date, sequence]", "version: [version]"),
    ("encodings: [utf-8, gb18030]", "encodings: [utf-16]\n  skip_lines: 1"),
    ("headers: [number], parse: text", "headers: [Serial], parse: text, example: LB00000000000001"),
    ('"%Y-%m-%dT%H:%M:%S"', '"%d/%m/%Y %H:%M:%S"'),
)


def test_a_third_city_with_its_own_bank_equals_its_truth(tmp_path: Path) -> None:
    world = World(tmp_path)
    folder = tmp_path / "cities" / CITY_CODE
    feed = folder / "feeds" / "desk_payments.yaml"
    text = feed.read_text(encoding="utf-8")
    for before, after in BANK_LAYOUT:
        assert before in text
        text = text.replace(before, after)
    feed.write_text(text, encoding="utf-8")
    city = folder / "city.yaml"
    city.write_text(city.read_text(encoding="utf-8").replace("persons: 600", "persons: 90000"), encoding="utf-8")

    plan = plan_of(load_city(folder), PERSONS, history_years=1)
    write(plan, tmp_path / "made")
    shutil.rmtree(world.inbox)
    shutil.copytree(tmp_path / "made" / "inbox", world.inbox)
    for path in world.inbox.rglob("*"):
        world.age(path)
    world.load()

    comparison = Comparison(world.site(), tmp_path / "made" / "truth", CITY_CODE)
    assert comparison.differences_of_rows() == []
    assert comparison.differences_of_files() == []
    assert comparison.differences_of_payments() == []
    assert comparison.differences_of_participation() == []
    truth, found = comparison.refused()
    assert found == truth
    assert truth
    assert world.value("SELECT count(*) FROM raw_reversals WHERE is_applied") > 0
    # As many are eligible as were invented, whatever size the demo section names.
    eligible = world.value("SELECT eligible_persons FROM meta_divisions WHERE level = 'root'")
    assert abs(eligible - PERSONS) <= 5
