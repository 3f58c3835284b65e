"""One column of text → typed values and reasons, by the parser the feed declares."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from configuration.feed import Column
from etl.checking.amounts import parse_amounts
from etl.checking.damage import is_damaged, is_damaged_name, is_plain_text
from etl.checking.identity import parse_identities
from etl.checking.instants import parse_instants
from etl.checking.parsed import GOOD, REASON_NUMBER, Parsed, parse_distinct, trimmed
from etl.reasons import RowReason

NAMES_A_BLOCK = 256

ARROW_TYPES: dict[str, pa.DataType] = {
    "identity": pa.string(),
    "person_name": pa.string(),
    "money": pa.int64(),
    "timestamp": pa.timestamp("s"),
    "date": pa.date32(),
    "code": pa.string(),
    "division": pa.string(),
    "integer": pa.int64(),
    "text": pa.string(),
}


@dataclass(frozen=True)
class Surroundings:
    """What a column is judged against besides itself."""

    read_on: date  # business day on which the file is read
    division_codes: Mapping[str, str]  # code or unambiguous name → code


@dataclass(frozen=True)
class ParsedColumn:
    """A parsed column; `birth_year` for identities (0 unknown), `has_time` for timestamps."""

    parsed: Parsed
    birth_year: NDArray[np.int16] | None = None
    has_time: NDArray[np.bool_] | None = None


def parse_column(texts: pa.StringArray, column: Column, around: Surroundings) -> ParsedColumn:
    """Parse `texts` as `column` declares. Empty cells are unknown or a missing value, as the feed says."""
    texts = trimmed(texts)
    is_empty = pc.equal(texts, "").to_numpy(zero_copy_only=False)
    if not is_empty.any():
        return _parse_filled(texts, column, around)
    filled = _parse_filled(texts.filter(pa.array(~is_empty)), column, around)
    return _with_gaps(filled, is_empty, column)


def _with_gaps(filled: ParsedColumn, is_empty: NDArray[np.bool_], column: Column) -> ParsedColumn:
    """`filled` spread over the whole column, empty cells null."""
    count = len(is_empty)
    position = np.cumsum(~is_empty) - 1
    index = pa.array(position, mask=is_empty)
    empty_reason = REASON_NUMBER[RowReason.MISSING_VALUE] if column.empty == "refuse" else GOOD
    reason = np.full(count, empty_reason, dtype=np.int8)
    reason[~is_empty] = filled.parsed.reason

    def spread(values: NDArray[np.generic] | None) -> NDArray[np.generic] | None:
        if values is None:
            return None
        whole = np.zeros(count, dtype=values.dtype)
        whole[~is_empty] = values
        return whole

    return ParsedColumn(
        Parsed(filled.parsed.values.take(index), reason),
        spread(filled.birth_year),  # type: ignore[arg-type]
        spread(filled.has_time),  # type: ignore[arg-type]
    )


def _parse_filled(texts: pa.StringArray, column: Column, around: Surroundings) -> ParsedColumn:
    match column.parse:
        case "identity":
            parsed, birth_year = parse_identities(texts, around.read_on)
            return ParsedColumn(parsed, birth_year=birth_year)
        case "money":
            return ParsedColumn(parse_amounts(texts, column.unit or "yuan"))
        case "timestamp":
            parsed, has_time = parse_instants(texts, column.formats)
            return ParsedColumn(parsed, has_time=has_time)
        case "date":
            parsed, _ = parse_instants(texts, column.formats)
            return ParsedColumn(Parsed(parsed.values.cast(pa.date32(), safe=False), parsed.reason))
        case "code":
            codes = dict(column.values)
            return ParsedColumn(parse_distinct(texts, lambda t: _code(t, codes), pa.string()))
        case "division":
            return ParsedColumn(parse_distinct(texts, lambda t: _division(t, around.division_codes), pa.string()))
        case "integer":
            return ParsedColumn(parse_distinct(texts, _integer, pa.int64()))
        case "person_name":
            return ParsedColumn(_parse_names(texts))
        case "text":
            return ParsedColumn(_parse_text(texts))


def _parse_text(texts: pa.StringArray) -> Parsed:
    """Free text as it is; only text beyond ASCII, or with question marks, can be damaged."""
    suspicious = pc.or_(pc.invert(pc.string_is_ascii(texts)), pc.match_substring(texts, "??"))
    rows = np.flatnonzero(suspicious.to_numpy(zero_copy_only=False))
    reason = np.full(len(texts), GOOD, dtype=np.int8)
    for row, text in zip(rows, texts.take(pa.array(rows)).to_pylist(), strict=True):
        if is_damaged(text):
            reason[row] = REASON_NUMBER[RowReason.DAMAGED_TEXT]
    return Parsed(texts, reason)


def _code(text: str, codes: Mapping[str, str]) -> str | RowReason:
    if text in codes:
        return codes[text]
    return RowReason.DAMAGED_TEXT if is_damaged(text) else RowReason.CODE_UNKNOWN


def _division(text: str, codes: Mapping[str, str]) -> str | RowReason:
    if text in codes:
        return codes[text]
    return RowReason.DIVISION_UNKNOWN if text.isascii() else RowReason.DAMAGED_TEXT


def _integer(text: str) -> int | RowReason:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else RowReason.INTEGER_UNREADABLE


def _parse_names(texts: pa.StringArray) -> Parsed:
    """Names without blanks. Names in common characters, nearly all, are told from the rest by the block."""
    names = pc.replace_substring_regex(texts, r"[\s\x{3000}]+", "")
    reason = np.full(len(texts), GOOD, dtype=np.int8)
    listed = names.to_pylist()
    for start in range(0, len(listed), NAMES_A_BLOCK):
        block = listed[start : start + NAMES_A_BLOCK]
        if not is_plain_text("".join(block)):
            for row, name in enumerate(block, start):
                if is_damaged_name(name):
                    reason[row] = REASON_NUMBER[RowReason.DAMAGED_TEXT]
    return Parsed(names, reason)
