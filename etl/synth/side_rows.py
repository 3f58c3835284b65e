"""Rows of the feeds beside the money: registers, rosters, treasury receipts, the platform's view, hospital stays."""

import numpy as np

from configuration.feed import Excel
from etl.synth.behaviour import Behaviour
from etl.synth.ledger import Array, Entry, Ledger
from etl.synth.plan import DAY, SECOND, Plan
from etl.synth.population import People
from etl.synth.register import Register
from etl.synth.rows import Rows, make_rows

RECEIPT_ERROR_RATE = 0.015  # of days and channels
_STAY_RATE = 0.03
_STAY_COST_YUAN = (3200.0, 6500.0, 13500.0)


def enrolment_rows(plan: Plan, people: People, register: Register, excel_villages: Array) -> list[Rows]:
    """The registers of all campaigns; this year's sample villages in the workbook feed."""
    feeds = plan.feeds_of("enrolment")
    if not feeds:
        return []
    plain = [feed for feed in feeds if not isinstance(feed.format, Excel)]
    excel = [feed for feed in feeds if isinstance(feed.format, Excel)]
    years, persons = np.nonzero(register.is_enrolled)
    in_sample = (years == len(plan.years) - 1) & np.isin(people.village[persons], excel_villages)
    parts = [((plain or excel)[0], ~in_sample if plain and excel else np.ones(len(years), dtype=bool))]
    if plain and excel:
        parts.append((excel[0], in_sample))
    first, continuing = (plan.code("enrolment", "membership", name) for name in ("first", "continuing"))
    made = []
    for feed, chosen in parts:
        row, who = years[chosen], persons[chosen]
        columns = {
            "person_id": who,
            "person_name": who,
            "psn_no": who,
            "division": people.village[who],
            "category": people.category[row, who],
            "membership": np.where(register.is_first[row, who], first, continuing),
            "enrolled_on": register.enrolled_on[row, who],
            "campaign_year": np.array(plan.years)[row],
        }
        made.append(_undated(plan, plan.feeds.index(feed), columns, row, people.village[who], who))
    return made


def roster_rows(plan: Plan, people: People, register: Register) -> list[Rows]:
    """The rosters of those not due and of the assisted."""
    made = []
    for feed in plan.feeds_of("not_due")[:1]:
        row, who = np.nonzero(register.not_due >= 0)
        columns: dict[str, Array] = {
            "person_id": who,
            "reason": register.not_due[row, who],
            "since_on": register.since_on[row, who],
            "campaign_year": np.array(plan.years)[row],
        }
        made.append(_undated(plan, plan.feeds.index(feed), columns, row, people.village[who], who))
    for feed in plan.feeds_of("assisted")[:1]:
        row, who = np.nonzero(register.assisted_fen > 0)
        columns = {
            "person_id": who,
            "group": register.group[who],
            "amount": register.assisted_fen[row, who],
            "paid_on": register.assisted_on[row, who],
            "campaign_year": np.array(plan.years)[row],
        }
        made.append(_undated(plan, plan.feeds.index(feed), columns, row, people.village[who], who))
    return made


def _undated(plan: Plan, feed: int, columns: dict[str, Array], row: Array, village: Array, sort: Array) -> Rows:
    """Rows of a file that is replaced as a whole: dated by the end of the campaign or the as-of day."""
    dated = np.array([min(w.closes, plan.as_of) for w in plan.windows], dtype=DAY)
    return make_rows(feed, columns, day=dated[row], year_row=row, village=village, sort=sort)


def receipt_rows(plan: Plan, register: Register, ledger: Ledger, rng: np.random.Generator) -> list[Rows]:
    """What the treasury received, by business day, channel and campaign: mostly what was paid, refunds taken off."""
    feeds = plan.feeds_of("receipt")
    if not feeds:
        return []
    came = (ledger["entry"] == Entry.PAYMENT) | ((ledger["entry"] == Entry.ORDER) & ledger["is_confirmed"])
    back = (ledger["entry"] == Entry.REVERSAL) & (ledger["reason"] < 0) & ~ledger["is_orphan"]
    money = np.flatnonzero(came | back)
    sign = np.where(came[money], 1, -1)
    assisted_row, assisted = np.nonzero(register.assisted_fen > 0)
    channel = np.concatenate([ledger["channel"][money], np.full(len(assisted), plan.assistance_channel)])
    year_row = np.concatenate([ledger["year_row"][money], assisted_row])
    day = np.concatenate([ledger["at"][money].astype(DAY), register.assisted_on[assisted_row, assisted]])
    fen = np.concatenate([sign * ledger["amount_fen"][money], register.assisted_fen[assisted_row, assisted]])
    count = np.concatenate([sign > 0, np.ones(len(assisted), dtype=bool)])
    writable = np.array(
        [
            any(c in column.values.values() for column in feeds[0].columns if column.field == "channel")
            for c in plan.channels
        ]
    )
    kept = writable[channel] & (day < plan.as_of)
    key = (day.astype(np.int64) * 1000 + channel) * 100 + year_row
    keys, group = np.unique(key[kept], return_inverse=True)
    total = np.bincount(group, fen[kept], len(keys)).astype(np.int64)
    payments = np.bincount(group, count[kept], len(keys)).astype(np.int64)
    wrong = rng.random(len(keys)) < RECEIPT_ERROR_RATE
    total += np.where(wrong, rng.choice([-18_000, 18_000, 35_000, -100], len(keys)), 0)
    good = total > 0
    columns = {
        "received_on": (keys // 100_000).astype(DAY)[good],
        "channel": (keys // 100 % 1000)[good],
        "amount": total[good],
        "payments": payments[good],
        "campaign_year": np.array(plan.years)[keys % 100][good],
    }
    zero = np.zeros(int(good.sum()), dtype=np.int64)
    return [
        make_rows(
            plan.feeds.index(feeds[0]),
            columns,
            day=columns["received_on"] + 1,
            year_row=(keys % 100)[good],
            village=zero,
            sort=keys[good],
        )
    ]


def platform_rows(plan: Plan, people: People, ledger: Ledger, rng: np.random.Generator) -> list[Rows]:
    """The platform's view of this campaign's payments: nearly all of them, a few not arrived or taken back."""
    feeds = plan.feeds_of("platform_payment")
    last = len(plan.years) - 1
    own = np.flatnonzero(
        (ledger["year_row"] == last) & (ledger["entry"] == Entry.PAYMENT) & (ledger["at"] < plan.as_of.astype(SECOND))
    )
    own = own[rng.random(len(own)) < 0.985]
    if not feeds or not plan.windows[last].is_current or not len(own):
        return []
    taken_back = np.isin(own, ledger["original"])
    year = plan.years[last]
    subsidy = int((plan.policies[year].subsidy_yuan.value or 0) * 100)
    amount = ledger["amount_fen"][own]
    yes, no = (plan.code("platform_payment", "is_arrived", name) for name in ("yes", "no"))
    residents, other = (plan.code("platform_payment", "insurance_type", name) for name in ("residents", "other"))
    count = len(own)
    columns = {
        "psn_no": ledger["person"][own],
        "amount": amount,
        "paid_at": ledger["at"][own],
        "insurance_type": np.where(rng.random(count) < 0.002, other, residents),
        "tier_rule": 39_000 + ledger["tier"][own].astype(np.int64) + 1,
        "subsidy": np.full(count, subsidy if subsidy else -1),
        "total": amount + subsidy,
        "is_arrived": np.where(rng.random(count) < 0.004, no, yes),
        "is_normal": np.where(taken_back, no, yes),
        "accrual_from": np.full(count, year * 100 + 1),
        "accrual_to": np.full(count, year * 100 + 12),
        "campaign_year": np.full(count, year),
    }
    return [
        make_rows(
            plan.feeds.index(feeds[0]),
            columns,
            day=ledger["at"][own].astype(DAY),
            year_row=np.full(count, last),
            village=people.village[ledger["person"][own]],
            sort=ledger["at"][own].astype(np.int64),
        )
    ]


def stay_rows(plan: Plan, people: People, behaviour: Behaviour, rng: np.random.Generator) -> list[Rows]:
    """A small sample of hospital stays of the insured, in the year before this campaign and up to the as-of day."""
    made = []
    for feed in plan.feeds_of("stay")[:1]:
        row = max(0, len(plan.years) - 2)
        insured = np.flatnonzero(behaviour.is_paid[row])
        who = np.sort(
            insured[
                rng.random(len(insured)) < _STAY_RATE * np.interp(people.age[insured], [0, 30, 80], [0.5, 0.5, 2.5])
            ]
        )
        start = np.datetime64(f"{plan.years[row]}-05-01", "D")
        span = min(240, int((plan.as_of - start).astype(int)) - 30)
        if span <= 0 or not len(who):
            continue
        count = len(who)
        admitted = start + rng.integers(0, span, count)
        discharged = admitted + 2 + rng.poisson(6, count)
        level = rng.choice(3, count, p=[0.25, 0.40, 0.35])
        cost = (np.array(_STAY_COST_YUAN)[level] * rng.lognormal(-0.4, 0.9, count) * 100).astype(np.int64) + 10_000
        scope = (cost * rng.uniform(0.8, 0.98, count)).astype(np.int64)
        codes = np.array([plan.code("stay", "level", name) for name in ("1", "2", "3")])
        columns = {
            "person_id": who,
            "admitted_on": admitted,
            "discharged_on": discharged,
            "level": codes[level],
            "cost": cost,
            "in_scope_cost": scope,
            "fund_paid": (scope * 0.55).astype(np.int64),
            "settled_on": discharged + 1,
        }
        made.append(
            make_rows(
                plan.feeds.index(feed),
                columns,
                day=columns["settled_on"],
                year_row=np.full(count, -1),
                village=people.village[who],
                sort=columns["settled_on"].astype(np.int64) * 1000 + np.arange(count) % 1000,
            )
        )
    return made
