"""Rows of one feed before they become text: canonical fields as arrays, with what was decided about each row."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from etl.reasons import RowReason
from etl.synth.plan import DAY, Days

Column = NDArray[Any]
REASONS = tuple(RowReason)
NO_REASON = -1


class Outcome(IntEnum):
    """What the reader has to make of a row."""

    LOADED = 0
    DUPLICATE = 1
    SET_ASIDE = 2


class Defect(IntEnum):
    """How a row is written differently from what it means. The number in brackets is the fault's."""

    NONE = 0
    ID_CHECK = 1  # (13)
    ID_BIRTH = 2  # (17) 30 February
    ID_FUTURE = 3  # (17)
    ID_PRECISION = 4  # (16)
    ID_MISSING = 5
    ID_LOWER = 6  # (14) loaded
    ID_FULL_WIDTH = 7  # (14) loaded
    ID_SPACED = 8  # (14) loaded
    NAME_DAMAGED = 9  # (9)
    NAME_REPLACEMENT = 10  # (9) U+FFFD
    CONTROL = 11  # (10)
    OPEN_QUOTE = 12  # (10)
    NEWLINE = 13  # (10)
    FIELD_COUNT = 14  # (10)
    LINE_LENGTH = 15
    AMOUNT_FRACTION = 16  # (26)
    AMOUNT_NEGATIVE = 17  # (26)
    AMOUNT_WORDS = 18  # (26)
    AMOUNT_SIGN = 19  # (26)
    DATE_IMPOSSIBLE = 20
    DATE_FUTURE = 21
    CODE_UNKNOWN = 22
    DIVISION_UNKNOWN = 23
    CAMPAIGN_UNKNOWN = 24
    ID_FORM = 25
    INTEGER_WORDS = 26


@dataclass
class Rows:
    """Rows of one feed.

    `columns` are canonical fields: persons as indices of people, codes as indices of their code book, money in fen,
    text as serial numbers (-1: none); days and seconds (NaT: none).
    """

    feed: int  # index of the feed in the plan
    columns: dict[str, Column]
    day: Days  # business day of the row: which file it is in
    year_row: Column  # index of the campaign, -1 for none
    village: Column
    sort: Column  # order within a file
    outcome: Column
    reason: Column
    defect: Column

    def __len__(self) -> int:
        return len(self.day)

    def take(self, index: Column | slice) -> "Rows":
        """Some rows, by position, mask or slice."""
        return Rows(
            self.feed,
            {name: values[index] for name, values in self.columns.items()},
            self.day[index],
            self.year_row[index],
            self.village[index],
            self.sort[index],
            self.outcome[index],
            self.reason[index],
            self.defect[index],
        )


def make_rows(
    feed: int, columns: dict[str, Column], *, day: Days, year_row: Column, village: Column, sort: Column
) -> Rows:
    """Rows that are plainly loaded."""
    count = len(day)
    return Rows(
        feed,
        columns,
        day.astype(DAY),
        year_row,
        village,
        sort,
        np.zeros(count, dtype=np.int8),
        np.full(count, NO_REASON, dtype=np.int8),
        np.zeros(count, dtype=np.int8),
    )


def join_rows(parts: Iterable[Rows]) -> Rows:
    """Rows of the same feed and columns, one after the other."""
    found = list(parts)
    return Rows(
        found[0].feed,
        {name: np.concatenate([part.columns[name] for part in found]) for name in found[0].columns},
        *(
            np.concatenate([getattr(part, name) for part in found])
            for name in ("day", "year_row", "village", "sort", "outcome", "reason", "defect")
        ),
    )


def set_aside(rows: Rows, index: Column, reason: RowReason) -> None:
    """Mark rows as set aside."""
    rows.outcome[index] = Outcome.SET_ASIDE
    rows.reason[index] = REASONS.index(reason)
