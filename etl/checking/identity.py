"""Identifiers of persons: one normal form, or the reason why there is none.

Citizen numbers have 18 characters (GB 11643; check digit by ISO 7064 MOD 11-2) or 15 in the old form, which is upgraded
to the 18-character one. Permits of Hong Kong, Macao, Taiwan and foreigners have rules of their own.
"""

import re
import unicodedata
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from etl.checking.parsed import GOOD, REASON_NUMBER, Parsed, are_digits, days_in_month, digits_value, fixed_bytes
from etl.reasons import RowReason

WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int64)
CHECK_CHARACTERS = np.frombuffer(b"10X98765432", dtype=np.uint8)
PERMITS = re.compile(
    r"[HM]\d{8}(\d{2})?"  # mainland travel permit of Hong Kong and Macao residents
    r"|\d{8}"  # of Taiwan residents
    r"|[A-Z]{3}\d{12}",  # foreigners' permanent residence, old form
    re.ASCII,
)
EXPONENT = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)
EARLIEST_BIRTH_YEAR = 1890


def parse_identities(texts: pa.StringArray, not_after: date) -> tuple[Parsed, NDArray[np.int16]]:
    """Normal identifiers and birth years (0 where the identifier holds none).

    `not_after` is the day on which the file was read: a birth date behind it is in the future.
    """
    count = len(texts)
    reason = np.full(count, REASON_NUMBER[RowReason.ID_FORM], dtype=np.int8)
    birth_year = np.zeros(count, dtype=np.int16)
    rows, matrix = fixed_bytes(texts, 18)
    is_plain = are_digits(matrix[:, :17]) & (are_digits(matrix[:, 17:]) | (matrix[:, 17] == ord("X")))
    plain_rows = rows[is_plain]
    reason[plain_rows] = _check_citizen_numbers(matrix[is_plain], not_after)
    birth_year[plain_rows] = digits_value(matrix[is_plain][:, 6:10]).astype(np.int16)
    is_odd = np.ones(count, dtype=bool)
    is_odd[plain_rows] = False
    values = texts
    odd = np.flatnonzero(is_odd)
    if len(odd):
        replaced: list[str | None] = []
        for row, text in zip(odd, texts.take(pa.array(odd)).to_pylist(), strict=True):
            normal, why, year = normalise_identity(text, not_after)
            replaced.append(normal)
            reason[row] = GOOD if why is None else REASON_NUMBER[why]
            birth_year[row] = year
        values = pc.replace_with_mask(texts, pa.array(is_odd), pa.array(replaced, pa.string()))
    birth_year[reason != GOOD] = 0
    return Parsed(values, reason), birth_year


def normalise_identity(text: str, not_after: date) -> tuple[str | None, RowReason | None, int]:
    """(normal form, reason, birth year) of one identifier as a clerk wrote it."""
    normal = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()
    if EXPONENT.fullmatch(normal):
        return None, RowReason.ID_PRECISION_LOST, 0
    if re.fullmatch(r"\d{15}", normal, re.ASCII):
        normal = upgrade_15_digits(normal)
    if re.fullmatch(r"\d{17}[\dX]", normal, re.ASCII):
        matrix = np.frombuffer(normal.encode("ascii"), dtype=np.uint8).reshape(1, 18)
        number = int(_check_citizen_numbers(matrix, not_after)[0])
        why = None if number == GOOD else next(r for r, n in REASON_NUMBER.items() if n == number)
        return (normal, None, int(normal[6:10])) if why is None else (None, why, 0)
    if PERMITS.fullmatch(normal):
        return normal, None, 0
    return None, RowReason.ID_FORM, 0


def upgrade_15_digits(number: str) -> str:
    """The 18-character form of an old 15-digit number (born in the 1900s)."""
    body = number[:6] + "19" + number[6:]
    return body + check_character(body)


def check_character(body: str) -> str:
    """The check character for 17 digits (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * int(weight) for digit, weight in zip(body, WEIGHTS, strict=True))
    return chr(CHECK_CHARACTERS[total % 11])


def _check_citizen_numbers(matrix: NDArray[np.uint8], not_after: date) -> NDArray[np.int8]:
    """Reason numbers for rows of 18 characters of the right form. A wrong date is told before a wrong check digit."""
    reason = np.full(len(matrix), GOOD, dtype=np.int8)
    remainder = (matrix[:, :17].astype(np.int64) - 0x30) @ WEIGHTS % 11
    reason[CHECK_CHARACTERS[remainder] != matrix[:, 17]] = REASON_NUMBER[RowReason.ID_CHECK_DIGIT]
    year, month, day = (digits_value(matrix[:, a:b]) for a, b in ((6, 10), (10, 12), (12, 14)))
    is_date = (year >= EARLIEST_BIRTH_YEAR) & (month >= 1) & (month <= 12) & (day >= 1)
    is_date &= day <= days_in_month(year, month)
    is_date &= year * 10_000 + month * 100 + day <= not_after.year * 10_000 + not_after.month * 100 + not_after.day
    reason[~is_date] = REASON_NUMBER[RowReason.ID_BIRTH_DATE]
    return reason
