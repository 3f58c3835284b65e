"""A file of any feed from its rows: the inverse of reading, driven by the feed file alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from configuration.feed import Column, Delimited, Excel, FixedWidth
from etl.synth.cell_text import Writer, money_text
from etl.synth.damage import apply_defects
from etl.synth.people_names import name_stock
from etl.synth.rows import Column as RowColumn
from etl.synth.rows import Defect, Rows
from etl.synth.workbook import write_workbook

_SHEET_STEP = 1_000_000


@dataclass(frozen=True)
class Style:
    """How one file differs from its sisters within what the feed allows, and what is wrong with it as a whole."""

    variant: int = 0  # picks header names and date formats
    is_reordered: bool = False
    has_unknown_column: bool = False
    encoding: int = 0  # index into the feed's encodings
    version: str = "01"  # the file's own sequence, for trailers that repeat it
    rows_missing: int = 0  # truncated: the trailer counts rows that are not there
    sum_off_fen: int = 0  # the trailer's sum is wrong


@dataclass
class Written:
    """The bytes of a file and where its rows stand: `line_no[i]` of row i."""

    content: bytes
    line_no: RowColumn
    broken_lines: list[int] = field(default_factory=list)  # second halves of rows split by a line break


def render(writer: Writer, rows: Rows, style: Style, outside_on: str) -> Written:
    """The file with these rows. `outside_on` is a day (yyyy-mm-dd) outside every campaign."""
    columns = list(writer.feed.columns)
    texts = {c.field: writer.column(c, rows, variant=style.variant) for c in columns}
    apply_defects(texts, rows, writer.feed, writer.plan.city.root_division_code, outside_on)
    layout = writer.feed.format
    if isinstance(layout, Delimited):
        return _delimited(writer, layout, texts, rows, style)
    if isinstance(layout, FixedWidth):
        return _fixed_width(writer, layout, texts, rows, style)
    return _excel(writer, layout, texts, rows, style)


def _delimited(
    writer: Writer, layout: Delimited, texts: dict[str, pa.StringArray], rows: Rows, style: Style
) -> Written:
    names, cells = _laid_out(writer, texts, len(rows), style)
    mark, encoding = layout.delimiter, layout.encodings[style.encoding % len(layout.encodings)]
    line_end = "\r\n" if encoding.startswith("gb") else "\n"
    stock = name_stock()
    head = [stock.file_title] * layout.skip_lines + ([mark.join(names)] if layout.has_header else [])
    kept = len(rows) - style.rows_missing
    tail = [mark.join(_trailer(writer, layout.trailer, rows, style))] if layout.trailer else []
    body = _joined_lines([cell.slice(0, kept) for cell in cells], mark, line_end) if kept else ""
    text = "".join(line + line_end for line in head) + body + "".join(line + line_end for line in tail)
    split = np.cumsum(rows.defect[:kept] == Defect.NEWLINE)
    line_no = len(head) + 1 + np.arange(kept) + split - (rows.defect[:kept] == Defect.NEWLINE)
    return Written(text.encode(encoding), line_no, (line_no[rows.defect[:kept] == Defect.NEWLINE] + 1).tolist())


def _laid_out(
    writer: Writer, texts: dict[str, pa.StringArray], count: int, style: Style
) -> tuple[list[str], list[pa.StringArray]]:
    """Header names and columns in the order of this file: known columns, ignored ones, perhaps an unknown one."""
    filler = pa.array([""] * count, pa.string())
    positioned = [column for column in writer.feed.columns if column.position]
    if positioned:
        width = max(column.position or 0 for column in positioned)
        by_place = {column.position: texts[column.field] for column in positioned}
        blank = pa.array(["0"] * count, pa.string())
        return [], [by_place.get(place, blank) for place in range(1, width + 1)]
    pairs = [(_header(column, style), texts[column.field]) for column in writer.feed.columns]
    pairs += [(name, pa.array([name_stock().filler] * count, pa.string())) for name in writer.feed.ignored_headers]
    if style.has_unknown_column:
        pairs.append((name_stock().unknown_header, filler))
    if style.is_reordered:
        pairs = pairs[-1:] + pairs[:-1] if len(pairs) > len(texts) else pairs
        pairs[1], pairs[2] = pairs[2], pairs[1]
    return [name for name, _ in pairs], [cells for _, cells in pairs]


def _header(column: Column, style: Style) -> str:
    return column.headers[style.variant % len(column.headers)]


def _joined_lines(cells: list[pa.StringArray], mark: str, line_end: str) -> str:
    last = pc.binary_join_element_wise(cells[-1], line_end, "")
    lines = pc.binary_join_element_wise(*cells[:-1], last, mark) if len(cells) > 1 else last
    if isinstance(lines, pa.ChunkedArray):
        lines = lines.combine_chunks()
    data = lines.buffers()[2]
    return data.to_pybytes().decode("utf-8") if data is not None else ""


def _trailer(writer: Writer, trailer: object, rows: Rows, style: Style) -> Iterator[str]:
    layout = writer.feed.format
    spec = None if isinstance(layout, Excel) else layout.trailer
    if spec is None:
        return
    total = int(rows.columns["amount"].sum()) + style.sum_off_fen if "amount" in rows.columns else 0
    text = money_text(np.array([total]), spec.sum_unit == "fen")[0].as_py()
    placed = {
        1: spec.marker,
        spec.count_position: str(len(rows)),
        spec.sum_position: text,
        spec.version_position: style.version,
    }
    width = max(place for place in placed if place is not None)
    yield from (placed.get(place, "") for place in range(1, width + 1))


def _fixed_width(
    writer: Writer, layout: FixedWidth, texts: dict[str, pa.StringArray], rows: Rows, style: Style
) -> Written:
    encoding = layout.encodings[style.encoding % len(layout.encodings)]
    placed = sorted(writer.feed.columns, key=lambda column: column.span or (0, 0))
    at = 1
    cells: list[pa.StringArray] = []
    for column in placed:
        start, length = column.span or (at, 0)
        if start > at:
            cells.append(pa.array([" " * (start - at)] * len(rows), pa.string()))
        cells.append(_padded(texts[column.field], length))
        at = start + length
    cells.append(pa.array([" " * (layout.line_bytes + 1 - at)] * len(rows), pa.string()))
    broken = rows.defect == Defect.LINE_LENGTH
    if broken.any():
        cells[-1] = pc.if_else(pa.array(broken), "??", cells[-1])
    body = _joined_lines([pc.binary_join_element_wise(*cells, "")], "", "\r\n") if len(rows) else ""
    tail = " ".join(_trailer(writer, layout.trailer, rows, style)) + "\r\n" if layout.trailer else ""
    return Written((body + tail).encode(encoding), np.arange(1, len(rows) + 1))


def _padded(texts: pa.StringArray, length: int) -> pa.StringArray:
    """Texts filled with blanks to `length` bytes, a Chinese character counting two."""
    bytes_utf8, characters = np.asarray(pc.binary_length(texts)), np.asarray(pc.utf8_length(texts))
    width = characters + (bytes_utf8 - characters) // 2
    blanks = pa.array([" " * count for count in range(length + 1)])
    return pc.binary_join_element_wise(texts, blanks.take(pa.array(np.clip(length - width, 0, length))), "")


def _excel(writer: Writer, layout: Excel, texts: dict[str, pa.StringArray], rows: Rows, style: Style) -> Written:
    names, cells = _laid_out(writer, texts, len(rows), style)
    sheets = layout.sheets or ("Sheet1",)
    titles = name_stock().titles[: max(0, layout.header_within_rows - 1)]
    values = [cell.to_pylist() for cell in cells]
    money = {_header(c, style) for c in writer.feed.columns if c.parse == "money"}
    table = [
        [_typed(text, name in money) for text, name in zip(row, names, strict=True)]
        for row in zip(*values, strict=True)
    ]
    bounds = list(pairwise(np.linspace(0, len(rows), len(sheets) + 1).astype(int).tolist()))
    parts = [(name, table[a:b]) for name, (a, b) in zip(sheets, bounds, strict=True)]
    first_row = len(titles) + 2
    line_no = np.concatenate(
        [index * _SHEET_STEP + first_row + np.arange(b - a) for index, (a, b) in enumerate(bounds)]
    )
    return Written(write_workbook(parts, names, titles), line_no)


def _typed(text: str, is_money: bool) -> str | float | None:
    """Amounts as numbers, and identifiers that a spreadsheet took for numbers: their last digits are gone."""
    if "E+17" in text:
        return float(text)
    if (
        is_money
        and text.replace(".", "", 1).isascii()
        and text.replace(".", "", 1).isdigit()
        and len(text.partition(".")[2]) <= 2
    ):
        return float(text)
    return text or None
