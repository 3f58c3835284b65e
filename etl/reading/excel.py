"""Workbooks: the header row is found by its names, below whatever merged titles a clerk has put above it."""

import io
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from configuration.feed import Column, Excel
from etl.reading.rows import Declared, RawRows, RefusedFileError, repeated_names
from etl.reading.trailer import declared_by
from etl.reading.workbook_guard import refuse_unsafe_workbook
from etl.reasons import FileReason

SHEET_STEP = 1_000_000  # more rows than the guard lets through; line number = sheet index × SHEET_STEP + row
LARGEST_EXACT_FLOAT = 2**53

Cell = str | float | bool | date | datetime | time | timedelta | None


def read_excel(data: bytes, layout: Excel, columns: tuple[Column, ...]) -> RawRows:
    """Rows of a workbook. Raises RefusedFileError when it cannot be read, or a sheet lacks a needed column."""
    refuse_unsafe_workbook(data)
    sheets = _sheets(data, layout)
    if missing := sorted(set(layout.sheets) - {name for name, _ in sheets}):
        raise RefusedFileError(FileReason.UNREADABLE_WORKBOOK, "sheets_missing", sheets=", ".join(missing))
    collected: dict[str, list[str]] = {}
    numbers: list[int] = []
    raw: list[str] = []
    declared: list[Declared] = []
    repeated: frozenset[str] = frozenset()
    for index, (name, rows) in enumerate(sheets):
        header_at = _find_header(rows, columns, layout)
        if header_at is None:
            if any(_text(cell) for row in rows for cell in row):
                rows_searched = layout.header_within_rows
                raise RefusedFileError(FileReason.MISSING_COLUMN, "header_missing", sheet=name, rows=rows_searched)
            continue
        headers = [_text(cell).strip() for cell in rows[header_at]]
        repeated |= repeated_names(headers)
        positions = {header: headers.index(header) for header in headers if header}
        body, summary = _body(rows, header_at, layout)
        declared += [summary] if summary else []
        for row_number, row in body:
            cells = [_text(cell) for cell in row]
            numbers.append(index * SHEET_STEP + row_number)
            raw.append("\t".join(cells))
            for header, position in positions.items():
                # A header that another sheet lacks leaves blanks there.
                column = collected.setdefault(header, [])
                column.extend([""] * (len(numbers) - 1 - len(column)))
                column.append(cells[position] if position < len(cells) else "")
        for header in positions:
            collected.setdefault(header, [])
    for column in collected.values():
        column.extend([""] * (len(numbers) - len(column)))
    return RawRows(
        encoding="xlsx",
        columns={header: pa.array(values, pa.string()) for header, values in collected.items()},
        line_no=np.array(numbers, dtype=np.int64),
        raw=pa.array(raw, pa.string()),
        declared=_total(declared) if declared else None,
        repeated=repeated,
    )


def _sheets(data: bytes, layout: Excel) -> list[tuple[str, Sequence[Sequence[Cell]]]]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = [name for name in workbook.sheet_names if not layout.sheets or name in layout.sheets]
        return [(name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in names]
    except (CalamineError, ValueError, OSError):
        raise RefusedFileError(FileReason.UNREADABLE_WORKBOOK, "no_workbook") from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how a fault inside the reader arrives: no Exception, no import
            raise
        raise RefusedFileError(FileReason.UNREADABLE_WORKBOOK, "no_workbook") from None


def _find_header(rows: Sequence[Sequence[Cell]], columns: tuple[Column, ...], layout: Excel) -> int | None:
    for index, row in enumerate(rows[: layout.header_within_rows]):
        found = {_text(cell).strip() for cell in row}
        if all(column.is_optional or found & set(column.headers) for column in columns):
            return index
    return None


def _body(
    rows: Sequence[Sequence[Cell]], header_at: int, layout: Excel
) -> tuple[list[tuple[int, Sequence[Cell]]], Declared | None]:
    """Data rows with their 1-based row numbers, blank rows left out, and the summary row."""
    body = []
    summary = None
    for index in range(header_at + 1, len(rows)):
        cells = [_text(cell) for cell in rows[index]]
        if not any(cells):
            continue
        if layout.trailer and (found := declared_by(cells, layout.trailer)):
            summary = found
            continue
        body.append((index + 1, rows[index]))
    if layout.trailer and body and summary is None:
        raise RefusedFileError(FileReason.MISSING_TRAILER, "no_summary_line", marker=layout.trailer.marker)
    return body, summary


def _total(declared: list[Declared]) -> Declared:
    def total(values: list[int | None]) -> int | None:
        return None if any(v is None for v in values) else sum(v for v in values if v is not None)

    versions = [d.version for d in declared if d.version is not None]
    return Declared(
        rows=total([d.rows for d in declared]),
        amount_fen=total([d.amount_fen for d in declared]),
        version=versions[0] if versions else None,
    )


def _text(cell: Cell) -> str:
    """A cell as text. A number too large to be exact shows its exponent, so that a ruined identifier is seen as one."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        if abs(cell) >= LARGEST_EXACT_FLOAT:
            return f"{cell:.10E}"
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
