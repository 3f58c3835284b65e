"""The data behind the charts of tiers, as tables."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from dash.development.base_component import Component

from dashboard.charts.rows import records
from dashboard.components import TableCell, TableColumn, TableRow, data_table, hidden_cell, unknown_cell
from dashboard.figures import FigureStyle


def uptake(
    df: pd.DataFrame, style: FigureStyle, names: Mapping[str, str], tier_name: str, group: str, before_year: int
) -> Component:
    """Rows of tier_uptake.shape; `group` is "age" or "town", for the head of the first column."""
    formats = style.formats
    columns = [
        TableColumn("group", style.text(f"tiers.column_group_{group}"), False),
        TableColumn("share", style.text("tiers.column_share", tier=tier_name)),
        TableColumn("upper", style.text("tiers.column_upper", tier=tier_name)),
        TableColumn("choosing", style.text("tiers.column_choosing")),
        TableColumn("before", style.text("tiers.column_before", year=before_year)),
        TableColumn("change", style.text("tiers.column_change")),
    ]
    rows = []
    for row in records(df):
        share, before, change = row["share_rate"], row["before_rate"], row["change_rate"]
        missing = unknown_cell(style.text("tiers.share_hidden")) if row["is_hidden"] else None
        no_before = unknown_cell(style.text("tiers.no_before"))
        cells = {
            "group": TableCell(names.get(row["group"], row["group"]), sort=names.get(row["group"], row["group"])),
            "share": missing or TableCell(formats.percent(share), sort=share, share=share),
            "upper": _count(row["upper_persons"], style),
            "choosing": _count(row["choosing_persons"], style),
            "before": no_before if before is None else TableCell(formats.percent(before), sort=before),
            "change": no_before if change is None else TableCell(formats.points(change), sort=change),
        }
        rows.append(TableRow(cells))
    return data_table(style.text("tiers.table_caption", tier=tier_name), columns, rows)


def income(df: pd.DataFrame, style: FigureStyle, classes: Mapping[str, str], benefits: Mapping[str, str]) -> Component:
    """Rows of tier_income.shape: price class, price, benefit tier, persons, income."""
    names = ["class", "price", "benefit", "persons", "income", "income_share"]
    texts = {"class", "benefit"}
    columns = [TableColumn(name, style.text(f"tiers.column_{name}"), name not in texts) for name in names]
    return data_table(
        style.text("tiers.income_caption"), columns, [_income_row(row, style, classes, benefits) for row in records(df)]
    )


def _income_row(
    row: Mapping[Any, Any], style: FigureStyle, classes: Mapping[str, str], benefits: Mapping[str, str]
) -> TableRow:
    formats = style.formats
    name = classes.get(row["price_class"]) or style.text("tiers.class_unknown")
    price, share, fen = row["premium_fen"], row["share_rate"], row["paid_fen"]
    benefit = benefits.get(row["benefit_tier"] or "")
    cells = {
        "class": TableCell(name, sort=name),
        "price": unknown_cell(style.text("tiers.price_unknown")),
        "benefit": unknown_cell(style.text("tiers.benefit_unknown")),
        "persons": _count(row["paid_persons"], style),
        "income": hidden_cell(style.words),
        "income_share": unknown_cell(style.text("tiers.share_hidden")),
    }
    if price is not None:
        cells["price"] = TableCell(formats.yuan(price, 0), sort=price)
    if benefit:
        cells["benefit"] = TableCell(benefit, sort=benefit)
    if fen is not None:
        cells["income"] = TableCell(formats.yuan(fen), sort=fen, share=share)
    if share is not None:
        cells["income_share"] = TableCell(formats.percent(share), sort=share)
    return TableRow(cells)


def _count(persons: float | None, style: FigureStyle) -> TableCell:
    return hidden_cell(style.words) if persons is None else TableCell(style.formats.count(persons), sort=persons)
