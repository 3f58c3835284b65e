"""Rows set aside, by reason."""

from collections import Counter

import pandas as pd

from configuration.reason_texts import load_reason_texts
from dashboard.charts.rows import records
from dashboard.figures import FigureStyle


def shape(cells: pd.DataFrame) -> pd.DataFrame:
    """One row a reason, the most frequent first: reason, rows, feeds (how many), amount_fen (readable), share_rate.

    `cells`: reason, feed, rows, amount_fen.
    """
    rows: Counter[str] = Counter()
    fen: Counter[str] = Counter()
    feeds: dict[str, set[str]] = {}
    for cell in records(cells):
        rows[cell["reason"]] += cell["rows"]
        fen[cell["reason"]] += cell["amount_fen"] or 0
        feeds.setdefault(cell["reason"], set()).add(cell["feed"])
    total = rows.total()
    ordered = sorted(rows, key=lambda reason: (-rows[reason], reason))
    found = [(reason, rows[reason], len(feeds[reason]), fen[reason], rows[reason] / total) for reason in ordered]
    return pd.DataFrame(found, columns=["reason", "rows", "feeds", "amount_fen", "share_rate"])


def sentence(df: pd.DataFrame, style: FigureStyle) -> str:
    """The most frequent reason and its share of the rows set aside."""
    if df.empty:
        return style.text("loads.reasons_none")
    first = records(df)[0]
    found = load_reason_texts().get(first["reason"])
    reason = found.what.in_language(style.words.language) if found else first["reason"]
    return style.text("loads.reasons_finding", reason=reason, share=style.formats.percent(first["share_rate"], 0))
