"""Numbers and days as people read them, in both languages."""

from datetime import date

import pandas as pd
import pytest

from dashboard.formats import UNKNOWN, Formats
from tests.dashboard.charts.test_progress import Reader

ZH, EN = Formats(Reader("zh")), Formats(Reader("en"))


@pytest.mark.parametrize("unknown", [None, float("nan"), pd.NA])
def test_unknown_is_a_dash_never_zero(unknown: float | None) -> None:
    for formats in (ZH, EN):
        shown = [formats.count(unknown), formats.persons(unknown), formats.money(unknown), formats.percent(unknown)]
        shown += [formats.points(unknown), formats.signed(unknown), formats.yuan(unknown)]
        assert shown == [UNKNOWN] * len(shown)


@pytest.mark.parametrize(
    ("fen", "chinese", "english"),
    [
        (950_000, "9,500 元", "¥9,500"),
        (5_946_000_000, "5,946 万元", "¥59.46 million"),
        (123_000_000_000, "12.30 亿元", "¥1.23 billion"),
        (-350_00, "−350 元", "−¥350"),
        (0, "0 元", "¥0"),
    ],
)
def test_money(fen: int, chinese: str, english: str) -> None:
    assert ZH.money(fen) == chinese
    assert EN.money(fen) == english


def test_counts_use_one_system_a_language() -> None:
    assert (ZH.count(179_648), EN.count(179_648)) == ("179,648", "179,648")
    assert (ZH.count(1_234_567), EN.count(1_234_567)) == ("123.5 万", "1,234,567")


def test_differences_carry_sign_and_unit() -> None:
    assert (ZH.points(0.024), EN.points(-0.024)) == ("+2.4 点", "−2.4 pp")
    assert ZH.points(-0.0001) == "0.0 点"
    assert (EN.signed(1200), EN.signed(-3)) == ("+1,200", "−3")


def test_days() -> None:
    day = date(2018, 3, 20)
    assert (ZH.day(day), EN.day(day)) == ("3月20日", "20 Mar")
    assert (ZH.long_day(day), EN.long_day(day)) == ("2018年3月20日", "20 Mar 2018")
    assert ZH.day(None) == UNKNOWN


def test_lists_of_names() -> None:
    assert EN.listing(["A", "B", "C"]) == "A, B and C"
    assert EN.listing(["A"]) == "A"
    assert EN.listing([]) == ""
