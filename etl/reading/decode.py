"""Bytes to lines of text, strictly: no character is ever replaced or guessed.

A file decodes as a whole in one of the feed's encodings. When none fits, single damaged lines (a lost trail byte) are
kept apart as damaged; a file in which more than one line in fifty is damaged has another encoding and is refused.
"""

import codecs
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from etl.reading.rows import RefusedFileError
from etl.reasons import FileReason

DAMAGED_LINES_ALLOWED = 1 / 50
BYTE_ORDER_MARKS = (("utf-8-sig", codecs.BOM_UTF8), ("utf-16", codecs.BOM_UTF16_LE), ("utf-16", codecs.BOM_UTF16_BE))


@dataclass(frozen=True)
class Lines:
    """Lines of a file: text without line ends, their 1-based numbers, and which of them are damaged.

    text: utf-8 strings, "" for damaged lines; damaged: index into the lines → the raw bytes
    """

    encoding: str
    text: pa.StringArray
    damaged: dict[int, bytes]


def decode_lines(data: bytes, encodings: tuple[str, ...]) -> Lines:
    """Lines of `data` in the first of `encodings` that fits strictly. Raises RefusedFileError when none does."""
    allowed = _in_order(data, encodings)
    for encoding in allowed:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return Lines(encoding, _split(text), {})
    return _decode_each_line(data, allowed, encodings)


def _in_order(data: bytes, encodings: tuple[str, ...]) -> list[str]:
    """The encodings, a byte order mark's own first; one that contradicts the mark is not tried."""
    for encoding, mark in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            family = encoding.removesuffix("-sig")
            return [encoding] if any(e.startswith(family) for e in encodings) else []
    return ["utf-8" if e == "utf-8-sig" else e for e in encodings]


def _split(text: str) -> pa.StringArray:
    """Lines of `text` at LF (a CR before it belongs to the line end)."""
    data = text.encode("utf-8").replace(b"\r\n", b"\n")
    if data and not data.endswith(b"\n"):
        data += b"\n"
    buffer = np.frombuffer(data, dtype=np.uint8)
    ends: NDArray[np.int64] = np.flatnonzero(buffer == 0x0A)
    # Strings may not overlap the line ends: drop the LF bytes and shift the offsets accordingly.
    offsets = np.zeros(len(ends) + 1, dtype=np.int64)
    offsets[1:] = ends - np.arange(len(ends))
    body = data.replace(b"\n", b"")
    array = pa.LargeStringArray.from_buffers(len(ends), pa.py_buffer(offsets.tobytes()), pa.py_buffer(body))
    return array.cast(pa.string()) if len(body) < 2**31 else array


def _decode_each_line(data: bytes, allowed: list[str], encodings: tuple[str, ...]) -> Lines:
    lines = data.split(b"\n")
    if lines and lines[-1] == b"":
        lines.pop()
    best: Lines | None = None
    for encoding in allowed:
        if encoding == "utf-16":  # lines cannot be told apart before decoding
            continue
        texts, damaged = [], {}
        for index, line in enumerate(lines):
            try:
                texts.append(line.removesuffix(b"\r").decode(encoding))
            except UnicodeDecodeError:
                texts.append("")
                damaged[index] = line
        if best is None or len(damaged) < len(best.damaged):
            best = Lines(encoding, pa.array(texts, pa.string()), damaged)
    if best is None or len(best.damaged) > max(1, len(lines) * DAMAGED_LINES_ALLOWED):
        raise RefusedFileError(FileReason.UNREADABLE_ENCODING, "no_encoding_fits", encodings=", ".join(encodings))
    return best
