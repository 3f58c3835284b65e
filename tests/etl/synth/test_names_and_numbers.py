"""File names out of patterns, and identifiers valid in form that mean nobody."""

import re

import numpy as np
import pyarrow as pa
import pytest

from etl.synth.cell_text import Writer
from etl.synth.filenames import fill_pattern
from etl.synth.identity import citizen_numbers, permits, sequence_numbers, short_numbers
from tests.etl.synth.conftest import CITIES, OnDisk, Simulated

WEIGHTS = [2**place % 11 for place in range(17, 0, -1)]


def check_character(body: str) -> str:
    """ISO 7064 MOD 11-2, by the definition."""
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (r"a_(?P<date>\d{6,8})_(?P<sequence>\d{2})\.csv", "a_20180320_01.csv"),
        (r"^(?P<town>\d{12})-(?:book|list)[_-]?(?P<year>\d{4})\.xlsx$", "371003901000-book2018.xlsx"),
        (r"B(?P<date>\d{4}-\d{2}-\d{2})\d{3}\.(?P<sequence>\d+)", "B2018-03-20000.01"),
    ],
)
def test_names_are_filled_with_the_first_candidate_that_fits(pattern: str, name: str) -> None:
    values = {"date": ["20180320", "2018-03-20"], "sequence": ["01"], "town": ["371003901000"], "year": ["2018"]}
    assert fill_pattern(pattern, values) == name
    assert re.fullmatch(pattern, name)


def test_a_group_without_a_meaning_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"group 'branch'.*date"):
        fill_pattern(r"x(?P<branch>\w+)", {"date": ["20180320"]})


def test_look_around_is_refused_instead_of_guessed() -> None:
    with pytest.raises(ValueError, match="look-around"):
        fill_pattern(r"x(?=y)y", {})


def test_citizen_numbers_carry_their_check_character() -> None:
    born = np.array(["1965-01-01", "2001-12-31", "1999-02-28"], dtype="datetime64[D]")
    numbers = citizen_numbers(["380001", "380002"], np.array([0, 1, 0]), born, np.array([1, 22, 999])).to_pylist()
    assert [number[:17] for number in numbers] == ["38000119650101001", "38000220011231022", "38000119990228999"]
    assert all(number[17] == check_character(number[:17]) for number in numbers)


def test_old_numbers_leave_out_century_and_check_character() -> None:
    assert short_numbers(pa.array(["380001196501010011"])).to_pylist() == ["380001650101001"]


def test_no_two_persons_share_a_number_even_on_a_crowded_birthday() -> None:
    born = np.full(1500, np.datetime64("1990-05-05"))
    prefix, sequence = sequence_numbers(born, 2)
    assert len(set(zip(prefix.tolist(), sequence.tolist(), strict=True))) == 1500
    assert sequence.max() <= 999


def test_more_births_than_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="add prefixes"):
        sequence_numbers(np.full(1000, np.datetime64("1990-05-05")), 1)


def test_permits_have_their_forms() -> None:
    forms = (r"[HM]\d{8}", r"\d{8}", r"[A-Z]{3}\d{12}")
    made = permits(np.arange(8)).to_pylist()
    assert all(any(re.fullmatch(form, permit) for form in forms) for permit in made)
    assert all(any(re.fullmatch(form, permit) for permit in made) for form in forms)


@pytest.mark.parametrize("city", CITIES)
def test_everybody_has_a_valid_identifier_from_a_prefix_no_division_has(
    city: str, simulated: dict[str, Simulated]
) -> None:
    made = simulated[city]
    ids = made.world.people.ids.to_pylist()
    assert len(set(ids)) == len(ids) == 15_000
    citizens = [number for number in ids if len(number) == 18]
    assert len(citizens) > 0.99 * len(ids)
    assert {number[:6] for number in citizens} <= set(made.plan.demo.id_prefixes)
    assert not {number[:6] for number in citizens} & {village.code[:6] for village in made.plan.villages}
    assert all(number[17] == check_character(number[:17]) for number in citizens)


@pytest.mark.parametrize("city", CITIES)
def test_22_a_reversal_writes_the_number_of_its_original_as_the_original_does(
    city: str, simulated: dict[str, Simulated]
) -> None:
    made = simulated[city]
    compared = 0
    for rows in made.world.tables:
        feed = made.plan.feeds[rows.feed]
        columns = {column.field: column for column in feed.columns}
        if "original_txn_no" not in columns:
            continue
        columns["txn_no"] = columns["txn_no"].model_copy(update={"example": "LK00000000000001"})
        writer = Writer(made.plan, made.world.people, feed.model_copy(update={"columns": tuple(columns.values())}))
        own, original = (
            writer.column(columns[name], rows).to_pylist() for name in ("txn_no", "original_txn_no")
        )
        named = {number for number in original if number}
        assert all(number.startswith("LK") for number in named)
        compared += len(named & set(own))
    assert compared > 10


@pytest.mark.parametrize("city", CITIES)
def test_every_file_belongs_to_exactly_one_feed(city: str, on_disk: dict[str, OnDisk]) -> None:
    made = on_disk[city]
    names = [path.name for path in made.inbox.iterdir() if path.name != "SYNTHETIC.json"]
    assert sorted(names) == sorted(made.files.file_name)
    for name in names:
        assert sum(re.fullmatch(feed.files.pattern, name) is not None for feed in made.plan.feeds) == 1
