"""The summary line at the end of a file: what it declares about the rows before it."""

from configuration.feed import Trailer
from etl.reading.rows import Declared, RefusedFileError
from etl.reasons import FileReason


def declared_by(fields: list[str], trailer: Trailer) -> Declared | None:
    """What the summary line `fields` declares; None when it is no summary line.

    Raises RefusedFileError when it is one but cannot be read.
    """
    if not fields or not fields[0].strip().startswith(trailer.marker):
        return None
    try:
        rows = int(_field(fields, trailer.count_position)) if trailer.count_position else None
        amount_fen = None
        if trailer.sum_position:
            text = _field(fields, trailer.sum_position).replace(",", "")
            amount_fen = int(text) if trailer.sum_unit == "fen" else _fen_of_yuan(text)
        version = _field(fields, trailer.version_position) if trailer.version_position else None
    except (ValueError, IndexError):
        refusal = RefusedFileError(FileReason.MISSING_TRAILER, "unreadable_summary_line", marker=trailer.marker)
        raise refusal from None
    return Declared(rows, amount_fen, version)


def _field(fields: list[str], position: int) -> str:
    return fields[position - 1].strip()


def _fen_of_yuan(text: str) -> int:
    yuan, _, fraction = text.partition(".")
    if len(fraction) > 2:
        if fraction[2:].strip("0"):
            raise ValueError(text)
        fraction = fraction[:2]
    return int(yuan) * 100 + int(fraction.ljust(2, "0") or 0)
