"""Amounts of money, to the fen, or the reason why there is none. Nothing is rounded and nothing is guessed."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.checking.parsed import GOOD, REASON_NUMBER, Parsed
from etl.reasons import RowReason

YUAN = r"^\d{1,10}(\.\d{1,2})?$"
FEN = r"^\d{1,12}$"
NEGATIVE = re.compile(r"^[-−－﹣(（]\s*[\d.,]+[)）]?$")


def parse_amounts(texts: pa.StringArray, unit: str) -> Parsed:
    """Integer fen. Yuan may have one or two decimals; signs, currency marks, separators and words are refused.

    Source: fault 26 of docs/requirements.md.
    """
    is_good = pc.match_substring_regex(texts, YUAN if unit == "yuan" else FEN)
    numbers = pc.cast(pc.if_else(is_good, texts, "0"), pa.float64()).to_numpy(zero_copy_only=False)
    # Exact: below 2**53 the nearest double of a two-decimal figure times 100 rounds to the right integer.
    fen = np.rint(numbers * 100).astype(np.int64) if unit == "yuan" else numbers.astype(np.int64)
    good = is_good.to_numpy(zero_copy_only=False)
    reason = np.full(len(texts), GOOD, dtype=np.int8)
    bad = np.flatnonzero(~good)
    for row, text in zip(bad, texts.take(pa.array(bad)).to_pylist(), strict=True):
        why = RowReason.AMOUNT_NEGATIVE if NEGATIVE.match(text) else RowReason.AMOUNT_UNREADABLE
        reason[row] = REASON_NUMBER[why]
    return Parsed(pa.array(fen, mask=~good), reason)
