"""Rows set aside, by reason."""

import pandas as pd

from configuration.reason_texts import load_reason_texts
from dashboard.charts.rows import records
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


def sentence(df: pd.DataFrame, style: FigureStyle) -> str:
    """The most frequent reason and its share of the rows set aside."""
    if df.empty:
        return style.text("loads.reasons_none")
    first = records(df)[0]
    found = load_reason_texts().get(first["reason"])
    reason = found.what.in_language(style.words.language) if found else first["reason"]
    return style.text("loads.reasons_finding", reason=reason, share=style.formats.percent(first["share_rate"], 0))
