"""Exposure with holes, waiting, and the words for what is unknown."""

from datetime import date, datetime

import pandas as pd
import pytest

from dashboard.charts.liability_exposure import fill_hidden, shape

JANUARY, APRIL, MAY = datetime(2018, 1, 1), datetime(2018, 4, 12), datetime(2018, 5, 3)


def cells(*rows: tuple[str, str, datetime | None, int | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["category", "benefit_tier", "entitled_on", "persons"])
    return frame.astype({"persons": "Int64"}).assign(entitled_on=pd.to_datetime(frame["entitled_on"]))


def totals(*rows: tuple[str, str, int | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["category", "benefit_tier", "persons"]).astype({"persons": "Int64"})


def test_hidden_cells_share_what_is_missing_to_their_total() -> None:
    exposure = cells(
        ("adult", "one", JANUARY, 100), ("adult", "one", APRIL, None), ("adult", "one", MAY, None),
        ("minor", "two", JANUARY, 50),
    )  # fmt: skip
    filled = fill_hidden(exposure, totals(("adult", "one", 112), ("minor", "two", 50)))
    assert filled.exposure["persons"].tolist() == [100, 6, 6, 50]
    assert filled.estimated_persons == 12


def test_a_cell_hidden_only_to_protect_another_takes_the_rest_at_the_earliest_start() -> None:
    exposure = cells(("adult", "one", MAY, None), ("adult", "one", JANUARY, None), ("adult", "one", APRIL, 40))
    filled = fill_hidden(exposure, totals(("adult", "one", 3000)))
    assert filled.exposure["persons"].tolist() == [5, 2955, 40]


def test_a_hidden_total_adds_nobody_and_nothing_goes_below_zero() -> None:
    exposure = cells(("adult", "one", JANUARY, 100), ("adult", "one", MAY, None), ("minor", "two", MAY, None))
    filled = fill_hidden(exposure, totals(("adult", "one", 95), ("minor", "two", None)))
    assert filled.exposure["persons"].tolist() == [100, 0, 0]


def test_people_already_covered_are_one_row_and_those_waiting_one_a_month() -> None:
    exposure = cells(
        ("adult", "one", JANUARY, 100), ("adult", "one", datetime(2018, 3, 20), 5), ("adult", "two", APRIL, 20),
        ("adult", "one", datetime(2018, 4, 30), 1), ("adult", "one", None, 7),
    )  # fmt: skip
    result = shape(exposure, date(2018, 3, 20))
    assert result["persons"].tolist() == [105, 21, 7]
    assert result["is_waiting"].tolist() == [False, True, False]
    assert pd.isna(result["start_on"].iloc[2])


@pytest.mark.parametrize(("edge", "waiting"), [(date(2018, 1, 1), 20), (date(2018, 4, 12), 0)])
def test_the_day_itself_is_covered(edge: date, waiting: float) -> None:
    exposure = cells(("adult", "one", JANUARY, 100), ("adult", "one", APRIL, 20))
    result = shape(exposure, edge)
    assert result.loc[result["is_waiting"], "persons"].sum() == waiting
