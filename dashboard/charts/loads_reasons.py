"""Rows set aside, by reason."""

import pandas as pd


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
