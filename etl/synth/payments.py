"""The ledger: plain payments, and the special cases that real money and real orders bring."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from configuration.city import ChannelKind
from etl.synth.behaviour import Behaviour, cut_of
from etl.synth.ledger import Array, Entry, Ledger, Role, assign_feeds, assign_serials
from etl.synth.orders import add_orders
from etl.synth.plan import DAY, SECOND, Plan, codes_of, maps
from etl.synth.population import People
from etl.synth.register import Register
from etl.synth.reversals import add_reversals
from etl.synth.scene import HOUR, RATES, Scene, as_known, knows_time


def make_ledger(
    plan: Plan,
    people: People,
    register: Register,
    behaviour: Behaviour,
    excel_villages: Array,
    rng: np.random.Generator,
) -> Ledger:
    """Payments, reversals, deposits and orders up to the as-of moment, each with its feed and number."""
    scene = Scene(plan, people, register, behaviour, Ledger(), rng)
    _add_plain_payments(scene)
    _bend_payments(scene)
    _add_second_payments(scene)
    _add_payments_without_enrolment(scene)
    _add_deposits(scene)
    add_reversals(scene)
    add_orders(scene)
    assign_feeds(plan, people, scene.ledger, excel_villages)
    _fill_reporting_days(scene)
    assign_serials(scene.ledger)
    return scene.ledger


def _add_plain_payments(scene: Scene) -> None:
    behaviour = scene.behaviour
    years, persons = np.nonzero(behaviour.is_paid)
    channel = behaviour.channel[years, persons]
    can_pay_for_others = np.array([_has_payers(scene.plan, c) for c in range(len(scene.plan.channels))])
    payer = np.where(can_pay_for_others[channel], scene.people.family_payer[persons], -1)
    amount = behaviour.amount_fen[years, persons]
    scene.ledger.add(
        year_row=years,
        person=persons,
        payer=payer,
        channel=channel,
        tier=behaviour.tier[years, persons],
        amount_fen=amount,
        asked_fen=amount,
        at=as_known(scene.plan, channel, behaviour.paid_at[years, persons]),
    )


def _has_payers(plan: Plan, channel: int) -> bool:
    return any(maps(feed, "payer_id") for feed in plan.routes_of(plan.city.channels[channel]))


def _bend_payments(scene: Scene) -> None:
    plan, ledger = scene.plan, scene.ledger
    named = scene.pick(RATES["named_differently"])
    other = (ledger["person"][named] + 1) % scene.people.count
    names = scene.people.names
    is_other_name = np.asarray(pc.not_equal(names.take(pa.array(other)), names.take(pa.array(ledger["person"][named]))))
    ledger["named_as"][named] = np.where(is_other_name, other, -1)
    if len(plan.tiers) > 1:
        lowest = np.array([p.on_time_fen[:, 0] for p in plan.prices])
        category = scene.people.category[ledger["year_row"], ledger["person"]]
        is_plain_price = ledger["amount_fen"] == ledger["asked_fen"]
        highest_tier = ledger["tier"] == len(plan.tiers) - 1
        mismatch = scene.pick(RATES["tier_mismatch"], highest_tier & is_plain_price)
        ledger["amount_fen"][mismatch] = lowest[ledger["year_row"][mismatch], category[mismatch]]
    partial = scene.pick(RATES["partial_debit"], scene.by_channel(lambda c: _reports_partial(plan, c)))
    ledger["amount_fen"][partial] -= 1000
    ledger["is_partial"][partial] = True
    _move_to_the_edge(scene)


def _reports_partial(plan: Plan, channel: int) -> bool:
    return any(maps(feed, "is_partial") for feed in plan.routes_of(plan.city.channels[channel]))


def _move_to_the_edge(scene: Scene) -> None:
    """Payments in the last second of the deadline and in the first after it, settled a day later (28, 29)."""
    plan, ledger = scene.plan, scene.ledger
    deadlines = np.array([w.deadline for w in plan.windows])[ledger["year_row"]]
    closes = np.array([w.closes for w in plan.windows])[ledger["year_row"]]
    late_fen = _late_prices(scene)
    can = scene.by_channel(lambda c: knows_time(plan, c)) & (deadlines + 2 < plan.as_of)
    last = (
        scene.pick(RATES["on_the_edge"], can, ledger["at"].astype(DAY) <= deadlines) if can.any() else np.empty(0, int)
    )
    ledger["at"][last] = deadlines[last].astype(SECOND) + np.timedelta64(86_399, "s")
    ledger["settled_on"][last] = deadlines[last] + 1
    can &= (closes > deadlines) & (late_fen > 0)
    if can.any():
        first = scene.pick(RATES["on_the_edge"], can)
        ledger["at"][first] = (deadlines[first] + 1).astype(SECOND)
        ledger["amount_fen"][first] = ledger["asked_fen"][first] = late_fen[first]


def _late_prices(scene: Scene) -> Array:
    ledger, people = scene.ledger, scene.people
    category = people.category[ledger["year_row"], ledger["person"]]
    tables = np.array([p.late_fen for p in scene.plan.prices])
    column = np.where(ledger["tier"] >= 0, ledger["tier"], len(scene.plan.tiers))
    is_assisted = scene.register.assisted_fen[ledger["year_row"], ledger["person"]] > 0
    return np.where(is_assisted, -1, tables[ledger["year_row"], category, column])


def _add_second_payments(scene: Scene) -> None:
    """One person, two channels: both count as money, one as cover (21)."""
    plan, ledger, rng = scene.plan, scene.ledger, scene.rng
    others = {
        row: [
            i
            for i, c in enumerate(plan.city.channels)
            if c.is_open_in(plan.years[row])
            and c.kind in (ChannelKind.ONLINE, ChannelKind.MACHINE, ChannelKind.COUNTER)
            and plan.routes_of(c)
        ]
        for row in range(len(plan.years))
    }
    windows = np.array([w.deadline for w in plan.windows])[ledger["year_row"]]
    limit = np.minimum((windows + 1).astype(SECOND), cut_of(plan))
    twice = scene.pick(RATES["paid_twice"], ledger["at"] + 30 * HOUR < limit)
    later = ledger["at"][twice].astype(DAY) + 1
    wait = (limit[twice] - later.astype(SECOND)).astype(np.int64)
    at = later.astype(SECOND) + (rng.random(len(twice)) * np.minimum(wait, 10 * 86_400)).astype("timedelta64[s]")
    channel = np.array(
        [
            rng.choice([c for c in others[row] if c != own] or [own])
            for row, own in zip(ledger["year_row"][twice], ledger["channel"][twice], strict=True)
        ],
        dtype=np.int64,
    )
    usable = np.array([bool(others[row]) for row in ledger["year_row"][twice]], dtype=bool)
    ledger.repeat(twice[usable], channel=channel[usable], at=as_known(plan, channel, at)[usable], role=Role.SPECIAL)


def _add_payments_without_enrolment(scene: Scene) -> None:
    """Money for people whom the register does not hold: in suspense (32)."""
    plan, people, rng = scene.plan, scene.people, scene.rng
    for row, window in enumerate(plan.windows):
        known = ~scene.register.is_enrolled[row] & (people.category[row] >= 0) & (scene.register.not_due[row] < 0)
        persons = np.flatnonzero(known)
        wanted = min(len(persons), max(2, round(RATES["not_enrolled"] * scene.behaviour.is_paid[row].sum())))
        chosen = np.sort(rng.choice(persons, wanted, replace=False))
        channel = scene.behaviour.channel[row, chosen]
        tier = scene.behaviour.tier[row, chosen]
        prices = plan.prices[row].on_time_fen[people.category[row, chosen], np.where(tier >= 0, tier, len(plan.tiers))]
        last = min(window.deadline, plan.as_of - 1)
        day = window.opens + rng.integers(0, int((last - window.opens).astype(int)) + 1, wanted)
        at = as_known(
            plan, channel, day.astype(SECOND) + 12 * HOUR + rng.integers(0, 7200, wanted).astype("timedelta64[s]")
        )
        good = (channel >= 0) & (prices > 0)
        scene.ledger.add(
            year_row=np.full(int(good.sum()), row),
            person=chosen[good],
            channel=channel[good],
            tier=tier[good],
            amount_fen=prices[good],
            asked_fen=prices[good],
            at=at[good],
            role=Role.SPECIAL,
        )


def _add_deposits(scene: Scene) -> None:
    """Money put on the card a few days before: reported among the payments, and no payment (30)."""
    plan, ledger, rng = scene.plan, scene.ledger, scene.rng
    takes = [
        any("deposit" in codes_of(feed, "entry_type") for feed in plan.routes_of(channel))
        for channel in plan.city.channels
    ]
    if not any(takes):
        return
    opens = np.array([w.opens for w in plan.windows])[ledger["year_row"]]
    paying = np.flatnonzero(
        np.array(takes)[ledger["channel"]] & (ledger["entry"] == Entry.PAYMENT) & (ledger["at"].astype(DAY) > opens + 8)
    )
    chosen = paying[rng.random(len(paying)) < 0.03]
    _, first = np.unique(ledger["person"][chosen], return_index=True)
    chosen = chosen[np.sort(first)]
    earlier = rng.integers(1, 7 * 86_400, len(chosen)).astype("timedelta64[s]")
    amount = np.array([20_000, 30_000, 50_000, 100_000])[rng.integers(0, 4, len(chosen))]
    ledger.repeat(
        chosen,
        at=ledger["at"][chosen] - earlier,
        amount_fen=amount,
        asked_fen=amount,
        entry=Entry.DEPOSIT,
        role=Role.SPECIAL,
        payer=-1,
        tier=-1,
        settled_on=np.datetime64("NaT"),
        is_partial=False,
        named_as=-1,
    )


def _fill_reporting_days(scene: Scene) -> None:
    """When money settled (the same day, for a few the next) and in which day's file it stands."""
    ledger, rng = scene.ledger, scene.rng
    day = ledger["at"].astype(DAY)
    created = ledger["created_at"].astype(DAY)
    next_day = rng.random(len(ledger)) < RATES["settled_next_day"]
    ledger["settled_on"][:] = np.where(np.isnat(ledger["settled_on"]), day + next_day, ledger["settled_on"])
    own = np.where(np.isnat(created), day, created)
    ledger["reported_on"][:] = np.where(np.isnat(ledger["reported_on"]), own, ledger["reported_on"])
