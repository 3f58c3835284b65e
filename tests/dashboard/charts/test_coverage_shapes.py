"""Coverage: parts of those due, three denominators, unknown never 0."""

import pandas as pd
import pytest

from dashboard.charts import coverage_bases, coverage_not_due, coverage_parts


def town(code: str, due: int, on_time: int | None, late: int | None, unpaid: int | None) -> dict[str, object]:
    return {
        "town_code": code,
        "due_persons": due,
        "due_on_time_persons": on_time,
        "due_late_persons": late,
        "due_unpaid_persons": unpaid,
        "is_hidden": unpaid is None,
    }


def test_parts_are_rates_of_those_due_and_the_furthest_behind_stands_first() -> None:
    result = coverage_parts.shape(pd.DataFrame([town("a", 100, 70, 5, 25), town("b", 200, 90, 10, 100)]), "town_code")
    assert result["group"].tolist() == ["b", "a"]
    assert result.loc[1, ["on_time_rate", "late_rate", "unpaid_rate"]].tolist() == pytest.approx([0.7, 0.05, 0.25])
    assert result["paid_rate"].tolist() == pytest.approx([0.5, 0.75])


def test_rounded_parts_still_make_one_hundred_percent() -> None:
    row = coverage_parts.shape(pd.DataFrame([town("a", 100, 75, 5, 25)]), "town_code").iloc[0]
    assert row["on_time_rate"] + row["late_rate"] + row["unpaid_rate"] == pytest.approx(1.0)
    assert row["paid_rate"] == pytest.approx(80 / 105)


def test_hidden_and_empty_groups_have_no_rate() -> None:
    rows = [town("a", 20, 15, 0, None), town("b", 0, 0, 0, 0), town("c", 50, 40, 0, 10)]
    result = coverage_parts.shape(pd.DataFrame(rows), "town_code")
    assert result["group"].tolist() == ["c", "a", "b"]
    assert result["paid_rate"].isna().tolist() == [False, True, True]


TOTAL = {
    "due_persons": 800,
    "due_on_time_persons": 500,
    "due_late_persons": 20,
    "paid_persons": 530,
    "eligible_persons": 1000,
    "last_year_paid_persons": 700,
    "renewed_persons": 490,
}


def test_three_denominators() -> None:
    result = coverage_bases.shape(pd.DataFrame([TOTAL])).set_index("base")
    assert result["rate"].to_dict() == pytest.approx({"due": 0.65, "eligible": 0.53, "last_year": 0.7})
    assert result["base_persons"].to_dict() == {"due": 800, "eligible": 1000, "last_year": 700}


@pytest.mark.parametrize("last_year", [0, None])
def test_a_year_before_that_is_not_loaded_is_unknown(last_year: int | None) -> None:
    total = pd.DataFrame([TOTAL | {"last_year_paid_persons": last_year, "renewed_persons": last_year}])
    rate = coverage_bases.shape(total).set_index("base").loc["last_year", "rate"]
    assert pd.isna(rate)


def test_not_due_reasons_by_size_with_hidden_last() -> None:
    cells = pd.DataFrame(
        {"reason": ["moved", "deceased", "enlisted"], "persons": [30, 80, None], "is_hidden": [False, False, True]}
    )
    assert coverage_not_due.shape(cells)["reason"].tolist() == ["deceased", "moved", "enlisted"]
