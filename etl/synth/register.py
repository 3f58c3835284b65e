"""Who is on the register of which campaign, who need not pay, whose premium others pay."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from etl.synth.plan import DAY, Days, Plan
from etl.synth.population import People

NEVER = 99  # year index of those who never register
NEVER_REGISTERED_RATE = 0.012
JOINS_RATE = 0.008  # a year, of grown persons who become members for the first time
FORGOTTEN_RATE = 0.006  # registered last year and overlooked this year
FORGOTTEN_RATE_IN_LAGGING_TOWN = 0.09


class Lag(IntEnum):
    """Why a town lags in the current campaign."""

    NONE = 0
    NOT_REGISTERED = 1
    BLOCKED = 2  # cards not activated, or orders left unpaid
    SILENT = 3


@dataclass(frozen=True)
class Register:
    """Arrays of (years, persons) unless stated otherwise."""

    lag_of_town: NDArray[np.int8]
    is_enrolled: NDArray[np.bool_]
    enrolled_on: NDArray[np.datetime64]
    is_first: NDArray[np.bool_]  # the register calls the person a first-time member
    not_due: NDArray[np.int8]  # reason, index of the code book, -1 when due
    since_on: NDArray[np.datetime64]
    group: NDArray[np.int8]  # by person: assistance group, -1 without
    assisted_fen: NDArray[np.int64]  # paid by others, 0 without
    assisted_on: NDArray[np.datetime64]
    is_fully_assisted: NDArray[np.bool_]


def make_register(plan: Plan, people: People, rng: np.random.Generator) -> Register:
    """The registers and rosters of every campaign, cut at the as-of day."""
    years, count = len(plan.years), people.count
    lag = _lags(plan, rng)
    enters = _entry_years(plan, people, rng)
    leaves, reason = _leave_years(plan, people, rng)
    stays_on_register = rng.random(count) < 0.6  # in the year of leaving: still on the register, or already off it
    is_enrolled = np.zeros((years, count), dtype=bool)
    is_first = np.zeros_like(is_enrolled)
    enrolled_on = np.full((years, count), np.datetime64("NaT"), dtype=DAY)
    not_due = np.full((years, count), -1, dtype=np.int8)
    since_on = np.full((years, count), np.datetime64("NaT"), dtype=DAY)
    village_care = np.exp(rng.normal(0, 0.6, len(plan.villages)))
    for row, window in enumerate(plan.windows):
        forgotten = FORGOTTEN_RATE * village_care[people.village]
        if window.is_current:
            in_lag = lag[people.town] == Lag.NOT_REGISTERED
            forgotten = np.where(in_lag, FORGOTTEN_RATE_IN_LAGGING_TOWN * village_care[people.village], forgotten)
        leaving = leaves == row
        here = (enters <= row) & ((leaves > row) | (leaving & stays_on_register)) & (people.category[row] >= 0)
        is_first[row] = here & (enters == row)
        enrolled_on[row] = _registration_days(plan, row, is_first[row], people, rng)
        is_enrolled[row] = here & ((rng.random(count) >= forgotten) | is_first[row]) & (enrolled_on[row] <= plan.as_of)
        first_on = plan.windows[row].opens - 300
        since = first_on + rng.integers(0, int((min(window.deadline, plan.as_of) - first_on).astype(int)), count)
        on_roster = leaving & (enters <= row) & (is_enrolled[row] | (row > 0 and is_enrolled[row - 1]))
        not_due[row] = np.where(on_roster, reason, -1)
        since_on[row] = np.where(on_roster, since, np.datetime64("NaT"))
    group, fen, on, fully = _assistance(plan, people, is_enrolled & (not_due < 0), rng)
    return Register(lag, is_enrolled, enrolled_on, is_first & is_enrolled, not_due, since_on, group, fen, on, fully)


def _lags(plan: Plan, rng: np.random.Generator) -> NDArray[np.int8]:
    """About a ninth of the towns lag for each reason; no town lags where there are too few to compare."""
    lag = np.zeros(len(plan.towns), dtype=np.int8)
    each = round(len(plan.towns) / 9)
    order = rng.permutation(len(plan.towns))
    for reason in (Lag.NOT_REGISTERED, Lag.BLOCKED, Lag.SILENT):
        lag[order[(reason - 1) * each : reason * each]] = reason
    return lag


def _entry_years(plan: Plan, people: People, rng: np.random.Generator) -> NDArray[np.int16]:
    """Index of the campaign in which a person first registers; -1 before the first one."""
    entry = np.full(people.count, -1, dtype=np.int16)
    for row in range(len(plan.years)):
        entry[(entry == -1) & (rng.random(people.count) < JOINS_RATE)] = row
        unborn_before = (people.category[row] >= 0) & (people.category[row - 1] < 0) if row else people.age < row
        entry[unborn_before] = row
    newborn = people.age - (len(plan.years) - 1) == 0
    entry[newborn] = 0
    entry[rng.random(people.count) < NEVER_REGISTERED_RATE] = NEVER
    return entry


def _leave_years(plan: Plan, people: People, rng: np.random.Generator) -> tuple[NDArray[np.int16], NDArray[np.int8]]:
    """Index of the campaign in which a person is no longer due (NEVER for most), and why."""
    leaves = np.full(people.count, NEVER, dtype=np.int16)
    reason = np.full(people.count, -1, dtype=np.int8)
    age = people.age
    yearly = {
        "deceased": np.interp(age, [0, 40, 60, 75, 90], [0.0003, 0.001, 0.006, 0.025, 0.11]),
        "employee_scheme": np.where((age >= 20) & (age < 50), 0.010, 0.0),
        "insured_elsewhere": np.full(people.count, 0.004),
        "moved": np.full(people.count, 0.003),
        "enlisted": np.where((age >= 18) & (age < 24), 0.004, 0.0),
    }
    for row in range(len(plan.years)):
        for name, rate in yearly.items():
            leaving = (leaves == NEVER) & (rng.random(people.count) < rate)
            leaves[leaving] = row
            reason[leaving] = plan.code("not_due", "reason", name)
    return leaves, reason


def _registration_days(
    plan: Plan, row: int, is_first: NDArray[np.bool_], people: People, rng: np.random.Generator
) -> Days:
    """Members are carried over before the campaign opens, village by village; first-time members come through it."""
    window = plan.windows[row]
    village_day = rng.integers(-45, -3, len(plan.villages))[people.village]
    length = int((window.deadline - window.opens).astype(int))
    through = (length * rng.beta(1.2, 2.2, people.count)).astype(np.int64) - 30
    days = window.opens + np.where(is_first, through, village_day)
    return np.maximum(days, people.born_on + 1)


def _assistance(
    plan: Plan, people: People, is_eligible: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[NDArray[np.int8], NDArray[np.int64], NDArray[np.datetime64], NDArray[np.bool_]]:
    """Group by person; amount, day and whether it is the whole premium by (year, person)."""
    groups = plan.codebook("assisted", "group")
    years, count = len(plan.years), people.count
    group = np.full(count, -1, dtype=np.int8)
    fen = np.zeros((years, count), dtype=np.int64)
    on = np.full((years, count), np.datetime64("NaT"), dtype=DAY)
    fully = np.zeros((years, count), dtype=bool)
    if not groups or plan.assistance_channel < 0:
        return group, fen, on, fully
    chosen = rng.random(count) < np.interp(people.age, [0, 30, 60, 80], [0.015, 0.02, 0.05, 0.08])
    group[chosen] = rng.integers(0, len(groups), int(chosen.sum()))
    for row, window in enumerate(plan.windows):
        prices = plan.prices[row].on_time_fen
        lowest = np.where(plan.has_choice, prices[:, 0], prices[:, -1])[people.category[row]]
        day = window.opens + 12 + rng.integers(0, 40, count)
        listed = (group >= 0) & is_eligible[row] & (day <= plan.as_of) & (lowest > 0)
        # Every second group gets a part of the premium only, in whole yuan.
        part = np.where(group % 2 == 0, lowest, lowest * 6 // 1000 * 100)
        fen[row] = np.where(listed, part, 0)
        on[row] = np.where(listed, day, np.datetime64("NaT"))
        fully[row] = listed & (group % 2 == 0)
    return group, fen, on, fully
