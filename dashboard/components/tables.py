"""Tables that sort, with a bar behind the number and rows that open in place. assets/table.js does the moving."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dash import html
from dash.development.base_component import Component

from dashboard.components.text import Tone
from dashboard.formats import UNKNOWN, Words


@dataclass(frozen=True)
class TableColumn:
    """A column: its key in the rows, its head, whether its cells are numbers, a note shown on its head."""

    key: str
    label: str
    is_number: bool = True
    note: str = ""


@dataclass(frozen=True)
class TableCell:
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
    """A row; its first cell names it. `children` are rows that it opens in place (needs a `key`)."""

    cells: Mapping[str, TableCell]
    key: str = ""
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
    head = html.Thead(html.Tr([_head(column, sorted_by) for column in columns]))
    body: list[Component] = []
    for row in rows:
        body.append(_row(columns, row))
        body.extend(_row(columns, child, parent=row.key) for child in row.children)
    title = html.Caption(caption, className="" if shows_caption else "cb-visually-hidden")
    frame = "cb-table-frame cb-table-frame--free" if is_free else "cb-table-frame"
    table = html.Table([title, head, html.Tbody(body)], className="cb-table")
    # A region that scrolls must be reachable by keyboard.
    return html.Div(table, className=frame, tabIndex=0, role="region", **_attributes({"aria-label": caption}))


def _head(column: TableColumn, sorted_by: tuple[str, str] | None) -> Component:
    direction = sorted_by[1] if sorted_by is not None and sorted_by[0] == column.key else "none"
    return html.Th(
        html.Button(column.label, className="cb-sort", type="button", title=column.note or None),
        scope="col",
        className="cb-number" if column.is_number else "",
        **_attributes({"aria-sort": direction}),
    )


def _row(columns: Sequence[TableColumn], row: TableRow, parent: str = "") -> Component:
    first, *others = columns
    name = row.cells[first.key]
    label: str | Component = name.text
    if row.children:
        label = html.Button(name.text, className="cb-open", type="button", **_attributes({"aria-expanded": "false"}))
    cells: list[Component] = [html.Th(label, scope="row", **_sorting(name))]
    cells += [_cell(column, row.cells[column.key]) for column in others]
    attributes: dict[str, Any] = {}
    if row.children:
        attributes["data-key"] = row.key
    if parent:
        attributes |= {"data-parent": parent, "hidden": True}
    return html.Tr(cells, className="cb-total" if row.is_total else "", **attributes)


def _cell(column: TableColumn, cell: TableCell) -> Component:
    classes = ["cb-number"] if column.is_number else []
    if cell.tone:
        classes.append(f"cb-tone-{cell.tone}")
    style: dict[str, str] = {}
    if cell.share is not None:
        classes.append("cb-bar")
        if cell.tone == "warn":
            classes.append("cb-bar--warn")
        style["--share"] = f"{min(max(cell.share, 0.0), 1.0):.3f}"
    content: list[Component | str] = [cell.text]
    if cell.reason:
        classes.append("cb-unknown")
        content.append(html.Span(cell.reason, className="cb-visually-hidden"))
    return html.Td(content, className=" ".join(classes), style=style, title=cell.reason or None, **_sorting(cell))


def _attributes(named: dict[str, str]) -> dict[str, Any]:
    """Attributes whose names have a hyphen; Dash takes them, but its signatures do not know them."""
    return dict(named)


def _sorting(cell: TableCell) -> dict[str, Any]:
    return {} if cell.sort is None else {"data-sort": str(cell.sort)}
