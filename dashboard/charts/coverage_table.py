"""The table of coverage: towns that open to their villages, every rate with its denominator in the same row."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from dashboard.charts.rows import records
from dashboard.components import TableCell, TableColumn, TableRow, hidden_cell, unknown_cell
from dashboard.figures import FigureStyle

Row = Mapping[Any, Any]


def columns(style: FigureStyle, has_late: bool, has_last_year: bool) -> list[TableColumn]:
    """Heads from left to right; late and last year's columns only where there is something in them."""
    keys = ["name", "rate", "due", "on_time", *(["late"] if has_late else []), "unpaid", "eligible_rate"]
    keys += ["renewed"] if has_last_year else []
    notes = {"eligible_rate": "coverage.note_eligible", "renewed": "coverage.note_renewed"}
    return [
        TableColumn(
            key, style.text(f"coverage.column_{key}"), key != "name", style.text(notes[key]) if key in notes else ""
        )
        for key in keys
    ]


def rows(
    towns: pd.DataFrame, villages: pd.DataFrame, total: pd.DataFrame, style: FigureStyle, name: Callable[[str], str]
) -> list[TableRow]:
    """Town rows with their villages as children, and the whole at the end.

    `towns`, `villages`: coverage_parts.shape of town_code and division_code (villages keep town_code); `total`: one
    row, may be empty. `name` gives a division's name.
    """
    by_town: dict[str, list[TableRow]] = {}
    for row in records(villages):
        by_town.setdefault(row["town_code"], []).append(TableRow(_cells(row, name(row["group"]), style)))
    result = [
        TableRow(_cells(row, name(row["group"]), style), children=by_town.get(row["group"], []))
        for row in records(towns)
    ]
    whole = style.text("common.total")
    return result + [TableRow(_cells(row, whole, style), is_total=True) for row in records(total)]


def village_rows(villages: pd.DataFrame, style: FigureStyle, name: Callable[[str], str]) -> list[TableRow]:
    """One row a village, for the page of one town."""
    return [TableRow(_cells(row, name(row["group"]), style)) for row in records(villages)]


def _cells(row: Row, name: str, style: FigureStyle) -> dict[str, TableCell]:
    return {
        "name": TableCell(name, sort=name),
        "rate": _rate(row["paid_rate"], row, style, has_bar=True),
        "due": _count(row["due_persons"], style),
        "on_time": _count(row["due_on_time_persons"], style),
        "late": _count(row["due_late_persons"], style),
        "unpaid": _count(row["due_unpaid_persons"], style),
        "eligible_rate": _rate(_share(row["paid_persons"], row["eligible_persons"]), row, style),
        "renewed": _rate(_share(row["renewed_persons"], row["last_year_paid_persons"]), row, style),
    }


def _count(persons: float | None, style: FigureStyle) -> TableCell:
    return hidden_cell(style.words) if persons is None else TableCell(style.formats.count(persons), sort=persons)


def _rate(rate: float | None, row: Row, style: FigureStyle, has_bar: bool = False) -> TableCell:
    if rate is None:
        return unknown_cell(style.text("coverage.rate_hidden" if row["is_hidden"] else "coverage.rate_unknown"))
    return TableCell(style.formats.percent(rate), sort=rate, share=rate if has_bar else None)


def _share(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None
