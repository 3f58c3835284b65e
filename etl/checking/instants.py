"""Dates and times of day, in the formats the feed declares; a day that does not exist is unreadable."""

import re
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from etl.checking.parsed import (
    GOOD,
    REASON_NUMBER,
    Parsed,
    are_digits,
    days_in_month,
    digits_value,
    fixed_bytes,
    parse_distinct,
)
from etl.reasons import RowReason

WIDTHS = {"%Y": 4, "%m": 2, "%d": 2, "%H": 2, "%M": 2, "%S": 2}
TOKEN = re.compile(r"%.")
EARLIEST_YEAR, LATEST_YEAR = 1900, 2199


def parse_instants(texts: pa.StringArray, formats: tuple[str, ...]) -> tuple[Parsed, NDArray[np.bool_]]:
    """Instants (timestamp, seconds, wall time) and whether the time of day is known."""
    count = len(texts)
    seconds = np.full(count, np.datetime64("NaT"), dtype="datetime64[s]")
    is_done = np.zeros(count, dtype=bool)
    has_time = np.zeros(count, dtype=bool)
    for form in formats:
        _parse_padded(texts, form, seconds, is_done, has_time)
    rest = np.flatnonzero(~is_done)
    reason = np.full(count, GOOD, dtype=np.int8)
    if len(rest):
        parsed = parse_distinct(texts.take(pa.array(rest)), lambda text: _parse_one(text, formats), pa.timestamp("s"))
        seconds[rest] = parsed.values.to_numpy(zero_copy_only=False)
        has_time[rest] = any("%H" in form for form in formats)
        reason[rest] = parsed.reason
    return Parsed(pa.array(seconds), reason), has_time


def _parse_padded(
    texts: pa.StringArray,
    form: str,
    seconds: NDArray[np.datetime64],
    is_done: NDArray[np.bool_],
    has_time: NDArray[np.bool_],
) -> None:
    """Fill the rows that `form` fits with all parts padded to their full width, as machines write them."""
    parts, literals, length = _layout(form)
    if parts is None or literals is None:
        return
    rows, matrix = fixed_bytes(texts, length)
    fits = ~is_done[rows]
    for start, width in parts.values():
        fits &= are_digits(matrix[:, start : start + width])
    for position, character in literals:
        fits &= matrix[:, position] == character
    rows, matrix = rows[fits], matrix[fits]
    value = {token: digits_value(matrix[:, start : start + width]) for token, (start, width) in parts.items()}
    zero = np.zeros(len(rows), dtype=np.int64)
    year, month, day = value["%Y"], value.get("%m", zero + 1), value.get("%d", zero + 1)
    hour, minute, second = (value.get(token, zero) for token in ("%H", "%M", "%S"))
    exists = (year >= EARLIEST_YEAR) & (year <= LATEST_YEAR) & (month >= 1) & (month <= 12) & (day >= 1)
    exists &= (day <= days_in_month(year, month)) & (hour < 24) & (minute < 60) & (second < 60)
    months = (year - 1970) * 12 + month - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    instants = days.astype("datetime64[s]") + (hour * 3600 + minute * 60 + second).astype("timedelta64[s]")
    chosen = rows[exists]
    seconds[chosen] = instants[exists]
    is_done[chosen] = True
    has_time[chosen] = "%H" in value


def _layout(form: str) -> tuple[dict[str, tuple[int, int]], list[tuple[int, int]], int] | tuple[None, None, int]:
    """Byte positions of the parts and of the literals of a format; None when it has parts of no fixed width."""
    parts: dict[str, tuple[int, int]] = {}
    literals: list[tuple[int, int]] = []
    position = index = 0
    while index < len(form):
        token = form[index : index + 2]
        if TOKEN.fullmatch(token):
            if token not in WIDTHS or token in parts:
                return None, None, 0
            parts[token] = (position, WIDTHS[token])
            position += WIDTHS[token]
            index += 2
            continue
        for byte in form[index].encode("utf-8"):
            literals.append((position, byte))
            position += 1
        index += 1
    return (parts, literals, position) if "%Y" in parts else (None, None, 0)


def _parse_one(text: str, formats: tuple[str, ...]) -> datetime | RowReason:
    for form in formats:
        try:
            found = datetime.strptime(text, form)
        except ValueError:
            continue
        if EARLIEST_YEAR <= found.year <= LATEST_YEAR:
            return found
    return RowReason.DATE_UNREADABLE


def unreadable(count: int) -> NDArray[np.int8]:
    """Reasons for `count` unreadable dates."""
    return np.full(count, REASON_NUMBER[RowReason.DATE_UNREADABLE], dtype=np.int8)
