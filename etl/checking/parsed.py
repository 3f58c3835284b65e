"""The result of parsing one column."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from etl.reasons import RowReason

REASONS: tuple[RowReason, ...] = tuple(RowReason)
REASON_NUMBER = {reason: number for number, reason in enumerate(REASONS, 1)}
GOOD = 0
T = TypeVar("T")


@dataclass(frozen=True)
class Parsed:
    """values: Arrow array, null where nothing can be read; reason: 0 good, else number of the RowReason (1-based)."""

    values: pa.Array
    reason: NDArray[np.int8]


def parse_distinct(
    texts: pa.StringArray, parse: Callable[[str], T | RowReason], value_type: pa.DataType
) -> Parsed:
    """Parse every distinct text once with `parse`, which returns a value or the reason why there is none."""
    encoded = texts.dictionary_encode()
    values: list[T | None] = []
    reasons: list[int] = []
    for text in encoded.dictionary.to_pylist():
        result = parse(text)
        if isinstance(result, RowReason):
            values.append(None)
            reasons.append(REASON_NUMBER[result])
        else:
            values.append(result)
            reasons.append(GOOD)
    reason = np.array([*reasons, GOOD], dtype=np.int8)
    index = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return Parsed(pa.array(values, value_type).take(pa.array(index)), reason[index])


def trimmed(texts: pa.StringArray) -> pa.StringArray:
    """Texts without surrounding white space, full-width blanks included."""
    return pc.utf8_trim_whitespace(texts)


def fixed_bytes(texts: pa.StringArray, length: int) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Rows whose text has exactly `length` bytes, and those bytes as a matrix (rows × length)."""
    rows = np.flatnonzero(pc.equal(pc.binary_length(texts), length).to_numpy(zero_copy_only=False))
    chosen = texts.take(pa.array(rows))
    if not len(rows):
        return rows, np.zeros((0, length), dtype=np.uint8)
    data = np.frombuffer(chosen.buffers()[2], dtype=np.uint8)
    start = chosen.offset * length
    return rows, data[start : start + len(rows) * length].reshape(len(rows), length)


def digits_value(matrix: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The numbers that rows of ASCII digits spell."""
    value = np.zeros(len(matrix), dtype=np.int64)
    for column in range(matrix.shape[1]):
        value = value * 10 + (matrix[:, column].astype(np.int64) - 0x30)
    return value


def are_digits(matrix: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which rows hold ASCII digits only."""
    found: NDArray[np.bool_] = np.all((matrix >= 0x30) & (matrix <= 0x39), axis=1)
    return found


def days_in_month(year: NDArray[np.int64], month: NDArray[np.int64]) -> NDArray[np.int64]:
    """Days of the month; month is clipped to 1–12 (check it apart)."""
    usual = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    is_leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    days: NDArray[np.int64] = usual[np.clip(month, 1, 12) - 1] + (is_leap & (month == 2))
    return days
