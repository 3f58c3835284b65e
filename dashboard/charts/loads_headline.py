"""The sentence of the loads page and the identity below it: read = loaded + duplicate + set aside."""

from collections.abc import Mapping

import pandas as pd
from dash.development.base_component import Component

from dashboard.components import kpi
from dashboard.figures import FigureStyle


def sentence(totals: Mapping[str, int], refused_files: int, difference_fen: int | None, style: FigureStyle) -> str:
    """How much was read, how much of it set aside, whether the money agrees, whether a file waits for somebody."""
    formats, text = style.formats, style.text
    rate = totals["rows_set_aside"] / totals["rows_read"] if totals["rows_read"] else None
    if difference_fen is None:
        money = text("loads.headline_money_unknown")
    elif difference_fen == 0:
        money = text("loads.headline_money_agree")
    else:
        sign = "+" if difference_fen > 0 else ""
        money = text("loads.headline_money_differ", difference=sign + formats.yuan(difference_fen))
    refused = text("loads.headline_refused", count=refused_files) if refused_files else ""
    return text(
        "loads.headline",
        files=formats.count(totals["files"]),
        rows=formats.count(totals["rows_read"]),
        set_aside=formats.count(totals["rows_set_aside"]),
        rate=formats.percent(rate, 2),
        money=money,
        refused=refused,
    )


def identity(totals: Mapping[str, int], style: FigureStyle) -> list[Component]:
    """Four figures that add up in rows and in fen: read, loaded, duplicate, set aside."""
    formats = style.formats
    figures = []
    for part in ("read", "loaded", "duplicate", "set_aside"):
        money = style.text("loads.identity_money", money=formats.yuan(totals[f"{part}_fen"]))
        tone = "warn" if part == "set_aside" and totals["rows_set_aside"] else ""
        label = style.text(f"loads.identity_{part}")
        rows = formats.count(totals[f"rows_{part}"])
        figures.append(kpi(label, rows, style.text("loads.rows"), money, "warn" if tone else ""))
    return figures


def identity_words(totals: Mapping[str, int], style: FigureStyle) -> str:
    """Whether the identity holds in every source, and what stands outside it."""
    key = "loads.identity_broken" if totals["unbalanced_feeds"] else "loads.identity_holds"
    said = style.text(key, count=totals["unbalanced_feeds"])
    unreadable = totals["rows_unreadable_amount"]
    if unreadable:
        said += style.text("loads.identity_unreadable", rows=style.formats.count(unreadable))
    return said


def trailer_words(totals: Mapping[str, int], style: FigureStyle) -> str:
    """How many files brought a summary line, and what it declares beyond the readable amounts."""
    if not totals["files_with_trailer"]:
        return style.text("loads.trailers_none")
    key = "loads.trailers_differ" if totals["unexplained_fen"] else "loads.trailers_agree"
    files, money = style.formats.count(totals["files_with_trailer"]), style.formats.yuan(totals["unexplained_fen"])
    return style.text(key, files=files, money=money)


def freshness_title(df: pd.DataFrame, style: FigureStyle, names: Mapping[str, str]) -> str:
    """Which daily source is furthest behind; or that all of them are complete."""
    late = df[df["days_behind"].fillna(0) > 0]
    if df["days_behind"].notna().sum() == 0:
        return style.text("loads.freshness_none")
    if late.empty:
        return style.text("loads.freshness_all")
    first = late.iloc[0]
    name = names.get(str(first["feed"]), str(first["feed"]))
    days = int(first["days_behind"])
    return style.text("loads.freshness_day" if days == 1 else "loads.freshness_days", source=name, days=days)
