"""Orders of channels that have them: when they were made, and those that no money followed."""

import numpy as np

from configuration.city import Need
from etl.synth.behaviour import cut_of
from etl.synth.ledger import Array, Entry, Role
from etl.synth.plan import DAY, SECOND
from etl.synth.scene import HOUR, Scene, is_blocked_town

VOID_RATE, VOID_RATE_IN_LAGGING_TOWN = 0.02, 0.10  # of those unpaid at the as-of day
PENDING_RATE, PENDING_RATE_IN_LAGGING_TOWN = 0.004, 0.06
CANCELLED_RATE = 0.006
VOID_BEFORE_PAYING_RATE = 0.015  # of those who paid
CONFIRMED_VOID_RATE = 0.0003


def add_orders(scene: Scene) -> None:
    """Complete the payments of order channels with their orders, and add orders without money."""
    for index, channel in enumerate(scene.plan.city.channels):
        if any(feed.kind == "order" for feed in scene.plan.routes_of(channel)):
            _complete(scene, index)
            for row in range(len(scene.plan.years)):
                if channel.is_open_in(scene.plan.years[row]):
                    _add_unpaid(scene, index, row)


def _state(scene: Scene, name: str) -> int:
    return scene.plan.code("order", "state", name)


def _complete(scene: Scene, channel: int) -> None:
    """Paid orders: made some minutes before, on the same day (an unpaid order does not outlive it)."""
    ledger = scene.ledger
    paid = np.flatnonzero((ledger["channel"] == channel) & (ledger["entry"] == Entry.PAYMENT))
    minutes = scene.rng.integers(20, 1500, len(paid)).astype("timedelta64[s]")
    midnight = ledger["at"][paid].astype(DAY).astype(SECOND)
    ledger["created_at"][paid] = np.maximum(ledger["at"][paid] - minutes, midnight)
    ledger["state"][paid] = _state(scene, "completed")
    ledger["is_confirmed"][paid] = True


def _add_unpaid(scene: Scene, channel: int, row: int) -> None:
    plan, rng, behaviour = scene.plan, scene.rng, scene.behaviour
    window = plan.windows[row]
    may = scene.register.is_enrolled[row] & (scene.register.not_due[row] < 0) & ~scene.register.is_fully_assisted[row]
    if Need.EARLIER_MEMBERSHIP in plan.city.channels[channel].needs:
        may &= ~scene.register.is_first[row]
    unpaid = np.flatnonzero(may & ~behaviour.is_paid[row])
    paid = np.flatnonzero(may & behaviour.is_paid[row] & (behaviour.paid_at[row].astype(DAY) > window.opens + 3))
    in_lag = is_blocked_town(scene, unpaid) & window.is_current
    chance = rng.random(len(unpaid))
    last = min(window.deadline, plan.as_of - 1)
    recent = last - rng.integers(0, max(1, min(50, int((last - window.opens).astype(int)))), len(unpaid))
    void_rate = np.where(in_lag, VOID_RATE_IN_LAGGING_TOWN, VOID_RATE)
    voids = chance < void_rate
    _add(scene, channel, row, unpaid[voids], recent[voids], "void")
    cancelled = (chance >= void_rate) & (chance < void_rate + CANCELLED_RATE)
    _add(scene, channel, row, unpaid[cancelled], recent[cancelled], "cancelled")
    pending_rate = np.where(in_lag, PENDING_RATE_IN_LAGGING_TOWN, PENDING_RATE)
    is_open = window.opens <= plan.as_of <= window.closes
    if is_open:
        pending = (chance >= void_rate + CANCELLED_RATE) & (chance < void_rate + CANCELLED_RATE + pending_rate)
        _add(scene, channel, row, unpaid[pending], np.full(int(pending.sum()), plan.as_of), "pending")
    tried = paid[rng.random(len(paid)) < VOID_BEFORE_PAYING_RATE]
    _add(scene, channel, row, tried, behaviour.paid_at[row][tried].astype(DAY) - 2, "void")
    rest = unpaid[chance > 0.5]
    wanted = min(len(rest), max(2, round(CONFIRMED_VOID_RATE * len(paid))))
    confirmed = np.sort(rng.choice(len(rest), wanted, replace=False))
    day = recent[chance > 0.5][confirmed]
    _add(scene, channel, row, rest[confirmed[::2]], day[::2], "void", is_confirmed=True)
    _add(scene, channel, row, rest[confirmed[1::2]], day[1::2], "cancelled", is_confirmed=True)


def _add(
    scene: Scene, channel: int, row: int, persons: Array, day: Array, state: str, *, is_confirmed: bool = False
) -> None:
    plan, rng, people = scene.plan, scene.rng, scene.people
    tier = scene.behaviour.tier[row, persons]
    column = np.where(tier >= 0, tier, len(plan.tiers))
    price = plan.prices[row].on_time_fen[people.category[row, persons], column]
    latest = 10 if state == "pending" else 21
    at = day.astype(SECOND) + 7 * HOUR + (rng.random(len(persons)) * (latest - 7) * 3600).astype("timedelta64[s]")
    good = (price > 0) & (at < cut_of(plan))
    payer = people.family_payer[persons]
    scene.ledger.add(
        year_row=np.full(int(good.sum()), row),
        person=persons[good],
        payer=payer[good],
        channel=np.full(int(good.sum()), channel),
        tier=tier[good],
        amount_fen=price[good],
        asked_fen=price[good],
        created_at=at[good],
        at=(at + np.timedelta64(300, "s"))[good]
        if is_confirmed
        else np.full(int(good.sum()), np.datetime64("NaT"), SECOND),
        entry=Entry.ORDER,
        state=_state(scene, state),
        is_confirmed=is_confirmed,
        role=Role.SPECIAL if is_confirmed else Role.PLAIN,
    )
