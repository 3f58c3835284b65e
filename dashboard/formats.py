"""Numbers and days as people read them: by ten thousands in Chinese, by thousands in English, never both.

Every function takes None for what is unknown and answers with a dash; the reason stands beside it, on the page.
"""

import math
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeGuard

import pandas as pd

UNKNOWN = "—"
MINUS = "−"  # the typographic minus: as wide as a digit, unlike the hyphen

_FEN_PER_YUAN = 100
_WAN = 10_000
_YI = 100_000_000
_MILLION = 1_000_000
_BILLION = 1_000_000_000


def is_known(value: float | None) -> TypeGuard[float]:
    """Whether there is a number: neither None, NaN nor pandas' NA (a hidden or unknown cell)."""
    # Most values are plain numbers, and pandas takes long to say so.
    if isinstance(value, (int, float)):
        return not math.isnan(value)
    return value is not None and not pd.isna(value)


class Words(Protocol):
    """What gives texts in the reader's language: the page's context, or a figure's style."""

    @property
    def language(self) -> str:
        """ "zh" or "en"."""

    def text(self, key: str, **values: object) -> str:
        """The text named `key`, its placeholders filled; KeyError when the catalogue has none."""


@dataclass(frozen=True)
class Quantity:
    """A number and its unit, apart, so that a page can set them in two sizes."""

    number: str
    unit: str

    def __str__(self) -> str:
        return f"{self.number} {self.unit}".strip()


@dataclass(frozen=True)
class Formats:
    """Formats of one language."""

    words: Words

    @property
    def is_chinese(self) -> bool:
        """Whether large numbers are counted in ten thousands and their squares."""
        return self.words.language == "zh"

    def count(self, number: float | None) -> str:
        """A count of whole things, no unit; from a million on in ten thousands where the language counts so."""
        if not is_known(number):
            return UNKNOWN
        if self.is_chinese and abs(number) >= _MILLION:
            return f"{_grouped(number / _WAN, 1)} {self.words.text('common.wan')}"
        return f"{number:,}" if isinstance(number, int) and number >= 0 else _grouped(number, 0)

    def persons(self, number: float | None) -> str:
        """A count of persons with its unit."""
        if not is_known(number):
            return UNKNOWN
        key = "common.person_one" if number == 1 else "common.person_many"
        return self.words.text(key, count=self.count(number))

    def money_parts(self, fen: float | None) -> Quantity:
        """Money, from fen, as number and unit: ¥59.46 and million, say."""
        if not is_known(fen):
            return Quantity(UNKNOWN, "")
        yuan = fen / _FEN_PER_YUAN
        if self.is_chinese:
            for scale, key in ((_YI, "common.yi_yuan"), (_WAN, "common.wan_yuan")):
                if abs(yuan) >= scale:
                    return Quantity(_grouped(yuan / scale, _digits(yuan / scale)), self.words.text(key))
            return Quantity(_grouped(yuan, 0), self.words.text("common.yuan"))
        for scale, key in ((_BILLION, "common.billion"), (_MILLION, "common.million")):
            if abs(yuan) >= scale:
                return Quantity(_currency(yuan / scale, 2), self.words.text(key))
        return Quantity(_currency(yuan, 0), "")

    def money(self, fen: float | None) -> str:
        """Money, from fen, in one piece."""
        return str(self.money_parts(fen))

    def yuan(self, fen: float | None, digits: int = 2) -> str:
        """Exact yuan from fen, no unit (the column says it): 5,946,000.00."""
        if not is_known(fen):
            return UNKNOWN
        return _grouped(fen / _FEN_PER_YUAN, digits)

    def percent(self, rate: float | None, digits: int = 1) -> str:
        """A rate (0–1) in percent."""
        if not is_known(rate):
            return UNKNOWN
        return f"{_grouped(rate * 100, digits)}%"

    def share(self, rate: float | None) -> str:
        """A share in round percent; below one percent with a digit, so that few do not look like nobody."""
        return self.percent(rate, 1 if is_known(rate) and 0 < rate < 0.01 else 0)

    def points(self, difference_rate: float | None, digits: int = 1) -> str:
        """A difference of two rates, signed, in percentage points."""
        if not is_known(difference_rate):
            return UNKNOWN
        return self.words.text("common.points", number=_signed(difference_rate * 100, digits))

    def signed(self, number: float | None) -> str:
        """A signed whole difference, no unit."""
        if not is_known(number):
            return UNKNOWN
        return _signed(number, 0)

    def day(self, day: date | None) -> str:
        """A day without its year: 20 Mar."""
        if day is None:
            return UNKNOWN
        return self.words.text("common.day", month=day.month, day=day.day, month_name=self._month(day))

    def long_day(self, day: date | None) -> str:
        """A day with its year."""
        if day is None:
            return UNKNOWN
        return self.words.text(
            "common.long_day", year=day.year, month=day.month, day=day.day, month_name=self._month(day)
        )

    def listing(self, names: list[str]) -> str:
        """Names in a row, the way the language joins them."""
        if len(names) < 2:
            return "".join(names)
        return self.words.text("common.comma").join(names[:-1]) + self.words.text("common.and") + names[-1]

    def _month(self, day: date) -> str:
        return self.words.text(f"common.month_{day.month}")


def _grouped(number: float, digits: int) -> str:
    # Adding 0.0 turns a rounded −0 into 0.
    rounded = round(number, digits) + 0.0
    text = f"{abs(rounded):,.{digits}f}"
    return MINUS + text if rounded < 0 else text


def _signed(number: float, digits: int) -> str:
    rounded = round(number, digits)
    return ("+" if rounded > 0 else "") + _grouped(number, digits)


def _digits(number: float) -> int:
    """Digits after the point that leave about three that a reader uses."""
    magnitude = abs(number)
    return 0 if magnitude >= 1000 else 1 if magnitude >= 100 else 2


def _currency(number: float, digits: int) -> str:
    text = _grouped(abs(number), digits)
    return f"{MINUS if number < 0 else ''}¥{text}"
