"""The truth about people and money: what the warehouse must conclude, from what the simulation decided.

Nothing here reads a file or calls the loader. `Seen` says which decisions reach the files undamaged.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from etl.synth.cards import Cards
from etl.synth.ledger import Array, Entry, Ledger
from etl.synth.plan import DAY, Plan, maps
from etl.synth.population import People
from etl.synth.register import Register
from etl.synth.rows import Outcome, Rows

STANDINGS = ("covering", "paid_twice", "reversed", "suspense_not_enrolled", "suspense_void_order")
COVERING, TWICE, REVERSED, NOT_ENROLLED, VOID_ORDER = range(5)


@dataclass
class Seen:
    """What of the world stands in the files without damage: (years, persons), by ledger entry, by person."""

    is_enrolled: Array
    not_due: Array
    assisted_fen: Array
    is_entry: Array
    cards: Cards | None


def seen_of(plan: Plan, register: Register, ledger: Ledger, cards: Cards | None, tables: list[Rows]) -> Seen:
    """Take off everything that a damaged row hides."""
    seen = Seen(
        register.is_enrolled.copy(),
        register.not_due.copy(),
        register.assisted_fen.copy(),
        np.ones(len(ledger), dtype=bool),
        cards,
    )
    if not plan.feeds_of("not_due"):
        seen.not_due[:] = -1  # no source tells
    for rows in tables:
        lost = np.flatnonzero((rows.defect > 0) & (rows.outcome == Outcome.SET_ASIDE))
        kind = plan.feeds[rows.feed].kind
        if kind in ("payment", "order"):
            seen.is_entry[rows.columns["entry"][lost]] = False
            continue
        if kind == "card_event" and cards is not None:
            gone = np.flatnonzero(rows.outcome == Outcome.SET_ASIDE)
            _forget_card_events(plan, cards, rows, gone)
        if kind not in ("enrolment", "not_due", "assisted"):
            continue
        cells = (rows.year_row[lost], rows.columns["person_id"][lost])
        if kind == "enrolment":
            seen.is_enrolled[cells] = False
        elif kind == "not_due":
            seen.not_due[cells] = -1
        else:
            seen.assisted_fen[cells] = 0
    return seen


def _forget_card_events(plan: Plan, cards: Cards, rows: Rows, gone: Array) -> None:
    days = {
        "applied": cards.applied_on,
        "issued": cards.issued_on,
        "activated": cards.activated_on,
        "sms_signed": cards.signed_on,
    }
    yes = plan.code("card_event", "is_funded", "yes")
    for name, on in days.items():
        of_event = gone[rows.columns["event"][gone] == plan.code("card_event", "event", name)]
        on[rows.columns["person_id"][of_event]] = np.datetime64("NaT")
    funding = gone[rows.columns["event"][gone] == plan.code("card_event", "event", "funding")]
    is_yes = rows.columns["is_funded"][funding] == yes
    cards.funded_on[rows.columns["person_id"][funding[is_yes]]] = np.datetime64("NaT")
    cards.emptied_on[rows.columns["person_id"][funding[~is_yes]]] = np.datetime64("NaT")


@dataclass
class Money:
    """The payment ledger as it must come out. `at` are positions in the simulation's ledger."""

    at: Array
    net_fen: Array
    standing: Array  # index of STANDINGS


def settle(ledger: Ledger, seen: Seen) -> Money:
    """Net every payment with its reversals and say what it stands for."""
    reversal = np.flatnonzero(
        (ledger["entry"] == Entry.REVERSAL) & (ledger["reason"] < 0) & ~ledger["is_orphan"] & seen.is_entry
    )
    net = ledger["amount_fen"].copy()
    np.subtract.at(net, ledger["original"][reversal], ledger["amount_fen"][reversal])
    is_void = (ledger["entry"] == Entry.ORDER) & ledger["is_confirmed"]
    at = np.flatnonzero(((ledger["entry"] == Entry.PAYMENT) | is_void) & seen.is_entry)
    year, person = ledger["year_row"][at], ledger["person"][at]
    standing = np.full(len(at), COVERING, dtype=np.int8)
    standing[~seen.is_enrolled[year, person]] = NOT_ENROLLED
    standing[net[at] <= 0] = REVERSED
    standing[is_void[at]] = VOID_ORDER
    candidates = np.flatnonzero(standing == COVERING)
    order = np.lexsort(
        (ledger["serial"][at][candidates], ledger["at"][at][candidates], person[candidates], year[candidates])
    )
    ranked = candidates[order]
    same = (year[ranked][1:] == year[ranked][:-1]) & (person[ranked][1:] == person[ranked][:-1])
    standing[ranked[1:][same]] = TWICE
    return Money(at, net[at], standing)


def money_table(plan: Plan, people: People, ledger: Ledger, money: Money, references: pa.StringArray) -> pa.Table:
    """payments.parquet: one row per payment, completed or bank-confirmed order included."""
    at = money.at
    feeds = pa.array([feed.feed for feed in plan.feeds])
    payer = _true_payers(plan, ledger, at)
    return pa.table(
        {
            "campaign_year": pa.array(np.array(plan.years)[ledger["year_row"][at]]),
            "feed": feeds.take(pa.array(ledger["feed"][at])),
            "reference": references.take(pa.array(at)),
            "person_id": people.ids.take(pa.array(ledger["person"][at])),
            "payer_id": people.ids.take(pa.array(payer, mask=payer < 0)),
            "channel": pa.array(plan.channels).take(pa.array(ledger["channel"][at])),
            "amount_fen": ledger["amount_fen"][at],
            "net_fen": money.net_fen,
            "paid_at": ledger["at"][at],
            "standing": pa.array(STANDINGS).take(pa.array(money.standing)),
        }
    )


def _true_payers(plan: Plan, ledger: Ledger, at: Array) -> Array:
    """Payer by entry, -1 where the insured paid or the source has no payer."""
    has_payer = np.array([maps(feed, "payer_id") for feed in plan.feeds])
    own = ledger["payer"][at] == ledger["person"][at]
    return np.where(has_payer[ledger["feed"][at]] & ~own, ledger["payer"][at], -1)


def latest_orders(plan: Plan, ledger: Ledger, seen: Seen, shape: tuple[int, int]) -> Array:
    """State of the latest order by (year, person), -1 without one; a pending order of an earlier day is void (W8)."""
    state = np.full(shape, -1, dtype=np.int8)
    orders = np.flatnonzero((ledger["state"] >= 0) & seen.is_entry & ~np.isnat(ledger["created_at"]))
    orders = orders[np.lexsort((ledger["serial"][orders], ledger["created_at"][orders]))]
    now = ledger["state"][orders].copy()
    if len(orders):
        pending, void = (plan.code("order", "state", name) for name in ("pending", "void"))
        now[(now == pending) & (ledger["created_at"][orders].astype(DAY) < plan.as_of)] = void
        state[ledger["year_row"][orders], ledger["person"][orders]] = now
    return state


def named_differently(plan: Plan, ledger: Ledger) -> Array:
    """By entry: whether its source names the person otherwise than the register."""
    has_name = np.array([maps(feed, "person_name") for feed in plan.feeds])
    flags: Array = (ledger["named_as"] >= 0) & has_name[ledger["feed"]]
    return flags
