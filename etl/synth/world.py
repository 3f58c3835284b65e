"""A whole invented city: people, what they did, the rows of every feed, and the truth."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from etl.synth.behaviour import make_behaviour
from etl.synth.cards import card_rows, make_cards
from etl.synth.cell_text import reference_texts
from etl.synth.defects import damage_rows
from etl.synth.ledger import Array
from etl.synth.participation_truth import participation_table
from etl.synth.payments import make_ledger
from etl.synth.plan import Plan
from etl.synth.population import People, make_people
from etl.synth.register import make_register
from etl.synth.reports import ledger_rows
from etl.synth.rows import Rows
from etl.synth.side_rows import enrolment_rows, platform_rows, receipt_rows, roster_rows, stay_rows
from etl.synth.truth import money_table, seen_of, settle

_EXCEL_REGISTER_ROWS, _EXCEL_LEDGER_ROWS = 15_000, 30_000


@dataclass(frozen=True)
class World:
    """What a city's files say, before they are written, and what must come of it."""

    people: People
    tables: list[Rows]  # one a feed
    participation: pa.Table
    payments: pa.Table


def make_world(plan: Plan, say: Callable[[str], None]) -> World:
    """Simulate the city. The same plan gives the same world. `say` is told what is being done."""
    streams = [np.random.default_rng([plan.order.seed, index]) for index in range(8)]
    say("people")
    people = make_people(plan, streams[0])
    register = make_register(plan, people, streams[1])
    say("behaviour")
    behaviour = make_behaviour(plan, people, register, streams[2])
    samples = _sample_villages(plan, people)
    say("payments and orders")
    ledger = make_ledger(plan, people, register, behaviour, samples[1], streams[3])
    cards = make_cards(plan, people, register, behaviour, ledger, streams[4]) if plan.has_cards else None
    say("rows of the feeds")
    tables = [*enrolment_rows(plan, people, register, samples[0]), *roster_rows(plan, people, register)]
    for index, feed in enumerate(plan.feeds):
        if feed.kind in ("payment", "order") and (ledger["feed"] == index).any():
            tables.append(ledger_rows(plan, people, ledger, index, streams[5]))
    if cards is not None:
        tables += card_rows(plan, people, cards)
    tables += receipt_rows(plan, register, ledger, streams[6])
    tables += platform_rows(plan, people, ledger, streams[6]) + stay_rows(plan, people, behaviour, streams[6])
    for rows in tables:
        damage_rows(plan.feeds[rows.feed], rows, people, ledger, register.group >= 0, streams[7])
    say("truth")
    seen = seen_of(plan, register, ledger, cards, tables)
    money = settle(ledger, seen)
    references = reference_texts(plan.feeds, ledger)
    return World(
        people,
        tables,
        participation_table(plan, people, register, ledger, seen, money, references),
        money_table(plan, people, ledger, money, references),
    )


def _sample_villages(plan: Plan, people: People) -> tuple[Array, Array]:
    """Villages that send workbooks: of the smallest town for registers, of the next one for cash ledgers."""
    sizes = np.bincount(people.village, minlength=len(plan.villages))
    towns = np.argsort(np.bincount(plan.town_of_village, sizes, len(plan.towns)), kind="stable")
    samples = []
    for place, rows_at_most in ((0, _EXCEL_REGISTER_ROWS), (1, _EXCEL_LEDGER_ROWS // len(plan.years))):
        villages = np.flatnonzero(plan.town_of_village == towns[min(place, len(towns) - 1)])
        samples.append(villages[np.cumsum(sizes[villages]) <= rows_at_most])
    return samples[0], samples[1]
