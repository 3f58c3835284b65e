"""Workbooks that would harm whoever opens them: fault 34, and sheets so vast that reading them ends the process.

The reader lays a sheet out as a full rectangle. One stray cell in the last corner of a sheet makes that rectangle
larger than any memory, and the process ends without a word: so the corners are measured before.
"""

import io
import re
import zipfile
import zlib

from etl.reading.rows import RefusedFileError
from etl.reasons import FileReason

MAX_UNPACKED_BYTES = 2 * 2**30
MAX_RATIO = 200
MAX_SHEETS = 1000
MAX_SHEET_ROWS = 999_999
MAX_CELLS = 30_000_000
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
REFERENCE = re.compile(rb"<(?:\w+:)?(?:row|c)\s(?:[^>]*?\s)?r\s*=\s*[\"']\s*([^\"'\s]*)")
PLACE = re.compile(rb"([A-Za-z]{0,3})(\d{0,7})")
BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)


def refuse_unsafe_workbook(data: bytes) -> None:
    """Raise RefusedFileError for a workbook that unpacks to far more than it is, or spans too many cells.

    What is no archive (an old .xls, or no workbook at all) is left to the reader.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > MAX_UNPACKED_BYTES or unpacked > max(2**20, len(data) * MAX_RATIO):
                raise RefusedFileError(
                    FileReason.UNSAFE_ARCHIVE, "unpacks_too_large", unpacked=unpacked, packed=len(data)
                )
            names = [entry.filename for entry in entries if SHEET.fullmatch(entry.filename)]
            corners = [_corner(archive.read(name)) for name in names]
    except zipfile.BadZipFile:
        if data.startswith(b"PK"):
            raise RefusedFileError(FileReason.UNREADABLE_WORKBOOK, "no_workbook") from None
        return
    except BROKEN_ARCHIVE:
        raise RefusedFileError(FileReason.UNREADABLE_WORKBOOK, "no_workbook") from None
    if not names:  # other formats in an archive: their sheets cannot be measured
        raise RefusedFileError(FileReason.UNREADABLE_WORKBOOK, "no_workbook")
    cells = sum(rows * columns for rows, columns in corners)
    if len(names) > MAX_SHEETS or cells > MAX_CELLS or max(rows for rows, _ in corners) > MAX_SHEET_ROWS:
        raise RefusedFileError(FileReason.UNREADABLE_WORKBOOK, "too_many_cells", cells=cells, sheets=len(names))


def _corner(sheet: bytes) -> tuple[int, int]:
    """(rows, columns) up to the farthest place that the sheet names."""
    rows = columns = 1
    for reference in set(REFERENCE.findall(sheet)):
        match = PLACE.fullmatch(reference)
        if match is None:
            raise RefusedFileError(FileReason.UNREADABLE_WORKBOOK, "no_workbook")
        column = 0
        for letter in match[1].upper():
            column = column * 26 + letter - 0x40
        rows, columns = max(rows, int(match[2] or 1)), max(columns, column)
    return rows, columns
