"""What the makers of special cases work on, and how often each case comes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from etl.reasons import RowReason
from etl.synth.behaviour import Behaviour
from etl.synth.ledger import Array, Entry, Ledger, Role
from etl.synth.plan import DAY, SECOND, Plan, codes_of, maps
from etl.synth.population import People
from etl.synth.register import Lag, Register
from etl.synth.rows import REASONS

HOUR = np.timedelta64(3600, "s")
RATES = {  # of the payments of a campaign
    "paid_twice": 0.0012,
    "reversed_and_paid_again": 0.0012,
    "reversed": 0.0003,
    "partly_refunded": 0.0003,
    "reversal_first": 0.0002,
    "reversal_repeated": 0.0001,
    "reversal_too_large": 0.0001,
    "reversal_orphan": 0.0001,
    "named_differently": 0.0003,
    "tier_mismatch": 0.0003,
    "not_enrolled": 0.0005,
    "on_the_edge": 0.00005,
    "settled_next_day": 0.01,
    "partial_debit": 0.0001,
}


@dataclass
class Scene:
    """What the makers of special cases work on."""

    plan: Plan
    people: People
    register: Register
    behaviour: Behaviour
    ledger: Ledger
    rng: np.random.Generator

    def pick(self, rate: float, *conditions: Array) -> Array:
        """Plain payments that meet the conditions, about `rate` of all; at least one of each campaign that has any.

        Whoever is picked turns special, so that no payment is bent twice.
        """
        ledger = self.ledger
        fit = (ledger["role"] == Role.PLAIN) & (ledger["entry"] == Entry.PAYMENT)
        for condition in conditions:
            fit &= condition
        chosen = []
        for row in range(len(self.plan.years)):
            of_year = np.flatnonzero(fit & (ledger["year_row"] == row))
            total = int((ledger["year_row"] == row).sum())
            wanted = min(len(of_year), max(1, self.rng.poisson(rate * total)))
            chosen.append(np.sort(self.rng.choice(of_year, wanted, replace=False)))
        found = np.concatenate(chosen)
        ledger["role"][found] = Role.SPECIAL
        return found

    def by_channel(self, test: Callable[[int], bool]) -> Array:
        """For every entry: whether `test` holds for its channel."""
        table = np.array([test(index) for index in range(len(self.plan.channels))])
        return table[self.ledger["channel"]]


def reverses(plan: Plan, channel: int) -> bool:
    """Whether a feed of the channel can report reversals."""
    return any(
        "reversal" in codes_of(feed, "entry_type") and maps(feed, "original_txn_no")
        for feed in plan.routes_of(plan.city.channels[channel])
    )


def knows_time(plan: Plan, channel: int) -> bool:
    """Whether every feed of the channel gives the time of day."""
    formats = [
        form
        for feed in plan.routes_of(plan.city.channels[channel])
        for column in feed.columns
        if column.field == "paid_at"
        for form in column.formats
    ]
    return bool(formats) and all("%H" in form for form in formats)


def reason_index(reason: RowReason) -> int:
    """Index of a reason in the arrays."""
    return REASONS.index(reason)


def is_blocked_town(scene: Scene, persons: Array) -> Array:
    """Whether persons live in a town where unpaid orders pile up."""
    blocked: Array = scene.register.lag_of_town[scene.people.town[persons]] == Lag.BLOCKED
    return blocked


def as_known(plan: Plan, channel: Array, at: Array) -> Array:
    """Times as the sources know them: midnight of the day where they give no time."""
    known = np.array([knows_time(plan, index) for index in range(len(plan.channels))])[channel]
    return np.where(known, at, at.astype(DAY).astype(SECOND))
