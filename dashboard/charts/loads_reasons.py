"""Rows set aside, by reason."""

from collections.abc import Mapping

import pandas as pd

from dashboard.charts.rows import BarRow, Figure, bars, records
from dashboard.figures import FigureStyle


def shape(cells: pd.DataFrame) -> pd.DataFrame:
    """One row a reason, the most frequent first: reason, rows, feeds (how many), amount_fen (readable), share_rate.

    `cells`: reason, feed, rows, amount_fen.
    """
    typed = cells.astype({"rows": "Int64", "amount_fen": "Int64"})
    result = (
        typed.groupby("reason")
        .agg(rows=("rows", "sum"), feeds=("feed", "nunique"), amount_fen=("amount_fen", "sum"))
        .reset_index()
    )
    total = int(result["rows"].sum())
    result["share_rate"] = (result["rows"].astype("Float64") / total) if total else pd.Series(dtype="Float64")
    return result.sort_values(["rows", "reason"], ascending=[False, True]).reset_index(drop=True)


def figure(df: pd.DataFrame, style: FigureStyle, names: Mapping[str, str]) -> Figure:
    """One bar a reason, its rows at the end."""
    rows = [
        BarRow(name=names[row["reason"]], value=row["rows"], text=style.formats.count(row["rows"]))
        for row in records(df)
    ]
    return bars(rows, style, row_px=30)


def sentence(df: pd.DataFrame, style: FigureStyle, names: Mapping[str, str]) -> str:
    """The most frequent reason and its share of the rows set aside."""
    if df.empty:
        return style.text("loads.reasons_none")
    first = records(df)[0]
    share = style.formats.percent(first["share_rate"], 0)
    return style.text("loads.reasons_finding", reason=names[first["reason"]], share=share)
