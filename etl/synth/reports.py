"""What the files say of the ledger: rows of payment and order feeds, repeated and contradicted rows included."""

import numpy as np

from etl.reasons import RowReason
from etl.synth.ledger import Array, Entry, Ledger, Role
from etl.synth.plan import DAY, SECOND, Plan
from etl.synth.population import People
from etl.synth.rows import NO_REASON, Outcome, Rows, join_rows, make_rows, set_aside

DUPLICATE_RATE = 0.0006
CONFLICT_RATE = 0.0001
VOID_REPORTED_RATE = 0.4  # of void orders: the source itself says so a day later
PENDING_FIRST_RATE = 0.01  # of paid orders: the file also has the line from before the payment
_NO_TIME = np.datetime64("NaT")


def ledger_rows(plan: Plan, people: People, ledger: Ledger, feed: int, rng: np.random.Generator) -> Rows:
    """The rows of one payment or order feed. Column `entry` holds the position in the ledger."""
    of_feed = np.flatnonzero(ledger["feed"] == feed)
    is_order = plan.feeds[feed].kind == "order"
    if not is_order:
        of_feed = of_feed[ledger["entry"][of_feed] != Entry.ORDER]
    made = (
        _order_rows(plan, people, ledger, feed, of_feed, rng)
        if is_order
        else _payment_rows(plan, people, ledger, feed, of_feed)
    )
    rows = join_rows([made, *_repeated(made, ledger, rng)])
    if not is_order:
        rows = join_rows([rows, *_contradicted(made, ledger, rng)])
    return rows


def _common(plan: Plan, people: People, ledger: Ledger, at: Array) -> dict[str, Array]:
    year_row, person = ledger["year_row"][at], ledger["person"][at]
    named = ledger["named_as"][at]
    return {
        "entry": at,
        "person_id": person,
        "person_name": np.where(named >= 0, named, person),
        "payer_id": ledger["payer"][at],
        "channel": ledger["channel"][at],
        "tier": ledger["tier"][at],
        "category": people.category[year_row, person],
        "amount": ledger["amount_fen"][at],
        "paid_at": ledger["at"][at],
        "order_no": ledger["serial"][at],
        "campaign_year": np.array(plan.years, dtype=np.int64)[year_row],
    }


def _payment_rows(plan: Plan, people: People, ledger: Ledger, feed: int, at: Array) -> Rows:
    entry, original = ledger["entry"][at], ledger["original"][at]
    names = {Entry.PAYMENT: "payment", Entry.REVERSAL: "reversal", Entry.DEPOSIT: "deposit"}
    codes = np.array([plan.code("payment", "entry_type", names.get(e, "payment")) for e in Entry])
    original_serial = np.where(original >= 0, ledger["serial"][np.maximum(original, 0)], -1)
    # An orphan names a transaction of a day on which there were never so many.
    original_serial = np.where(
        ledger["is_orphan"][at], original_serial // 1_000_000 * 1_000_000 + 999_999, original_serial
    )
    yes, no = plan.code("payment", "is_partial", "yes"), plan.code("payment", "is_partial", "no")
    columns = _common(plan, people, ledger, at) | {
        "txn_no": ledger["serial"][at],
        "original_txn_no": original_serial,
        "entry_type": codes[entry],
        "due_amount": ledger["asked_fen"][at],
        "is_partial": np.where(ledger["is_partial"][at], yes, no),
        "settled_on": ledger["settled_on"][at],
        "receipted_at": ledger["at"][at] + (20 + ledger["person"][at] % 70).astype("timedelta64[s]"),
    }
    rows = make_rows(
        feed,
        columns,
        day=ledger["reported_on"][at],
        year_row=ledger["year_row"][at],
        village=people.village[ledger["person"][at]],
        sort=_sort_key(ledger["reported_on"][at], ledger["at"][at]),
    )
    bad = ledger["reason"][at]
    rows.outcome[bad >= 0] = Outcome.SET_ASIDE
    rows.reason[:] = np.where(bad >= 0, bad, NO_REASON)
    return rows


def _order_rows(plan: Plan, people: People, ledger: Ledger, feed: int, at: Array, rng: np.random.Generator) -> Rows:
    pending, void = (plan.code("order", "state", name) for name in ("pending", "void"))
    columns = _common(plan, people, ledger, at) | {
        "state": ledger["state"][at],
        "created_at": ledger["created_at"][at],
        "bank_ref": np.where(ledger["is_confirmed"][at], ledger["serial"][at] * 7 % 10**14, -1),
    }
    made = ledger["created_at"][at]
    rows = make_rows(
        feed,
        columns,
        day=ledger["reported_on"][at],
        year_row=ledger["year_row"][at],
        village=people.village[ledger["person"][at]],
        sort=_sort_key(ledger["reported_on"][at], made) + 1,
    )
    is_void = (ledger["state"][at] == void) & ~ledger["is_confirmed"][at]
    told = is_void & (rng.random(len(at)) < VOID_REPORTED_RATE) & (made.astype(DAY) + 1 < plan.as_of)
    is_paid = ledger["entry"][at] == Entry.PAYMENT
    waited = is_paid & (ledger["role"][at] == Role.PLAIN) & (rng.random(len(at)) < PENDING_FIRST_RATE)
    before = rows.take(np.flatnonzero(told | waited))
    before.columns["state"] = np.full(len(before), pending)
    before.columns["paid_at"] = np.full(len(before), _NO_TIME, SECOND)
    before.columns["bank_ref"] = np.full(len(before), -1)
    before.sort -= 1
    # What the source never called void, it only ever called pending: the rule of the next day makes it void.
    rows.columns["state"] = np.where(is_void & ~told, pending, rows.columns["state"])
    rows.day = np.where(told, made.astype(DAY) + 1, rows.day)
    ledger["role"][at[told | waited]] = Role.SPECIAL
    return join_rows([rows, before])


def _sort_key(day: Array, moment: Array) -> Array:
    """By day of report, then by time; even numbers, so that rows fit between."""
    seconds = (moment - moment.astype(DAY)).astype("timedelta64[s]").astype(np.int64)
    key: Array = (day.astype(np.int64) * 86_400 + seconds) * 4
    return key


def _repeated(rows: Rows, ledger: Ledger, rng: np.random.Generator) -> list[Rows]:
    """The same row again, at the end of its file (20)."""
    chosen = _plain(rows, ledger, DUPLICATE_RATE, rng)
    again = rows.take(chosen)
    again.sort += 4 * 86_400 * 400
    again.outcome[:] = Outcome.DUPLICATE
    ledger["role"][rows.columns["entry"][chosen]] = Role.SPECIAL
    return [again]


def _contradicted(rows: Rows, ledger: Ledger, rng: np.random.Generator) -> list[Rows]:
    """The same number again with another amount."""
    chosen = _plain(rows, ledger, CONFLICT_RATE, rng)
    other = rows.take(chosen)
    other.columns["amount"] = other.columns["amount"] + 1_000
    other.sort += 4 * 86_400 * 400
    set_aside(other, np.arange(len(other)), RowReason.TXN_CONFLICT)
    ledger["role"][rows.columns["entry"][chosen]] = Role.SPECIAL
    return [other]


def _plain(rows: Rows, ledger: Ledger, rate: float, rng: np.random.Generator) -> Array:
    plain = np.flatnonzero((ledger["role"][rows.columns["entry"]] == Role.PLAIN) & (rows.outcome == Outcome.LOADED))
    wanted = min(len(plain), max(1, round(rate * len(rows))))
    return np.sort(rng.choice(plain, wanted, replace=False)) if wanted else plain[:0]
