"""Identifiers valid in form, from prefixes that no division has: GB 11643 numbers, their old 15-digit form, permits."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from etl.synth.plan import day_number

_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int64)
_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)  # ISO 7064 MOD 11-2, by remainder
_SEQUENCES = 999


def citizen_numbers(
    prefixes: Sequence[str],
    prefix_index: NDArray[np.int64],
    born_on: NDArray[np.datetime64],
    sequence: NDArray[np.int64],
) -> pa.StringArray:
    """18-digit numbers: prefix, birth date, three-digit sequence (1–999), check digit."""
    prefix = np.array([int(p) for p in prefixes], dtype=np.int64)[prefix_index]
    body = prefix * 10**11 + day_number(born_on) * 1000 + sequence
    digits = np.empty((len(body), 18), dtype=np.uint8)
    rest = body.copy()
    remainder = np.zeros(len(body), dtype=np.int64)
    for place in range(16, -1, -1):
        rest, digit = np.divmod(rest, 10)
        digits[:, place] = digit + ord("0")
        remainder += digit * _WEIGHTS[place]
    digits[:, 17] = _CHECKS[remainder % 11]
    return _strings(digits)


def short_numbers(citizen: pa.StringArray) -> pa.StringArray:
    """The 15-digit form: without the century and the check digit. Only for people born from 1900 to 1999."""
    return pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(citizen, 0, 6), pc.utf8_slice_codeunits(citizen, 8, 17), ""
    )


def permits(serials: NDArray[np.int64]) -> pa.StringArray:
    """Permits by serial: H or M and 8 digits (Hong Kong, Macao), 8 digits (Taiwan), 3 letters and 12 digits."""
    made = []
    for serial in serials.tolist():
        form, number = serial % 4, 10_000_000 + serial * 7919 % 90_000_000
        made.append([f"H{number:08d}", f"M{number:08d}", f"{number:08d}", f"USA{3810:04d}{number:08d}"][form])
    return pa.array(made, pa.string())


def sequence_numbers(born_on: NDArray[np.datetime64], prefix_count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Prefix indices and sequence numbers such that no two persons share prefix, birth date and sequence.

    Raises ValueError when the prefixes cannot hold everyone born on one day.
    """
    days = born_on.astype("datetime64[D]").astype(np.int64)
    order = np.argsort(days, kind="stable")
    starts = np.flatnonzero(np.diff(days[order], prepend=days[order][0] - 1))
    rank = np.arange(len(days)) - np.repeat(starts, np.diff(np.append(starts, len(days))))
    if len(rank) and rank.max() >= prefix_count * _SEQUENCES:
        raise ValueError(
            "more persons share a birth date than the id prefixes can hold; add prefixes to the demo section"
        )
    prefix, sequence = np.empty_like(days), np.empty_like(days)
    prefix[order] = rank % prefix_count
    sequence[order] = rank // prefix_count % _SEQUENCES + 1
    return prefix, sequence


def _strings(codes: NDArray[np.uint8]) -> pa.StringArray:
    """Rows of ASCII codes as an Arrow string array."""
    count, width = codes.shape
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(codes)))
