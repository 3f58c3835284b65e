"""participation.parquet: one row per person and campaign, as the warehouse table must come out."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from configuration.city import ChannelKind, Need
from etl.synth.ledger import Array, Entry, Ledger
from etl.synth.plan import DAY, SECOND, Plan, maps
from etl.synth.population import People
from etl.synth.register import Register
from etl.synth.truth import COVERING, TWICE, Money, Seen, latest_orders, named_differently
from insurance.rules import Facts, apply_rules

FIRST, CONTINUING, RETURNED, UNKNOWN = range(4)
MEMBERSHIPS = ("first", "continuing", "returned", "unknown")
BLOCKERS = (
    "not_registered",
    "order_pending",
    "no_card",
    "not_issued",
    "not_activated",
    "funded_unpaid",
    "order_void",
    "silent_since_last_year",
    "nothing_known",
)
PAYER_RELATIONS = ("self", "other", "assistance")
PERIODS = ("on_time", "late")
CARD_STATES = ("none", "applied", "issued", "activated")


@dataclass
class Cover:
    """By (year, person): the payment that covers, if any."""

    is_paid: Array
    paid_at: Array
    channel: Array
    tier: Array
    payer: Array  # 0 self, 1 other, 2 assistance
    entry: Array  # position in the ledger, -1 for assistance
    paid_fen: Array
    refund_fen: Array
    has_money: Array  # any payment at all


def participation_table(
    plan: Plan, people: People, register: Register, ledger: Ledger, seen: Seen, money: Money, references: pa.StringArray
) -> pa.Table:
    """All campaigns one after the other, persons in order of the simulation."""
    cover = _covers(plan, people, register, ledger, seen, money)
    shape = seen.is_enrolled.shape
    orders = latest_orders(plan, ledger, seen, shape)
    named = named_differently(plan, ledger)
    parts = [
        _year_table(plan, people, register, ledger, seen, cover, orders[row], named, references, row)
        for row in range(len(plan.years))
    ]
    return pa.concat_tables(parts)


def _covers(plan: Plan, people: People, register: Register, ledger: Ledger, seen: Seen, money: Money) -> Cover:
    shape = seen.is_enrolled.shape
    cover = Cover(
        np.zeros(shape, dtype=bool),
        np.full(shape, np.datetime64("NaT"), SECOND),
        np.full(shape, -1, dtype=np.int8),
        np.full(shape, -1, dtype=np.int8),
        np.zeros(shape, dtype=np.int8),
        np.full(shape, -1, dtype=np.int64),
        np.zeros(shape, dtype=np.int64),
        np.zeros(shape, dtype=np.int64),
        np.zeros(shape, dtype=bool),
    )
    full = (seen.assisted_fen > 0) & register.is_fully_assisted & seen.is_enrolled
    cover.is_paid |= full
    cover.paid_at[full] = register.assisted_on[full].astype(SECOND)
    cover.channel[full] = plan.assistance_channel
    cover.payer[full] = 2
    cover.tier[full & _chooses(plan, people)] = 0  # others pay the lowest price
    entry, standing = money.at, money.standing
    year, person = ledger["year_row"][entry], ledger["person"][entry]
    cover.has_money[year, person] = True
    np.add.at(cover.refund_fen, (year[standing == TWICE], person[standing == TWICE]), money.net_fen[standing == TWICE])
    one = standing == COVERING
    cells = (year[one], person[one])
    cover.is_paid[cells] = True
    cover.paid_at[cells] = ledger["at"][entry[one]]
    cover.channel[cells] = ledger["channel"][entry[one]]
    cover.entry[cells] = entry[one]
    cover.paid_fen[cells] = money.net_fen[one]
    has_payer = np.array([maps(feed, "payer_id") for feed in plan.feeds])[ledger["feed"][entry[one]]]
    payer = ledger["payer"][entry[one]]
    cover.payer[cells] = has_payer & (payer >= 0) & (payer != person[one])
    cover.tier[cells] = _tiers(plan, people, ledger, entry[one])
    return cover


def _chooses(plan: Plan, people: People) -> Array:
    return plan.has_choice[people.category] & (people.category >= 0)


def _tiers(plan: Plan, people: People, ledger: Ledger, entry: Array) -> Array:
    """The tier on the row; without one, the tier whose price of the period is the amount."""
    year, person = ledger["year_row"][entry], ledger["person"][entry]
    declared = np.array([maps(feed, "tier") for feed in plan.feeds])[ledger["feed"][entry]]
    category = people.category[year, person]
    is_late = ledger["at"][entry].astype(DAY) > np.array([w.deadline for w in plan.windows])[year]
    by_price = np.full(len(entry), -1, dtype=np.int8)
    for tier in range(len(plan.tiers)):
        on_time, late = (
            np.array([getattr(p, name) for p in plan.prices])[year, category, tier]
            for name in ("on_time_fen", "late_fen")
        )
        by_price[np.where(is_late, late, on_time) == ledger["amount_fen"][entry]] = tier
    return np.where(plan.has_choice[category], np.where(declared, ledger["tier"][entry], by_price), -1)


def _memberships(plan: Plan, register: Register, seen: Seen, cover: Cover, row: int) -> Array:
    has_word = any(maps(feed, "membership") for feed in plan.feeds_of("enrolment"))
    word_first = seen.is_enrolled[row] & register.is_first[row] & has_word
    if row == 0:
        known = seen.is_enrolled[row] & has_word
        return np.where(word_first, FIRST, np.where(known, CONTINUING, UNKNOWN))
    ever, last = cover.is_paid[:row].any(axis=0), cover.is_paid[row - 1]
    # Whom the register calls continuing was a member once: unpaid last year, cover has lapsed.
    word_continuing = seen.is_enrolled[row] & ~register.is_first[row] & has_word
    return np.where(word_first, FIRST, np.where(last, CONTINUING, np.where(ever | word_continuing, RETURNED, FIRST)))


def _year_table(
    plan: Plan,
    people: People,
    register: Register,
    ledger: Ledger,
    seen: Seen,
    cover: Cover,
    order_state: Array,
    is_named: Array,
    references: pa.StringArray,
    row: int,
) -> pa.Table:
    enrolled = seen.is_enrolled[row]
    last_register = seen.is_enrolled[row - 1] if row else np.zeros_like(enrolled)
    who = np.flatnonzero(enrolled | last_register | cover.has_money[row])
    newest = np.where(enrolled, row, np.where(last_register, row - 1, -1))[who]
    due = ((enrolled | last_register) & (seen.not_due[row] < 0))[who]
    membership = _memberships(plan, register, seen, cover, row)[who]
    category = np.where(newest >= 0, people.category[np.maximum(newest, 0), who], -1)
    last_paid = cover.is_paid[row - 1][who] if row else np.zeros(len(who), dtype=bool)
    enrolled_on = np.where(enrolled[who], register.enrolled_on[row][who], np.datetime64("NaT"))
    assisted = seen.assisted_fen[row][who]
    columns: dict[str, pa.Array] = {
        "campaign_year": pa.array(np.full(len(who), plan.years[row])),
        "person_id": people.ids.take(pa.array(who)),
        "division_code": _named([v.code for v in plan.villages], np.where(newest >= 0, people.village[who], -1)),
        "category": _named(plan.categories, category),
        "is_enrolled": enrolled[who],
        "enrolled_on": pa.array(enrolled_on),
        "membership": _named(MEMBERSHIPS, membership),
        "is_due": due,
        "not_due_reason": _named(plan.codebook("not_due", "reason"), seen.not_due[row][who]),
        "assistance_group": _named(plan.codebook("assisted", "group"), np.where(assisted > 0, register.group[who], -1)),
        "assisted_fen": assisted,
        "order_state": _named(plan.codebook("order", "state"), order_state[who]),
        "is_paid_last_year": pa.array(last_paid, mask=np.full(len(who), row == 0)),
    }
    columns |= _cover_columns(plan, cover, is_named, references, row, who)
    columns |= _rule_columns(plan, row, category, cover.tier[row][who], cover.paid_at[row][who], membership)
    columns |= _card_columns(people, seen, ledger, who)
    is_open = due & ~cover.is_paid[row][who]
    columns["blocker"] = _blockers(plan, row, is_open, enrolled[who], order_state[who], columns, last_paid)
    return pa.table(columns)


def _cover_columns(
    plan: Plan, cover: Cover, is_named: Array, references: pa.StringArray, row: int, who: Array
) -> dict[str, pa.Array]:
    paid, entry = cover.is_paid[row][who], cover.entry[row][who]
    return {
        "is_paid": paid,
        "paid_at": pa.array(np.where(paid, cover.paid_at[row][who], np.datetime64("NaT"))),
        "channel": _named(plan.channels, np.where(paid, cover.channel[row][who], -1)),
        "payer_relation": _named(PAYER_RELATIONS, np.where(paid, cover.payer[row][who], -1)),
        "reference": references.take(pa.array(entry, mask=entry < 0)),
        "tier": _named(plan.tiers, cover.tier[row][who]),
        "paid_fen": cover.paid_fen[row][who],
        "refund_due_fen": cover.refund_fen[row][who],
        "is_name_different": (entry >= 0) & is_named[np.maximum(entry, 0)],
    }


def _rule_columns(
    plan: Plan, row: int, category: Array, tier: Array, paid_at: Array, membership: Array
) -> dict[str, pa.Array]:
    """What the policy makes of it. Its rules are tested apart, against the clauses of the notices."""
    window = plan.windows[row]
    facts = Facts(
        categories=plan.categories,
        category=category.astype(np.int16),
        tiers=plan.tiers,
        tier=tier.astype(np.int16),
        paid_on=paid_at.astype(DAY),
        is_first_time=membership == FIRST,
        is_lapsed=membership == RETURNED,
        deadline_on=_day(window.deadline),
        opens_on=_day(window.opens),
    )
    rules = apply_rules(plan.policies[plan.years[row]], facts)
    return {
        "price_class": _named(rules.price_classes, rules.price_class),
        "benefit_tier": _named(rules.benefit_tiers, rules.benefit_tier),
        "premium_due_fen": pa.array(rules.premium_due_fen, mask=rules.premium_due_fen < 0),
        "subsidy_fen": pa.array(rules.subsidy_fen, mask=rules.subsidy_fen < 0),
        "period": _named(PERIODS, rules.period.astype(np.int64) - 1),
        "waiting_months": pa.array(rules.waiting_months, mask=rules.waiting_months < 0),
        "entitled_on": pa.array(rules.entitled_on),
    }


def _card_columns(people: People, seen: Seen, ledger: Ledger, who: Array) -> dict[str, pa.Array]:
    """State of the card, and whether there is money on it: the card system says so, or a deposit among the payments."""
    deposits = (ledger["entry"] == Entry.DEPOSIT) & seen.is_entry
    has_money = np.zeros(people.count, dtype=bool)
    has_money[ledger["person"][deposits]] = True
    cards = seen.cards
    if cards is None:
        return {
            "card_state": pa.nulls(len(who), pa.string()),
            "is_sms_signed": pa.nulls(len(who), pa.bool_()),
            "is_funded": pa.array(has_money[who], mask=~has_money[who]),
        }
    state = np.where(np.isnat(cards.applied_on), 0, 1)
    state = np.where(np.isnat(cards.issued_on), state, 2)
    state = np.where(np.isnat(cards.activated_on), state, 3)[who]
    has_money |= ~np.isnat(cards.funded_on)
    is_known = has_money | ~np.isnat(cards.emptied_on)
    return {
        "card_state": _named(CARD_STATES, state),
        "is_sms_signed": pa.array(~np.isnat(cards.signed_on[who])),
        "is_funded": pa.array(has_money[who], mask=~is_known[who]),
    }


def _blockers(
    plan: Plan,
    row: int,
    is_open: Array,
    enrolled: Array,
    order_state: Array,
    columns: dict[str, pa.Array],
    last_paid: Array,
) -> pa.Array:
    """What holds those due and unpaid: the first that applies, in the order of BLOCKERS."""
    states = plan.codebook("order", "state")
    pending, gone = states.index("pending"), [states.index("void"), states.index("cancelled")]
    no = np.zeros(len(is_open), dtype=bool)
    needs_card = plan.has_cards and _is_card_needed(plan, plan.years[row])
    card = np.asarray(columns["card_state"].fill_null("")) if needs_card else np.full(len(is_open), "")
    funded = np.asarray(columns["is_funded"].fill_null(False))
    conditions = [
        ~enrolled,
        order_state == pending,
        card == "none",
        card == "applied",
        card == "issued",
        funded,
        np.isin(order_state, gone),
        last_paid,
        ~no,
    ]
    return _named(BLOCKERS, np.where(is_open, np.select(conditions, list(range(len(BLOCKERS)))), -1))


def _is_card_needed(plan: Plan, year: int) -> bool:
    """Whether a person without an active card has no way to pay but through others."""
    needs = plan.needs(Need.CARD_ISSUED, Need.CARD_ACTIVATED, Need.CARD_FUNDED, Need.SMS_SIGNED)
    ways = [i for i, c in enumerate(plan.city.channels) if c.kind != ChannelKind.ASSISTANCE and c.is_open_in(year)]
    return bool(ways) and bool(needs[ways].all())


def _named(names: tuple[str, ...] | list[str], index: Array) -> pa.Array:
    """Names by index, null below 0."""
    known = pa.array(list(names) or [""], pa.string())
    return known.take(pa.array(index.astype(np.int64), mask=index < 0))


def _day(day: np.datetime64) -> date:
    return day.astype(DAY).item()  # type: ignore[no-any-return]
