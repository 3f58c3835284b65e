"""One figure, three denominators: of those due, of those who should be insured, of last year's insured."""

import pandas as pd

from dashboard.charts.rows import BarRow, Figure, bars, records
from dashboard.figures import FigureStyle
from insurance.values import Certainty, Sourced


def shape(total: pd.DataFrame) -> pd.DataFrame:
    """Three rows: base (due, eligible, last_year), persons, base_persons, rate (0-1).

    `total`: one row with due_persons, due_on_time_persons, due_late_persons, paid_persons, eligible_persons,
    last_year_paid_persons, renewed_persons. A base that is unknown or zero gives no rate: last year's is unknown (not
    zero) when that campaign is not loaded.
    """
    row = total.iloc[0]
    due_paid = row["due_on_time_persons"] + row["due_late_persons"]
    parts = [
        ("due", due_paid, row["due_persons"]),
        ("eligible", row["paid_persons"], row["eligible_persons"]),
        ("last_year", row["renewed_persons"], row["last_year_paid_persons"]),
    ]
    rows = []
    for base, persons, base_persons in parts:
        is_known = not pd.isna(persons) and not pd.isna(base_persons) and base_persons > 0
        rows.append(
            {
                "base": base,
                "persons": int(persons) if is_known else pd.NA,
                "base_persons": int(base_persons) if is_known else pd.NA,
                "rate": float(persons) / float(base_persons) if is_known else pd.NA,
            }
        )
    return pd.DataFrame(rows).astype({"persons": "Int64", "base_persons": "Int64", "rate": "Float64"})


def figure(df: pd.DataFrame, style: FigureStyle) -> Figure:
    """Three bars on a track of 100 %, each with its own numerator and denominator written out."""
    formats = style.formats
    rows = [
        BarRow(
            name=style.text(f"coverage.base_{row['base']}"),
            value=row["rate"],
            text=formats.percent(row["rate"]),
            colour=style.palette.accent if row["base"] == "due" else style.palette.faint,
        )
        for row in records(df)
    ]
    return bars(rows, style, full=1.0, row_px=44)


def sentence(df: pd.DataFrame, style: FigureStyle) -> str:
    """How far the choice of the denominator moves the figure."""
    rates = df["rate"].dropna()
    if len(rates) < 2:
        return style.text("coverage.bases_one")
    return style.text(
        "coverage.bases_apart",
        low=style.formats.percent(float(rates.min())),
        high=style.formats.percent(float(rates.max())),
    )


def meanings(df: pd.DataFrame, style: FigureStyle, target: Sourced[float]) -> list[tuple[str, str]]:
    """What each base divides, with its numbers, or why it is unknown; and the target with its own denominator."""
    formats = style.formats
    pairs = []
    for row in records(df):
        if row["rate"] is None:
            said = style.text(f"coverage.base_unknown_{row['base']}")
        else:
            said = f"{formats.count(row['persons'])} ÷ {formats.count(row['base_persons'])}"
        pairs.append((style.text(f"coverage.base_{row['base']}_means"), said))
    if target.value is not None:
        mark = style.text("common.assumed") if target.certainty is Certainty.ASSUMED else ""
        pairs.append((style.text("coverage.target"), f"{formats.percent(target.value, 0)} {mark}".strip()))
    return pairs
