"""Workbooks with merged titles, the same bytes for the same content."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime

from openpyxl import Workbook

_MOMENT = datetime(2018, 1, 1)
Cell = str | float | None


def write_workbook(sheets: Sequence[tuple[str, list[list[Cell]]]], header: list[str], titles: Sequence[str]) -> bytes:
    """An .xlsx file: in every sheet the titles (merged over all columns), the header row, then the rows."""
    book = Workbook(write_only=True)
    book.properties.creator = "synthetic"
    book.properties.created = book.properties.modified = _MOMENT
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for number, title in enumerate(titles, start=1):
            sheet.append([title])
            sheet.merged_cells.add(f"A{number}:{_letter(len(header))}{number}")
        sheet.append(header)
        for row in rows:
            sheet.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return _without_clock(packed.getvalue())


def _letter(column: int) -> str:
    return chr(ord("A") + column - 1)


def _without_clock(content: bytes) -> bytes:
    """The same archive with fixed times, so that a seed gives the same bytes on any day."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = _fixed_core(data)
            target.writestr(zipfile.ZipInfo(name, _MOMENT.timetuple()[:6]), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _fixed_core(data: bytes) -> bytes:
    """The library stamps the time of saving over what it was given."""
    stamp = _MOMENT.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, data)
