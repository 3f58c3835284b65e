"""The seven rules of a person and campaign: price class, premium due, subsidy, period, waiting months, entitlement
date, benefit tier. The only place that knows them; arrays in, arrays out.

Every rule depends on few things (category, tier, period, why one waits), so each is a small table computed once in
plain Python and looked up for all persons at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from insurance.policy import CoverStart, LateRule, Policy, Premium, require
from insurance.quantities import Months, to_fen
from insurance.values import Sourced

UNKNOWN = -1  # an amount or a number of months that no source states
UNPAID, ON_TIME, LATE = 0, 1, 2  # codes of Outcome.period

IndexArray = NDArray[np.int16]
FenArray = NDArray[np.int64]
DayArray = NDArray[np.datetime64]


@dataclass(frozen=True)
class Facts:
    """What is known of n persons in one campaign. Arrays have shape (n,)."""

    categories: tuple[str, ...]
    category: IndexArray  # index into categories, -1 for none
    tiers: tuple[str, ...]
    tier: IndexArray  # index into tiers, -1 for none or unknown
    paid_on: DayArray  # datetime64[D], NaT when unpaid
    is_first_time: NDArray[np.bool_]
    is_lapsed: NDArray[np.bool_]
    deadline_on: date  # the last day that counts as on time
    opens_on: date

    def __post_init__(self) -> None:
        arrays = (self.category, self.tier, self.paid_on, self.is_first_time, self.is_lapsed)
        shapes = {array.shape for array in arrays}
        if shapes != {(self.category.size,)}:
            raise ValueError(f"all arrays must have one and the same shape (n,); found {sorted(shapes)}")
        if self.paid_on.dtype != np.dtype("datetime64[D]"):
            raise ValueError(f"paid_on must be datetime64[D]; found {self.paid_on.dtype}")
        if not self.opens_on <= self.deadline_on:
            raise ValueError(f"the collection opens on {self.opens_on}, after its deadline {self.deadline_on}")
        for name, array, codes in (("category", self.category, self.categories), ("tier", self.tier, self.tiers)):
            if array.size and not (array.min() >= -1 and array.max() < len(codes)):
                raise ValueError(f"{name} holds indices outside -1 … {len(codes) - 1}")


@dataclass(frozen=True)
class Outcome:
    """What the rules say of the same n persons. Arrays have shape (n,)."""

    price_classes: tuple[str, ...]
    price_class: IndexArray  # index into price_classes, -1 when category or tier is unknown
    premium_due_fen: FenArray  # of the unpaid: the price of the collection period; UNKNOWN where no source states it
    subsidy_fen: FenArray  # public money that the payment brings; 0 for the unpaid
    period: NDArray[np.int8]  # UNPAID, ON_TIME or LATE
    waiting_months: IndexArray  # UNKNOWN also for the unpaid
    entitled_on: DayArray  # first day of entitlement; NaT when unpaid or unknown
    benefit_tiers: tuple[str, ...]
    benefit_tier: IndexArray  # index into benefit_tiers, -1 when unknown


@dataclass(frozen=True)
class Price:
    """What one category and tier costs in one period."""

    category: str
    tier: str | None  # None: the category has one price
    period: str  # 'on_time' or 'late'
    price_class: str
    premium_due_fen: int | None  # None when no source states it
    subsidy_fen: int | None
    benefit_tier: str | None


class _Amounts(NamedTuple):
    """Premium due and subsidy in fen, None where unknown."""

    premium_due_fen: int | None
    subsidy_fen: int | None


def late_rule(policy: Policy) -> LateRule:
    """What happens to late payers. Raises UnknownValueError when no source says."""
    return require("late_rule", policy.effective().late_rule)


def price_table(policy: Policy, categories: tuple[str, ...], tiers: tuple[str, ...]) -> list[Price]:
    """The prices of `categories`, on time and (unless late payments are not accepted) late, in the order given.

    A category that chooses a tier has a line for each of `tiers`; the others have one with tier None. Categories and
    tiers that the policy does not price have none.
    """
    effective = policy.effective()
    lines = {(line.category, line.tier): line for line in effective.premiums}
    periods = [(ON_TIME, "on_time"), (LATE, "late")]
    if effective.late_rule.value is LateRule.NOT_ACCEPTED:
        periods.pop()
    prices = []
    for category in categories:
        for tier in (None, *tiers):
            line = lines.get((category, tier))
            if line is None:
                continue
            for period, period_name in periods:
                amounts = _amounts(effective, line, period)
                prices.append(Price(category, tier, period_name, line.price_class, *amounts, line.benefit_tier.value))
    return prices


def apply_rules(policy: Policy, facts: Facts) -> Outcome:
    """The seven rules for all persons of `facts`.

    The deadline day counts as on time. Whoever must wait is entitled so many months after the payment (clipped to the
    month's end), never before the benefit year; of several reasons to wait the longest counts, and one unknown wait
    makes the whole unknown. Late payers who need not wait are covered from the payment: unpaid time is never covered.
    """
    effective = policy.effective()
    price_classes = tuple(named.code for named in effective.price_classes)
    benefit_tiers = tuple(named.code for named in effective.benefit_tiers)
    class_of, tier_of, amounts_of = _line_tables(effective, facts, price_classes, benefit_tiers)
    line = (facts.category.astype(np.intp) + 1) * (len(facts.tiers) + 1) + facts.tier + 1
    period = _periods(facts)
    line_and_period = line * 3 + period
    reasons = (period * 4 + facts.is_lapsed * 2 + facts.is_first_time).astype(np.intp)
    return Outcome(
        price_classes=price_classes,
        price_class=class_of[line],
        premium_due_fen=amounts_of[:, 0][line_and_period],
        subsidy_fen=amounts_of[:, 1][line_and_period],
        period=period,
        waiting_months=_waiting_table(effective)[reasons],
        entitled_on=_entitled_on(effective, facts.paid_on, reasons),
        benefit_tiers=benefit_tiers,
        benefit_tier=tier_of[line],
    )


def _periods(facts: Facts) -> NDArray[np.int8]:
    is_late = facts.paid_on > np.datetime64(facts.deadline_on, "D")  # NaT is neither late nor paid
    return (~np.isnat(facts.paid_on)).astype(np.int8) + is_late


def _amounts(policy: Policy, line: Premium | None, period: int) -> _Amounts:
    premium = line.premium_yuan.value if line is not None else None
    premium_fen = None if premium is None else to_fen(premium)
    subsidy_fen = None if policy.subsidy_yuan.value is None else to_fen(policy.subsidy_yuan.value)
    if period == UNPAID:
        return _Amounts(premium_fen, 0)
    if period == ON_TIME:
        return _Amounts(premium_fen, subsidy_fen)
    rule = policy.late_rule.value
    if rule is None:
        return _Amounts(None, None)
    if rule is LateRule.NOT_ACCEPTED:
        return _Amounts(None, 0)
    if rule is LateRule.LOSES_SUBSIDY_AND_WAITS:
        return _Amounts(None if premium_fen is None or subsidy_fen is None else premium_fen + subsidy_fen, 0)
    return _Amounts(premium_fen, subsidy_fen)


def _lines(policy: Policy, facts: Facts) -> Iterator[tuple[int, Premium | None]]:
    """Every pair of category and tier, unknown ones first, with its price line; a single price ignores the tier."""
    lines = {(line.category, line.tier): line for line in policy.premiums}
    row = 0
    for category in (None, *facts.categories):
        for tier in (None, *facts.tiers):
            line = None if category is None else lines.get((category, None)) or lines.get((category, tier))
            yield row, line
            row += 1


def _line_tables(
    policy: Policy, facts: Facts, price_classes: tuple[str, ...], benefit_tiers: tuple[str, ...]
) -> tuple[IndexArray, IndexArray, FenArray]:
    """By line: price class and benefit tier; by line × 3 + period: premium due and subsidy, shape (3 lines, 2)."""
    rows = list(_lines(policy, facts))
    class_of = np.full(len(rows), -1, np.int16)
    tier_of = np.full(len(rows), -1, np.int16)
    amounts_of = np.full((3 * len(rows), 2), UNKNOWN, np.int64)
    for row, line in rows:
        if line is not None:
            class_of[row] = price_classes.index(line.price_class)
            if line.benefit_tier.value is not None:
                tier_of[row] = benefit_tiers.index(line.benefit_tier.value)
        for period in (UNPAID, ON_TIME, LATE):
            known = _amounts(policy, line, period)
            amounts_of[3 * row + period] = [UNKNOWN if amount is None else amount for amount in known]
    return class_of, tier_of, amounts_of


def _late_wait(policy: Policy) -> int:
    rule = policy.late_rule.value
    if rule is None or rule is LateRule.NOT_ACCEPTED:
        return UNKNOWN  # there is no cover to wait for, or nobody knows
    return 0 if rule is LateRule.NONE else _months(policy.waiting_months.late)


def _months(wait: Sourced[Months]) -> int:
    return UNKNOWN if wait.value is None else wait.value


def _waiting_table(policy: Policy) -> IndexArray:
    """Months to wait by period × 4 + lapsed × 2 + first-time."""
    waits = policy.waiting_months
    table = np.full(12, UNKNOWN, np.int16)
    for period in (ON_TIME, LATE):
        for lapsed in (0, 1):
            for first_time in (0, 1):
                applicable = [0]
                applicable += [_late_wait(policy)] if period == LATE else []
                applicable += [_months(waits.lapsed)] if lapsed else []
                applicable += [_months(waits.first_time)] if first_time else []
                longest = UNKNOWN if UNKNOWN in applicable else max(applicable)
                table[period * 4 + lapsed * 2 + first_time] = longest
    return table


def add_months(days: DayArray, months: int) -> DayArray:
    """`days` (datetime64[D]) so many months later; a day that the month does not have becomes its last."""
    first_of_month = days.astype("datetime64[M]")
    target = first_of_month + np.timedelta64(months, "M")
    last_day = (target + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
    moved = target.astype("datetime64[D]") + (days - first_of_month.astype("datetime64[D]"))
    clipped: DayArray = np.minimum(moved, last_day)
    return clipped


def _entitled_on(policy: Policy, paid_on: DayArray, reasons: NDArray[np.intp]) -> DayArray:
    """First day of entitlement, from a table of every day paid on and every reason to wait."""
    is_paid = ~np.isnat(paid_on)
    if not is_paid.any():
        return np.full(paid_on.shape, np.datetime64("NaT", "D"))
    first, last = paid_on[is_paid].min(), paid_on[is_paid].max()
    calendar = np.arange(first, last + np.timedelta64(1, "D"))
    year_start = np.datetime64(policy.valid_from, "D")
    waits = _waiting_table(policy)
    table = np.full((12, calendar.size + 1), np.datetime64("NaT", "D"))  # the last column is for the unpaid
    for reason, months in enumerate(waits):
        if months == UNKNOWN:
            continue
        is_late = reason // 4 == LATE
        if months == 0 and not is_late and policy.cover_starts.value is CoverStart.FROM_1_JANUARY:
            table[reason, :-1] = year_start
        else:
            table[reason, :-1] = np.maximum(add_months(calendar, int(months)), year_start)
    day = np.where(is_paid, (paid_on - first).astype(np.int64), calendar.size)
    return table[reasons, day]
