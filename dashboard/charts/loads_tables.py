"""Tables of the loads page: sources that open to their files, reasons with what to do, refused files, freshness."""

from collections.abc import Mapping
from datetime import date
from itertools import islice
from typing import Any

import pandas as pd

from configuration.reason_texts import ReasonText, finding_text, load_reason_texts
from dashboard.charts.rows import records
from dashboard.components import TableCell, TableColumn, TableRow, unknown_cell
from dashboard.figures import FigureStyle

Row = Mapping[Any, Any]
MOST_FILES = 30  # files shown below a source; the command line lists all of them
ALL_FILES = "python -m etl status --files"
LEDGER_COLUMNS = ["source", "files", "read", "loaded", "duplicate", "set_aside", "sum", "unexplained"]
WORDS = frozenset({"source", "reason", "todo", "file", "detail", "feed", "kind"})


def columns(style: FigureStyle, *keys: str) -> list[TableColumn]:
    """Heads named `loads.column_<key>`; those in WORDS hold text."""
    return [TableColumn(key, style.text(f"loads.column_{key}"), key not in WORDS) for key in keys]


def ledger_rows(
    ledger: pd.DataFrame, batches: pd.DataFrame, style: FigureStyle, names: Mapping[str, str]
) -> list[TableRow]:
    """One row a source (loads_ledger.shape) that opens to its newest files (rows of load_batches)."""
    newest = sorted(records(batches), key=lambda file: (file["received_at"], file["file_name"]), reverse=True)
    result = []
    for row in records(ledger):
        files = list(islice((file for file in newest if file["feed"] == row["feed"]), MOST_FILES))
        name = names.get(row["feed"], row["feed"])
        children = [TableRow(_ledger_cells(file, file["file_name"], 1, style)) for file in files]
        if row["files"] > len(files):
            children.append(_older_files(row["files"] - len(files), style))
        cells = _ledger_cells(row, name, row["files"], style)
        result.append(TableRow(cells, children=children))
    return result


def reason_rows(df: pd.DataFrame, style: FigureStyle) -> list[TableRow]:
    """One row a reason of loads_reasons.shape: what it is, how many rows, what to do."""
    longest = float(df["rows"].max()) if len(df) else 1.0
    return [
        TableRow(
            {
                "reason": TableCell(_what(row["reason"], style), sort=_what(row["reason"], style)),
                "rows": TableCell(style.formats.count(row["rows"]), sort=row["rows"], share=row["rows"] / longest),
                "todo": TableCell(_todo(row["reason"], style)),
            }
        )
        for row in records(df)
    ]


def refused_rows(df: pd.DataFrame, style: FigureStyle, names: Mapping[str, str]) -> list[TableRow]:
    """One row a refused file: its name, why, what was found, what to do."""
    rows = []
    for row in records(df):
        feed = names.get(row["feed"] or "", "")
        cells = {
            "file": TableCell(row["file_name"], sort=row["file_name"]),
            "feed": TableCell(feed, sort=feed) if feed else unknown_cell(style.text("loads.no_source")),
            "reason": TableCell(_what(row["reason"], style), sort=row["reason"], tone="warn"),
            "detail": TableCell(finding_text(row["detail"], style.words.language)),
            "todo": TableCell(_todo(row["reason"], style)),
        }
        rows.append(TableRow(cells))
    return rows


def freshness_rows(df: pd.DataFrame, as_of_on: date, style: FigureStyle, names: Mapping[str, str]) -> list[TableRow]:
    """One row a source of loads_freshness.shape: last complete day, days behind it."""
    rows = []
    for row in records(df):
        name, behind = names.get(row["feed"], row["feed"]), row["days_behind"]
        latest = row["complete_on"] if row["is_daily"] else row["latest_on"]
        cells = {
            "source": TableCell(name, sort=name),
            "latest": unknown_cell(style.text("loads.no_day"))
            if latest is None
            else TableCell(_day(latest.date(), as_of_on, style), sort=latest.toordinal()),
            "behind": TableCell(style.text("loads.not_daily"), tone="muted")
            if behind is None
            else TableCell(_behind(int(behind), style), sort=behind, tone="warn" if behind else ""),
        }
        rows.append(TableRow(cells))
    return rows


def reason_text(code: str) -> ReasonText | None:
    """What a reason code means and what to do; None for a code that this release does not know."""
    return load_reason_texts().get(code)


def _ledger_cells(row: Row, name: str, files: int, style: FigureStyle) -> dict[str, TableCell]:
    formats = style.formats
    cells = {
        "source": TableCell(name, sort=name),
        "files": TableCell(formats.count(files), sort=files),
        "sum": TableCell(formats.yuan(row["loaded_fen"]), sort=row["loaded_fen"]) if row["read_fen"] else TableCell(""),
    }
    for key in ("read", "loaded", "duplicate", "set_aside"):
        count = row[f"rows_{key}"]
        cells[key] = TableCell(formats.count(count), sort=count, tone="warn" if key == "set_aside" and count else "")
    has_trailer = row.get("files_with_trailer", row.get("trailer_rows")) not in (None, 0)
    unexplained = row["unexplained_fen"]
    if not has_trailer:
        cells["unexplained"] = unknown_cell(style.text("loads.no_trailer"))
    else:
        fen = unexplained or 0
        cells["unexplained"] = TableCell(formats.yuan(fen), sort=abs(fen), tone="warn" if fen else "")
    return cells


def _older_files(count: int, style: FigureStyle) -> TableRow:
    """In place of the files that are cut: how many, and where they are listed."""
    said = style.text("loads.older_files", count=style.formats.count(count), command=ALL_FILES)
    return TableRow({key: TableCell("") for key in LEDGER_COLUMNS} | {"source": TableCell(said, tone="muted")})


def _day(day: date, as_of_on: date, style: FigureStyle) -> str:
    """With its year where that is not the year people are in."""
    return style.formats.day(day) if day.year == as_of_on.year else style.formats.long_day(day)


def _behind(days: int, style: FigureStyle) -> str:
    if not days:
        return style.text("loads.up_to_date")
    return style.text("loads.day_behind" if days == 1 else "loads.days_behind", days=days)


def _what(code: str, style: FigureStyle) -> str:
    found = reason_text(code)
    return found.what.in_language(style.words.language) if found else code


def _todo(code: str, style: FigureStyle) -> str:
    found = reason_text(code)
    return found.todo.in_language(style.words.language) if found else style.text("loads.ask_operator")
