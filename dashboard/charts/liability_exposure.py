"""Who is covered from when: the exposure that the liability is computed on, small cells filled from their sums."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from dashboard.charts.rows import BarRow, Figure, bars, records
from dashboard.figures import FigureStyle

KEYS = ["category", "benefit_tier"]
LARGEST_SMALL_CELL, USUAL_SMALL_CELL = 9.0, 5.0  # persons in a cell that is hidden for being small


@dataclass(frozen=True)
class Filled:
    """Exposure without holes. `estimated_persons` of it come from sums, since their own cells are too small to show."""

    exposure: pd.DataFrame  # category, benefit_tier, entitled_on, persons (float)
    estimated_persons: float


def fill_hidden(cells: pd.DataFrame, totals: pd.DataFrame) -> Filled:
    """`cells` with hidden persons filled from what their category and tier lacks to its total.

    `cells`: category, benefit_tier, entitled_on (datetime64 or NaT), persons (NA where hidden); `totals`: category,
    benefit_tier, persons. Left out, hidden people would lower the liability for no reason but their being few. What is
    lacking is shared equally; where that is more than a small cell can hold, one cell was hidden only to protect
    another: the earliest start takes the rest, since most are covered from the first day. A total that is hidden itself
    leaves its cells at nothing.
    """
    rows = records(cells)
    shown: Counter[tuple[Any, ...]] = Counter()
    holes: dict[tuple[Any, ...], list[int]] = {}
    for number, row in enumerate(rows):
        shown[_key(row)] += row["persons"] or 0
        if row["persons"] is None:
            holes.setdefault(_key(row), []).append(number)
    whole = {_key(row): row["persons"] or 0 for row in records(totals)}
    persons = [float(row["persons"] or 0) for row in rows]
    estimated = 0.0
    for key, numbers in holes.items():
        lacking = max(whole.get(key, 0) - shown[key], 0)
        numbers.sort(key=lambda number: (rows[number]["entitled_on"] is None, rows[number]["entitled_on"] or 0))
        for number, part in zip(numbers, _parts(lacking, len(numbers)), strict=True):
            persons[number] = part
        estimated += lacking
    filled = cells[[*KEYS, "entitled_on"]].assign(persons=np.array(persons, dtype=float))
    return Filled(filled, estimated)


def _parts(lacking: float, count: int) -> list[float]:
    """`lacking` persons over `count` hidden cells, the earliest start first."""
    if lacking <= LARGEST_SMALL_CELL * count:
        return [lacking / count] * count
    return [lacking - USUAL_SMALL_CELL * (count - 1), *[USUAL_SMALL_CELL] * (count - 1)]


def _key(row: dict[Any, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in KEYS)


def shape(exposure: pd.DataFrame, waiting_after_on: date) -> pd.DataFrame:
    """Persons by when their cover starts: one row for all who are covered by `waiting_after_on`, then one a month.

    Columns: start_on (that day, or the first of the month), persons, is_waiting. Those whose date is unknown have NaT
    and stand last. Rows without persons are left out.
    """
    starts = pd.to_datetime(exposure["entitled_on"])
    edge = pd.Timestamp(waiting_after_on)
    is_waiting = starts > edge
    first_of_month = starts - pd.to_timedelta(starts.dt.day - 1, unit="D")
    start_on = first_of_month.where(is_waiting | starts.isna(), edge)
    frame = pd.DataFrame({"start_on": start_on, "persons": exposure["persons"].astype(float), "is_waiting": is_waiting})
    sums = frame.groupby(["is_waiting", "start_on"], dropna=False)["persons"].sum().reset_index()
    sums = sums[sums["persons"] > 0].sort_values(["start_on", "is_waiting"], na_position="last")
    return sums[["start_on", "persons", "is_waiting"]].reset_index(drop=True)


def figure(df: pd.DataFrame, style: FigureStyle) -> Figure:
    """One bar for those covered, then one a month of those who wait, in the colour of the warning."""
    rows = [
        BarRow(
            name=_month(row, style),
            value=row["persons"],
            text=style.formats.persons(round(row["persons"])),
            colour=_colour(row, style),
        )
        for row in records(df)
    ]
    return bars(rows, style)


def sentence(waiting_persons: float, unknown_persons: float, persons: float, style: FigureStyle) -> str:
    """How many have paid and are still waiting; if nobody is, how many have no known start."""
    if round(waiting_persons):
        share = style.formats.percent(waiting_persons / persons if persons else None)
        return style.text("liability.waiting_some", persons=style.formats.persons(round(waiting_persons)), share=share)
    if round(unknown_persons):
        return style.text("liability.waiting_unknown", persons=style.formats.persons(round(unknown_persons)))
    return style.text("liability.waiting_none")


def _month(row: dict[Any, Any], style: FigureStyle) -> str:
    start_on = row["start_on"]
    if start_on is None:
        return style.text("liability.start_unknown")
    if not row["is_waiting"]:
        return style.text("liability.start_covered", day=style.formats.day(start_on.date()))
    return style.text("liability.start_month", month=style.text(f"common.month_{start_on.month}"))


def _colour(row: dict[Any, Any], style: FigureStyle) -> str:
    if row["start_on"] is None:
        return style.palette.rest
    return style.palette.warn if row["is_waiting"] else style.palette.accent
