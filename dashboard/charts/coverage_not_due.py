"""Who is not due, by reason: they are outside the denominator, so they are counted where everyone can see them."""

import pandas as pd

from dashboard.charts.rows import BarRow, Figure, bars, records
from dashboard.figures import FigureStyle


def shape(cells: pd.DataFrame) -> pd.DataFrame:
    """Rows of mart_not_due by reason (reason, persons, is_hidden), the most frequent first, hidden ones last."""
    result = cells[["reason", "persons", "is_hidden"]].astype({"persons": "Int64"})
    return result.sort_values(["persons", "reason"], ascending=[False, True], na_position="last").reset_index(drop=True)


def figure(df: pd.DataFrame, style: FigureStyle) -> Figure:
    """One bar a reason, persons at its end."""
    rows = [
        BarRow(
            name=style.text(f"coverage.reason_{row['reason']}"),
            value=row["persons"],
            text=style.text("common.hidden") if row["is_hidden"] else style.formats.persons(row["persons"]),
            colour=style.palette.hues[6],
        )
        for row in records(df)
    ]
    return bars(rows, style)


def sentence(df: pd.DataFrame, style: FigureStyle) -> str:
    """The most frequent reason and its share of those not due; a plain title when a count is hidden."""
    counts = df["persons"]
    if df.empty or bool(counts.isna().any()) or int(counts.sum()) == 0:
        return style.text("coverage.not_due_title")
    first = df.iloc[0]
    return style.text(
        "coverage.not_due_finding",
        reason=style.text(f"coverage.reason_{first['reason']}"),
        share=style.formats.percent(float(first["persons"]) / float(counts.sum()), 0),
    )
