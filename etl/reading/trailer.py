"""The summary line at the end of a file: what it declares about the rows before it."""

import re

from configuration.feed import Trailer
from etl.reading.rows import Declared, RefusedFileError
from etl.reasons import FileReason

COUNT = re.compile(r"\d{1,9}", re.ASCII)
FEN = re.compile(r"\d{1,16}", re.ASCII)
YUAN = re.compile(r"(\d{1,14})(?:\.(\d{1,2})0*)?", re.ASCII)


def declared_by(fields: list[str], trailer: Trailer) -> Declared | None:
    """What the summary line `fields` declares; None when it is no summary line.

    Raises RefusedFileError when it is one but cannot be read.
    """
    if not fields or not fields[0].strip().startswith(trailer.marker):
        return None
    try:
        rows = _number(_field(fields, trailer.count_position), COUNT) if trailer.count_position else None
        amount_fen = None
        if trailer.sum_position:
            text = _field(fields, trailer.sum_position).replace(",", "")
            amount_fen = _number(text, FEN) if trailer.sum_unit == "fen" else _fen_of_yuan(text)
        version = _field(fields, trailer.version_position) if trailer.version_position else None
    except (ValueError, IndexError):
        refusal = RefusedFileError(FileReason.MISSING_TRAILER, "unreadable_summary_line", marker=trailer.marker)
        raise refusal from None
    return Declared(rows, amount_fen, version)


def _field(fields: list[str], position: int) -> str:
    return fields[position - 1].strip()


def _number(text: str, form: re.Pattern[str]) -> int:
    if not form.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _fen_of_yuan(text: str) -> int:
    if not (match := YUAN.fullmatch(text)):
        raise ValueError(text)
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
