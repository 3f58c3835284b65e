"""Tier uptake counts adults who have a choice; price class and benefit tier stay apart (W4, W12)."""

from dataclasses import dataclass

import pandas as pd
import pytest

from dashboard.charts import tier_income, tier_uptake


@dataclass(frozen=True)
class Line:
    category: str
    tier: str | None
    period: str
    price_class: str
    premium_due_fen: int | None
    benefit_tier: str | None


PRICES = [
    Line("adult", "one", "on_time", "adult_one", 35_000, "one"),
    Line("adult", "two", "on_time", "adult_two", 50_000, "two"),
    Line("minor", None, "on_time", "minor_student", 18_000, "two"),
    Line("student", None, "on_time", "minor_student", 18_000, "two"),
    Line("adult", "one", "late", "adult_one", 85_000, "one"),
]


def cells(*rows: tuple[str, str, int | None]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["age_band", "tier", "paid_persons"]).astype({"paid_persons": "Int64"})
    return table.assign(is_hidden=table["paid_persons"].isna())


def test_uptake_leaves_persons_of_unknown_tier_out_of_the_denominator() -> None:
    now = cells(("18-29", "one", 60), ("18-29", "two", 40), ("18-29", "-", 900))
    row = tier_uptake.shape(now, cells(), "age_band", "two").iloc[0]
    assert (row["choosing_persons"], row["share_rate"]) == (100, pytest.approx(0.4))


def test_change_is_against_the_same_group_last_year() -> None:
    now = cells(("18-29", "one", 60), ("18-29", "two", 40), ("75+", "one", 90), ("75+", "two", 10))
    before = cells(("18-29", "one", 75), ("18-29", "two", 25))
    result = tier_uptake.shape(now, before, "age_band", "two", order=("18-29", "75+"))
    assert result["group"].tolist() == ["18-29", "75+"]
    assert result["change_rate"].iloc[0] == pytest.approx(0.15)
    assert pd.isna(result["change_rate"].iloc[1])


def test_a_group_with_a_hidden_cell_has_no_share_and_stands_last() -> None:
    now = cells(("75+", "one", 50), ("75+", "two", None), ("18-29", "one", 60), ("18-29", "two", 40))
    result = tier_uptake.shape(now, cells(), "age_band", "two")
    assert result["group"].tolist() == ["18-29", "75+"]
    assert bool(result["is_hidden"].iloc[1])
    assert pd.isna(result["share_rate"].iloc[1])


def test_nobody_choosing_is_no_share_rather_than_zero() -> None:
    result = tier_uptake.shape(cells(("18-29", "-", 5)), cells(), "age_band", "two")
    assert result.empty


def income_cells(*rows: tuple[str, str, str, int | None, int | None]) -> pd.DataFrame:
    columns = ["category", "tier", "period", "paid_persons", "paid_fen"]
    return pd.DataFrame(rows, columns=columns)


def test_income_joins_categories_of_one_price_class() -> None:
    result = tier_income.shape(
        income_cells(
            ("adult", "one", "on_time", 10, 350_000),
            ("adult", "one", "late", 2, 170_000),
            ("minor", "-", "on_time", 5, 90_000),
            ("student", "-", "on_time", 5, 90_000),
        ),
        PRICES,
    ).set_index("price_class")
    assert result.loc["minor_student", "paid_persons"] == 10
    assert result.loc["minor_student", "benefit_tier"] == "two"
    assert result.loc["adult_one", "late_persons"] == 2
    assert result.loc["adult_one", "premium_fen"] == 35_000
    assert result["share_rate"].sum() == pytest.approx(1.0)
    assert result["paid_fen"].sum() == 700_000


def test_income_of_unknown_tier_stands_apart() -> None:
    result = tier_income.shape(income_cells(("adult", "-", "on_time", 3, 100_000)), PRICES)
    assert result["price_class"].tolist() == [tier_income.UNKNOWN_CLASS]
    assert pd.isna(result["premium_fen"].iloc[0])


def test_a_hidden_sum_makes_every_share_unknown() -> None:
    result = tier_income.shape(
        income_cells(("adult", "one", "on_time", 10, 350_000), ("minor", "-", "on_time", None, None)), PRICES
    )
    assert result["share_rate"].isna().all()
