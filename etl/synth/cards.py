"""Cards: applied for, issued, activated, signed for SMS, funded; and who got stuck on the way."""

from dataclasses import dataclass

import numpy as np

from configuration.city import CardChannel, Need, PersonGroup
from etl.reasons import RowReason
from etl.synth.behaviour import Behaviour, cut_of, empty_days
from etl.synth.ledger import Array, Entry, Ledger
from etl.synth.plan import DAY, Plan
from etl.synth.population import People
from etl.synth.register import Lag, Register
from etl.synth.rows import Rows, join_rows, make_rows, set_aside

NO_ISSUE_RATE = 0.004  # activated, and the issue is on no record
WRONG_ORDER_RATE = 0.0004  # activated before it was issued (33)
_ADULT_AGE = 18
EVENTS = ("applied", "issued", "activated", "sms_signed", "funding")


@dataclass
class Cards:
    """Days by person (NaT: not yet, or not on record), and money on the card as the card system says it."""

    applied_on: Array
    issued_on: Array
    activated_on: Array
    signed_on: Array
    channel: Array  # issuing channel, -1 without a card
    funded_on: Array
    emptied_on: Array
    is_wrong_order: Array  # the activation stands before the issue and is set aside


def make_cards(
    plan: Plan, people: People, register: Register, behaviour: Behaviour, ledger: Ledger, rng: np.random.Generator
) -> Cards:
    """Cards such that everybody who paid with one had it activated (and signed, where needed) before."""
    count = people.count
    first_pay = _first_payment(plan, ledger, Need.CARD_ACTIVATED, Need.CARD_ISSUED, Need.CARD_FUNDED, count=count)
    first_signed_pay = _first_payment(plan, ledger, Need.SMS_SIGNED, count=count)
    pays = ~np.isnat(first_pay)
    step = _steps(plan, people, register, behaviour, rng)
    step[pays] = 3
    lag = rng.integers(0, 500, count)
    activated = plan.windows[0].opens - lag - 20
    activated = np.where(pays & (activated >= first_pay), first_pay - 1 - rng.integers(0, 25, count), activated)
    recent = plan.as_of - 5 - rng.integers(0, 60, count)
    stuck_on = np.where(behaviour.is_card_stuck, plan.as_of - 200 - rng.integers(0, 700, count), recent)
    activated = np.maximum(np.where(pays, activated, np.minimum(activated, plan.as_of - 1)), people.born_on + 3)
    issued = np.where(step == 3, activated - rng.integers(0, 40, count), stuck_on)
    applied = np.where(step == 1, recent, issued - rng.integers(3, 25, count))
    channel = _issuing_channels(plan, people, rng)
    instant = np.array([way.is_instant for way in _card_channels(plan)])[channel]
    applied = np.where(instant & (step >= 2), issued, applied)
    applied, issued = np.maximum(applied, people.born_on + 1), np.maximum(issued, people.born_on + 2)
    applied = np.where(instant & (step >= 2), issued, np.minimum(applied, issued))
    activated = np.maximum(activated, issued)
    # The newborn of a payer may have no day to spare: then all steps fall on the day of the payment.
    activated = np.where(pays, np.minimum(activated, first_pay), activated)
    issued = np.where(pays, np.minimum(issued, activated), issued)
    applied = np.where(pays, np.minimum(applied, issued), applied)
    _after_registration(plan, register, pays, step, applied, issued)
    signed = activated + rng.integers(0, 200, count)
    signs = (step == 3) & (rng.random(count) < 0.4) & (signed < plan.as_of)
    signed = np.where(
        ~np.isnat(first_signed_pay),
        np.maximum(activated, np.minimum(signed, first_signed_pay)),
        np.where(signs, signed, np.datetime64("NaT")),
    )
    applied[step < 1], issued[step < 2], activated[step < 3] = (np.datetime64("NaT"),) * 3
    cards = Cards(
        applied,
        issued,
        activated,
        signed.astype(DAY),
        np.where(step > 0, channel, -1),
        empty_days(count),
        empty_days(count),
        np.zeros(count, dtype=bool),
    )
    _fund(plan, cards, behaviour, ledger, rng)
    _spoil(cards, pays, rng)
    return cards


def _first_payment(plan: Plan, ledger: Ledger, *needs: Need, count: int) -> Array:
    """Day of the first payment that needed any of these, NaT without one."""
    paid = np.flatnonzero(plan.needs(*needs)[ledger["channel"]] & (ledger["entry"] == Entry.PAYMENT))
    day = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(day, ledger["person"][paid], ledger["at"][paid].astype(DAY).astype(np.int64))
    first = empty_days(count)
    known = day < np.iinfo(np.int64).max
    first[known] = day[known].astype(DAY)
    return first


def _steps(plan: Plan, people: People, register: Register, behaviour: Behaviour, rng: np.random.Generator) -> Array:
    """How far those come who never paid with a card: 0 none, 1 applied, 2 issued, 3 activated."""
    lagging = register.lag_of_town[people.town] == Lag.BLOCKED
    chance = rng.random(people.count)
    step = np.where(chance < 0.16, 0, np.where(chance < 0.26, 1, np.where(chance < 0.42, 2, 3)))
    new = register.is_first[-1]
    step = np.where(new, np.where(chance < 0.4, 0, np.where(chance < 0.7, 1, np.where(chance < 0.9, 2, 3))), step)
    step = np.where(lagging & (step == 3) & (rng.random(people.count) < 0.5), 2, step)
    return np.where(behaviour.is_card_stuck, 2, step)


def _issuing_channels(plan: Plan, people: People, rng: np.random.Generator) -> Array:
    """Issuing channel by person; some ways do not serve minors (H12)."""
    names = plan.codebook("card_event", "card_channel")
    weights = np.array([0.5, 0.25, 0.15, 0.10][: len(names)] + [0.1] * max(0, len(names) - 4))
    channel = rng.choice(len(names), people.count, p=weights / weights.sum())
    refuses_minors = np.array([PersonGroup.MINOR in way.refuses for way in _card_channels(plan)])
    return np.where(refuses_minors[channel] & (people.age < _ADULT_AGE), 0, channel)


def _card_channels(plan: Plan) -> list[CardChannel]:
    """Issuing channels in the order of their codes' positions."""
    assert plan.city.cards is not None
    return [plan.city.cards.channels[name] for name in plan.codebook("card_event", "card_channel")]


def _after_registration(
    plan: Plan, register: Register, pays: Array, step: Array, applied: Array, issued: Array
) -> None:
    """New registrants who have not paid yet apply some working days after registering (H13)."""
    scheme = plan.city.cards
    wait = scheme.lag_working_days.value if scheme and scheme.lag_working_days.value is not None else 0
    new = np.flatnonzero(register.is_first[-1] & ~pays & (step > 0))
    days = register.enrolled_on[-1][new]
    table = {day: np.datetime64(plan.city.calendar.add_working_days(day, wait), "D") for day in set(days.tolist())}
    earliest = np.array([table[day] for day in days.tolist()], dtype=DAY)
    step[new[earliest >= plan.as_of]] = 0
    applied[new] = np.maximum(applied[new], earliest)
    issued[new] = np.maximum(issued[new], applied[new])
    step[new] = np.where(issued[new] >= plan.as_of, np.minimum(step[new], 1), np.minimum(step[new], 2))


def _fund(plan: Plan, cards: Cards, behaviour: Behaviour, ledger: Ledger, rng: np.random.Generator) -> None:
    """Money on the card: of this year's payers before they pay, of some who have not yet; unknown of others."""
    count = len(cards.channel)
    last = len(plan.years) - 1
    deposits = np.isin(np.arange(count), ledger["person"][ledger["entry"] == Entry.DEPOSIT])
    paid_on = behaviour.paid_at[last].astype(DAY)
    needs = plan.needs(Need.CARD_FUNDED)[np.maximum(behaviour.channel[last], 0)] & behaviour.is_paid[last]
    before = paid_on - rng.integers(0, 15, count)
    cards.funded_on[:] = np.where(
        needs & (rng.random(count) < 0.6), np.maximum(before, cards.activated_on), np.datetime64("NaT")
    )
    waiting = ~behaviour.is_paid[last] & ~np.isnat(cards.activated_on) & (rng.random(count) < 0.2)
    loaded_on = np.maximum(plan.as_of - 1 - rng.integers(0, 60, count), cards.activated_on)
    cards.funded_on[:] = np.where(waiting, loaded_on, cards.funded_on)
    emptied = ~behaviour.is_paid[last] & ~waiting & ~np.isnat(cards.activated_on) & (rng.random(count) < 0.2)
    cards.emptied_on[:] = np.where(emptied, loaded_on, np.datetime64("NaT"))
    for on in (cards.funded_on, cards.emptied_on):
        on[deposits | (on >= plan.as_of)] = np.datetime64("NaT")  # events of the day in progress arrive tomorrow


def _spoil(cards: Cards, pays: Array, rng: np.random.Generator) -> None:
    """Issues that are on no record, and activations dated before the issue (33)."""
    active = np.flatnonzero(~np.isnat(cards.activated_on) & ~pays)
    if not len(active):
        return
    lost = rng.choice(active, max(1, round(NO_ISSUE_RATE * len(active))), replace=False)
    cards.issued_on[lost] = np.datetime64("NaT")
    rest = np.setdiff1d(active, lost)
    wrong = rng.choice(rest, min(len(rest), max(1, round(WRONG_ORDER_RATE * len(cards.channel)))), replace=False)
    cards.is_wrong_order[wrong] = True
    cards.activated_on[wrong] = cards.issued_on[wrong] - 9
    cards.signed_on[wrong] = np.datetime64("NaT")


def card_rows(plan: Plan, people: People, cards: Cards) -> list[Rows]:
    """The events as the card system reports them, each on its day."""
    feeds = plan.feeds_of("card_event")
    if not feeds:
        return []
    days = {
        "applied": cards.applied_on,
        "issued": cards.issued_on,
        "activated": cards.activated_on,
        "sms_signed": cards.signed_on,
        "funding": cards.funded_on,
    }
    parts = [
        _event_rows(plan, people, cards, name, on, "yes" if name == "funding" else None) for name, on in days.items()
    ]
    parts.append(_event_rows(plan, people, cards, "funding", cards.emptied_on, "no"))
    return [join_rows(parts)]


def _event_rows(plan: Plan, people: People, cards: Cards, event: str, on: Array, funded: str | None) -> Rows:
    who = np.flatnonzero(~np.isnat(on) & (on < cut_of(plan).astype(DAY)))
    count = len(who)
    has_channel = event in ("applied", "issued")
    columns = {
        "person_id": who,
        "person_name": who,
        "event": np.full(count, plan.code("card_event", "event", event)),
        "occurred_on": on[who],
        "card_channel": np.where(has_channel, cards.channel[who], -1),
        "is_funded": np.full(count, -1 if funded is None else plan.code("card_event", "is_funded", funded)),
    }
    rows = make_rows(
        plan.feeds.index(plan.feeds_of("card_event")[0]),
        columns,
        day=on[who],
        year_row=np.full(count, -1),
        village=people.village[who],
        sort=on[who].astype(np.int64) * 8 + EVENTS.index(event),
    )
    if event == "activated":
        set_aside(rows, np.flatnonzero(cards.is_wrong_order[who]), RowReason.CARD_EVENT_ORDER)
    return rows
