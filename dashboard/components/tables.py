"""Tables that sort, with a bar behind the number and rows that open in place.

A table travels as its data, in one attribute of its frame, and assets/table.js draws it: thousands of cells as
components would cost more than everything else on a page, on both sides of the wire.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from dash import html
from dash.development.base_component import Component

from dashboard.components.text import Tone
from dashboard.formats import UNKNOWN, Words
from dashboard.markup import attributes

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True)
class TableColumn:
    """A column: its key in the rows, its head, whether its cells are numbers, a note shown on its head."""

    key: str
    label: str
    is_number: bool = True
    note: str = ""


class TableCell(NamedTuple):
    """A cell.

    Attributes:
        text: what is shown.
        sort: what it sorts by; None sorts last (unknown or hidden).
        share: length of the bar behind it, 0–1; None without a bar.
        tone: colour of the text and the bar.
        reason: why it is unknown or hidden, shown on hover and read aloud.
    """

    text: str
    sort: float | str | None = None
    share: float | None = None
    tone: Tone = ""
    reason: str = ""


@dataclass(frozen=True)
class TableRow:
    """A row; its first cell names it. `children` are rows that it opens in place."""

    cells: Mapping[str, TableCell]
    children: Sequence["TableRow"] = field(default=())
    is_total: bool = False


def hidden_cell(words: Words) -> TableCell:
    """The cell of a small count that the reader's role may not see."""
    return TableCell(words.text("common.hidden"), reason=words.text("common.hidden_reason"), tone="muted")


def unknown_cell(reason: str) -> TableCell:
    """The cell of a value that nobody states."""
    return TableCell(UNKNOWN, reason=reason, tone="muted")


def data_table(
    caption: str,
    columns: Sequence[TableColumn],
    rows: Sequence[TableRow],
    *,
    sorted_by: tuple[str, Literal["ascending", "descending"]] | None = None,
    is_free: bool = False,
    shows_caption: bool = True,
) -> Component:
    """An accessible table.

    Args:
        caption: what the table holds, with unit and denominator.
        columns: from left to right; the first one names the rows.
        rows: in the order they are first shown.
        sorted_by: the column and direction that `rows` already have.
        is_free: grow with the rows instead of scrolling inside the card.
        shows_caption: False where the card's title says it already; the caption is then only read aloud.
    """
    reasons: dict[str, int] = {}
    table: dict[str, Json] = {
        "caption": caption,
        "shows_caption": shows_caption,
        "columns": [[column.label, column.is_number, column.note] for column in columns],
        "sorted": None if sorted_by is None else [_position(columns, sorted_by[0]), sorted_by[1]],
        "rows": [_row([column.key for column in columns], row, reasons) for row in rows],
        "reasons": list(reasons),
    }
    return html.Div(
        className="cb-table-frame cb-table-frame--free" if is_free else "cb-table-frame",
        # A region that scrolls must be reachable by keyboard.
        tabIndex=0,
        role="region",
        **attributes(aria_label=caption, data_table=json.dumps(table, ensure_ascii=False, separators=(",", ":"))),
    )


def _position(columns: Sequence[TableColumn], key: str) -> int:
    return [column.key for column in columns].index(key)


def _row(keys: Sequence[str], row: TableRow, reasons: dict[str, int]) -> Json:
    """Cells, then as far as there are any: the rows that it opens, and whether it is the total."""
    cells: Json = [_cell(row.cells[key], reasons) for key in keys]
    children: Json = [_row(keys, child, reasons) for child in row.children]
    if row.is_total:
        return [cells, children, True]
    return [cells, children] if children else [cells]


def _cell(cell: TableCell, reasons: dict[str, int]) -> Json:
    """Text, value to sort by, share, tone and number of the reason; as short as it can be told."""
    if cell.share is None and not cell.tone and not cell.reason:  # most cells
        return cell.text if cell.sort is None else [cell.text, cell.sort]
    parts: list[Json] = [
        cell.text,
        cell.sort,
        None if cell.share is None else round(min(max(cell.share, 0.0), 1.0), 3),
        cell.tone or None,
        reasons.setdefault(cell.reason, len(reasons)) if cell.reason else None,
    ]
    while parts[-1] is None:
        parts.pop()
    return parts
