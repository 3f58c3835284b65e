"""Lines of a fixed number of bytes; columns are byte spans, decoded one by one."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from configuration.feed import Column, FixedWidth
from etl.reading.rows import BadRow, Declared, RawRows, RefusedFileError
from etl.reading.trailer import declared_by
from etl.reasons import FileReason, RowReason


def read_fixed_width(data: bytes, layout: FixedWidth, columns: tuple[Column, ...]) -> RawRows:
    """Rows of a fixed-width file; the column of field f is named after f."""
    encoding = layout.encodings[0]
    data = data.replace(b"\r\n", b"\n")
    if data and not data.endswith(b"\n"):
        data += b"\n"
    buffer = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(buffer == 0x0A)
    starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
    is_content = ends > starts
    numbers = np.flatnonzero(is_content) + 1
    starts, ends = starts[is_content], ends[is_content]
    declared, starts, ends, numbers = _take_trailer(data, layout, encoding, starts, ends, numbers)
    is_right = ends - starts == layout.line_bytes
    bad = [
        BadRow(int(numbers[i]), RowReason.LINE_LENGTH, data[starts[i] : ends[i]]) for i in np.flatnonzero(~is_right)
    ]
    matrix = buffer[starts[is_right][:, None] + np.arange(layout.line_bytes)[None, :]]
    numbers = numbers[is_right]
    texts, is_damaged = _decode(matrix, columns, encoding)
    has_control = ((matrix < 0x20) | (matrix == 0x7F)).any(axis=1)
    raw = pa.array([row.tobytes() for row in matrix], pa.binary())
    for index in np.flatnonzero(is_damaged | has_control):
        reason = RowReason.CONTROL_CHARACTER if has_control[index] else RowReason.DAMAGED_TEXT
        bad.append(BadRow(int(numbers[index]), reason, matrix[index].tobytes()))
    keep = pa.array(np.flatnonzero(~(is_damaged | has_control)))
    return RawRows(
        encoding=encoding,
        columns={name: array.take(keep) for name, array in texts.items()},
        line_no=numbers[~(is_damaged | has_control)],
        raw=raw.take(keep),
        bad=sorted(bad, key=lambda row: row.line_no),
        declared=declared,
    )


IntArray = NDArray[np.int64]


def _take_trailer(
    data: bytes, layout: FixedWidth, encoding: str, starts: IntArray, ends: IntArray, numbers: IntArray
) -> tuple[Declared | None, IntArray, IntArray, IntArray]:
    if layout.trailer is None or not len(starts):
        return None, starts, ends, numbers
    last = data[starts[-1] : ends[-1]].decode(encoding, errors="replace")
    declared = declared_by(last.split(), layout.trailer)
    if declared is None:
        raise RefusedFileError(FileReason.MISSING_TRAILER, "no_summary_line", marker=layout.trailer.marker)
    return declared, starts[:-1], ends[:-1], numbers[:-1]


def _decode(
    matrix: NDArray[np.uint8], columns: tuple[Column, ...], encoding: str
) -> tuple[dict[str, pa.StringArray], NDArray[np.bool_]]:
    texts: dict[str, pa.StringArray] = {}
    is_damaged = np.zeros(len(matrix), dtype=bool)
    for column in columns:
        assert column.span is not None
        first, length = column.span
        cells = [cell.tobytes() for cell in np.ascontiguousarray(matrix[:, first - 1 : first - 1 + length])]
        try:
            values = b"\n".join(cells).decode(encoding).split("\n") if cells else []
        except UnicodeDecodeError:
            values = []
            for index, cell in enumerate(cells):
                try:
                    values.append(cell.decode(encoding))
                except UnicodeDecodeError:
                    values.append("")
                    is_damaged[index] = True
        if len(values) != len(cells):  # a line end inside a cell: only possible for damaged bytes
            values = [cell.decode(encoding, errors="replace") for cell in cells]
        texts[column.field] = pa.array(values, pa.string())
    return texts, is_damaged
