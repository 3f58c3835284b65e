"""Delimited text: every physical line is one row, so that an unclosed quote can never swallow the rows behind it."""

import csv

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from configuration.feed import Delimited
from etl.reading.decode import Lines, decode_lines
from etl.reading.rows import BadRow, Declared, RawRows, RefusedFileError, repeated_names
from etl.reading.trailer import declared_by
from etl.reasons import FileReason, RowReason

CONTROL_CHARACTERS = "[\\x00-\\x08\\x0b-\\x1f\\x7f\\x{80}-\\x{9f}]"


def read_delimited(data: bytes, layout: Delimited) -> RawRows:
    """Rows of a delimited file. Raises RefusedFileError for an unreadable encoding or a missing summary line."""
    lines = decode_lines(data, tuple(layout.encodings))
    texts = lines.text
    is_blank = np.asarray(pc.equal(pc.utf8_trim_whitespace(texts), "").to_numpy(zero_copy_only=False))
    is_blank[list(lines.damaged)] = False
    content = np.flatnonzero(~is_blank)
    content = content[content >= layout.skip_lines]
    names: list[str] | None = None
    if layout.has_header and len(content):
        names = [name.strip() for name in _fields_of_frame(texts[int(content[0])].as_py(), layout)]
        content = content[1:]
    declared, content = _take_trailer(texts, content, layout)
    return _rows(lines, content, names, layout, declared)


def _take_trailer(
    texts: pa.StringArray, content: NDArray[np.int64], layout: Delimited
) -> tuple[Declared | None, NDArray[np.int64]]:
    """The summary line, and the lines without it. A file with rows and no summary line was cut short."""
    if layout.trailer is None or not len(content):
        return None, content
    fields = _fields_of_frame(texts[int(content[-1])].as_py(), layout)
    declared = declared_by(fields, layout.trailer)
    if declared is None:
        raise RefusedFileError(FileReason.MISSING_TRAILER, "no_summary_line", marker=layout.trailer.marker)
    return declared, content[:-1]


def _rows(
    lines: Lines, content: NDArray[np.int64], names: list[str] | None, layout: Delimited, declared: Declared | None
) -> RawRows:
    texts = lines.text.take(pa.array(content))
    separators = pc.count_substring(texts, layout.delimiter).to_numpy(zero_copy_only=False)
    width = len(names) if names is not None else _usual(separators + 1)
    names = names if names is not None else [f"#{position}" for position in range(1, width + 1)]
    bad: dict[int, RowReason] = {}
    for index in np.flatnonzero(np.isin(content, list(lines.damaged))):
        bad[int(index)] = RowReason.DAMAGED_TEXT
    has_control = pc.match_substring_regex(texts, CONTROL_CHARACTERS).to_numpy(zero_copy_only=False)
    for index in np.flatnonzero(has_control):
        bad.setdefault(int(index), RowReason.CONTROL_CHARACTER)
    quoted: dict[int, list[str]] = {}
    is_quoted = np.zeros(len(content), dtype=bool)
    if layout.quote:
        is_quoted = pc.match_substring(texts, layout.quote).to_numpy(zero_copy_only=False)
        for index in np.flatnonzero(is_quoted):
            if int(index) not in bad:
                _take_quoted(int(index), texts[int(index)].as_py(), layout, width, quoted, bad)
    for index in np.flatnonzero(~is_quoted & (separators + 1 != width)):
        bad.setdefault(int(index), RowReason.FIELD_COUNT)
    is_good = np.ones(len(content), dtype=bool)
    is_good[list(bad)] = False
    columns = _columns(texts, is_good & ~is_quoted, quoted, names, layout)
    good = np.concatenate([np.flatnonzero(is_good & ~is_quoted), np.array(sorted(quoted), dtype=np.int64)])
    bad_rows = [
        BadRow(int(content[i]) + 1, reason, lines.damaged.get(int(content[i])) or texts[i].as_py().encode("utf-8"))
        for i, reason in sorted(bad.items())
    ]
    return RawRows(
        encoding=lines.encoding,
        columns=columns,
        line_no=content[good] + 1,
        raw=texts.take(pa.array(good)),
        bad=bad_rows,
        declared=declared,
        repeated=repeated_names(names),
    )


def _take_quoted(
    index: int, text: str, layout: Delimited, width: int, quoted: dict[int, list[str]], bad: dict[int, RowReason]
) -> None:
    try:
        fields = _fields(text, layout)
    except csv.Error:
        bad[index] = RowReason.UNCLOSED_QUOTE
        return
    if len(fields) != width:
        bad[index] = RowReason.FIELD_COUNT
        return
    quoted[index] = fields


def _columns(
    texts: pa.StringArray,
    is_plain: NDArray[np.bool_],
    quoted: dict[int, list[str]],
    names: list[str],
    layout: Delimited,
) -> dict[str, pa.StringArray]:
    """Fields by column: plain lines split by Arrow, quoted ones already split and put behind them."""
    plain = texts.filter(pa.array(is_plain))
    keys = [f"c{i}" for i in range(len(names))]
    arrays: list[pa.Array] = [pa.array([], pa.string())] * len(names)
    if len(plain):
        whole = pa.ListArray.from_arrays(pa.array([0, len(plain)], pa.int32()), plain)
        block = pc.binary_join(whole, "\n")[0].as_buffer()
        table = pa_csv.read_csv(
            pa.BufferReader(block),
            read_options=pa_csv.ReadOptions(column_names=keys, block_size=len(block) + 1),
            parse_options=pa_csv.ParseOptions(delimiter=layout.delimiter, quote_char=False, ignore_empty_lines=False),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(keys, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
        arrays = [table.column(key).combine_chunks() for key in keys]
    if quoted:
        behind = list(zip(*(quoted[i] for i in sorted(quoted)), strict=True))
        arrays = [pa.concat_arrays([a, pa.array(b, pa.string())]) for a, b in zip(arrays, behind, strict=True)]
    return {name: arrays[names.index(name)] for name in names}  # of a repeated name the first


def _fields(text: str, layout: Delimited) -> list[str]:
    """Fields of one line. Raises csv.Error when a quote does not close."""
    if layout.quote and layout.quote in text:
        return next(csv.reader([text], delimiter=layout.delimiter, quotechar=layout.quote, strict=True))
    return text.split(layout.delimiter)


def _fields_of_frame(text: str, layout: Delimited) -> list[str]:
    """Fields of the header or the summary line; one whose quote does not close is taken as it stands."""
    try:
        return _fields(text, layout)
    except csv.Error:
        return text.split(layout.delimiter)


def _usual(widths: NDArray[np.int64]) -> int:
    """The most frequent width (files without a header)."""
    return int(np.bincount(widths).argmax()) if len(widths) else 0
