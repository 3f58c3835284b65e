"""The warehouse agrees, to the person and to the fen, with a ledger that shares no code with the loader."""

import argparse
from pathlib import Path
from random import Random
from typing import Any

import pytest

from configuration.settings import BUILT_IN_CITIES, Settings
from etl import operations
from etl.load import load
from etl.progress import Progress
from etl.synth import command as synth_command
from tests.configuration.fictional_city import CITY_CODE, VILLAGE_CODES
from tests.etl.independent_ledger import KINDS, Key, Ledger, independent_ledger
from tests.etl.world import World, order, payment, person, registered

pytestmark = pytest.mark.slow
CITIES = tuple(sorted(path.name for path in BUILT_IN_CITIES.iterdir() if path.is_dir()))
PERSONS, SEED = 1500, 4
CROWDS = (6, 10, 15, 25, 308)  # seeds; between them, every rule of the ledger that is broken by hand shows
KEY = "campaign_year, channel, coalesce(tier, '-') AS tier, period, division_code"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Invented files of all cities below `inbox`, and a warehouse below `home` that has loaded them."""
    path = tmp_path_factory.mktemp("ledger")
    for city in CITIES:
        options = argparse.Namespace(
            city=city, persons=PERSONS, seed=SEED, out=path, as_of=None, history_years=2, json=False
        )
        synth_command.run(options)
    home = path / "home"
    settings = Settings(
        home=home, cities_folders=(BUILT_IN_CITIES,), key_path=path / "key", pseudonym="hmac-sha256", is_demo=True
    )
    load(settings, path / "inbox", Progress(is_quiet=True))
    return path


@pytest.fixture(scope="module")
def ledgers(folder: Path) -> dict[str, Ledger]:
    """The independent ledger of each city."""
    return {city: independent_ledger(BUILT_IN_CITIES / city, folder / "inbox" / city) for city in CITIES}


@pytest.fixture(params=CITIES)
def city(request: pytest.FixtureRequest) -> str:
    """Each city in turn."""
    code: str = request.param
    return code


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of the generation in use, without names."""
    return [tuple(row.values()) for row in operations.query(folder / "home", sql)]


def by_key(found: list[tuple[Any, ...]]) -> dict[Key, tuple[int, int]]:
    """Rows of a key, a number and a sum, as the ledger has them."""
    return {(key[0], key[1], key[2], key[3], key[4]): (int(number), int(fen)) for *key, number, fen in found}


def test_the_files_hold_every_kind_of_case(ledgers: dict[str, Ledger]) -> None:
    covered = [key for ledger in ledgers.values() for key in ledger.covered]
    assert len({year for year, *_ in covered}) == 3
    assert {period for *_, period, _ in covered} == {"on_time", "late"}
    assert {tier == "-" for _, _, tier, _, _ in covered} == {True, False}
    assert {standing for ledger in ledgers.values() for _, standing in ledger.uncovering} == {
        "reversed", "paid_twice", "suspense_not_enrolled", "suspense_void_order", "pending_reversal",
    }  # fmt: skip
    assert all(ledger.refused for ledger in ledgers.values())


def test_persons_and_fen_by_campaign_channel_tier_period_and_village(
    city: str, folder: Path, ledgers: dict[str, Ledger]
) -> None:
    found = rows(
        folder,
        f"SELECT {KEY}, count(*), sum(paid_fen) FROM core_participation WHERE city = '{city}' AND is_paid GROUP BY ALL",
    )
    assert by_key(found) == ledgers[city].covered


def test_the_mart_that_pages_read_says_the_same(city: str, folder: Path, ledgers: dict[str, Ledger]) -> None:
    found = rows(
        folder,
        f"SELECT {KEY}, sum(paid_persons), sum(paid_fen) FROM mart_collection WHERE city = '{city}' GROUP BY ALL",
    )
    assert by_key(found) == ledgers[city].covered


def test_every_covering_payment_is_the_ledgers(city: str, folder: Path, ledgers: dict[str, Ledger]) -> None:
    found = rows(
        folder,
        "SELECT p.campaign_year, p.channel, coalesce(c.tier, '-'), c.period, c.division_code, count(*), sum(p.net_fen) "
        "FROM core_payments p JOIN core_participation c USING (city, campaign_year, person_key) "
        f"WHERE city = '{city}' AND p.standing = 'covering' GROUP BY ALL",
    )
    paid = {key: value for key, value in ledgers[city].covered.items() if value[1]}  # the assisted have none
    assert by_key(found) == paid


def test_money_that_covers_nobody(city: str, folder: Path, ledgers: dict[str, Ledger]) -> None:
    found = rows(
        folder,
        "SELECT campaign_year, standing, count(*), sum(net_fen) FROM core_payments "
        f"WHERE city = '{city}' AND standing <> 'covering' GROUP BY ALL "
        "UNION ALL SELECT campaign_year, 'pending_reversal', count(*), sum(amount_fen) FROM raw_reversals "
        f"WHERE city = '{city}' AND NOT is_applied GROUP BY ALL",
    )
    in_warehouse = {(year, standing): (int(number), int(fen)) for year, standing, number, fen in found}
    assert in_warehouse == ledgers[city].uncovering


def test_the_same_files_are_refused(city: str, folder: Path, ledgers: dict[str, Ledger]) -> None:
    feeds = rows(folder, f"SELECT DISTINCT feed FROM load_batches WHERE city = '{city}' AND kind IN {KINDS}")
    found = rows(folder, f"SELECT feed, file_name FROM load_refused_files WHERE city = '{city}'")
    assert {name for feed, name in found if (feed,) in feeds} == ledgers[city].refused


# --- the fictional city, crowded: few persons and few numbers, so that in every file rows meet rows -------------------

HELP_FEED = """\
feed: helped
kind: assisted
title: {zh: 资助, en: Helped}
files:
  pattern: 'helped_(?P<year>\\d{4})_(?P<date>\\d{8})\\.csv'
  identity: [year]
  version: [date]
  campaign_year: year
format: {type: delimited, encodings: [utf-8], delimiter: ","}
columns:
  - {field: person_id, headers: [id], parse: identity}
  - {field: group, headers: [group], parse: code, values: {o: orphan, p: poor}}
  - {field: amount, headers: [fen], parse: money, unit: fen}
  - {field: paid_on, headers: [day], parse: date, formats: ["%Y-%m-%d"]}
campaign: file_name
is_daily: false
"""
WINDOW_FEED = """\
feed: window
kind: payment
title: {zh: 柜台, en: Window}
files: {pattern: 'window_(?P<date>\\d{8})_(?P<sequence>\\d{2})\\.csv', identity: [date], version: [date, sequence]}
format: {type: delimited, encodings: [utf-8], delimiter: ","}
columns:
  - {field: txn_no, headers: [number], parse: text}
  - {field: order_no, headers: [order], parse: text, empty: unknown}
  - {field: person_id, headers: [id], parse: identity}
  - {field: amount, headers: [fen], parse: money, unit: fen}
  - {field: paid_at, headers: [time], parse: timestamp, formats: ["%Y-%m-%d %H:%M:%S"]}
  - {field: campaign_year, headers: [year], parse: integer}
constants: {channel: desk}
campaign: column
"""
FEN = (4000, 4000, 6000, 6000, 10000, 15000, 20000, 46000, 50000, 60000)


def crowd(world: World, chance: Random) -> None:
    """Fill the inbox: numbers repeat and contradict each other, orders change, money goes back, files are replaced."""
    folder = world.folder / "cities" / CITY_CODE
    (folder / "feeds" / "helped.yaml").write_text(HELP_FEED, encoding="utf-8")
    (folder / "feeds" / "window.yaml").write_text(WINDOW_FEED, encoding="utf-8")
    city = (folder / "city.yaml").read_text(encoding="utf-8")
    helps = "  - {code: help, name: {zh: 资助, en: Help}, kind: assistance}\ncampaigns:"
    opens = f"opens_on: {{value: {chance.choice(('2021-12-15', '2022-01-05'))}"  # overlapping, or a gap
    city = city.replace("campaigns:", helps).replace("opens_on: {value: 2022-01-01", opens)
    (folder / "city.yaml").write_text(city, encoding="utf-8")
    people = [person(number) for number in range(14)]

    def day(year: int) -> str:
        days = ("02-01", "03-09", "03-10") if year == 2022 else ("02-01", "03-31", "04-01", "12-31")
        return f"{year}-{chance.choice(days)}"

    def some(rows: int) -> range:
        return range(chance.randint(0, rows))

    for year in (2021, 2022):
        for date in (f"{year}0115", f"{year}0201"):
            lines = [
                registered(
                    chance.choice(people[:10]), village=chance.choice(VILLAGE_CODES), on=day(year),
                    category=chance.choice("AAC"),
                )
                for _ in some(14)
            ]  # fmt: skip
            register = world.register(*lines, year=year, date=date)
            lines = [
                f"{chance.choice(people)},{chance.choice('op')},{chance.choice(FEN)},{day(year)}" for _ in some(12)
            ]
            world.put(f"helped_{year}_{date}.csv", "\n".join(["id,group,fen,day", *lines, *lines[:4], ""]))
            if chance.random() < 0.5:  # a copy under a newer name is no newer version
                world.put(register.name.replace(date, f"{year}0301"), register.read_bytes())
        for date in (f"{year}0201", f"{year}0301", f"{year}0309"):
            for sequence in ("01", "02", "10")[: chance.randint(1, 3)]:
                lines = [
                    payment(
                        f"D{chance.randint(1, 25)}", chance.choice(people), chance.choice((*FEN, "-1")),
                        tier=chance.choice(("", "", "", "B")), kind=chance.choice("PPPRRD"),
                        takes_back=f"D{chance.randint(1, 25)}",
                        time=f"{chance.choice((day(year), f'{year + 1}-01-02'))}T10:00:0{chance.randint(0, 9)}",
                    )
                    for _ in some(16)
                ]  # fmt: skip
                world.payments(*lines, date=date, sequence=sequence, count=chance.choice((None, None, None, 99)))
                lines = [
                    order(
                        f"O{chance.randint(1, 12)}", chance.choice(people), yuan=chance.choice(("60.00", "100", "200")),
                        state=chance.choice(("open", "done", "withdrawn", "expired")), tier=chance.choice(("", "plus")),
                        made=f"{day(year)} 09:00:00", paid=chance.choice((None, f"{day(year)} 10:00:05")),
                        bank_ref=chance.choice(("", "B1")), year=str(year),
                    )
                    for _ in some(12)
                ]  # fmt: skip
                world.orders(*lines, date=date, sequence=sequence)
                lines = [
                    f"W{chance.randint(1, 25)},{chance.choice(('', f'O{chance.randint(1, 12)}'))},"
                    f"{chance.choice(people)},{chance.choice(FEN)},{day(year)} 10:00:05,{year}"
                    for _ in some(8)
                ]
                world.put(f"window_{date}_{sequence}.csv", "\n".join(["number,order,id,fen,time,year", *lines, ""]))


@pytest.mark.parametrize("seed", CROWDS)
def test_a_crowded_city_too(seed: int, world: World) -> None:
    crowd(world, Random(seed))
    report = world.load()
    assert report.publication is not None
    ledger = {CITY_CODE: independent_ledger(world.folder / "cities" / CITY_CODE, world.inbox / CITY_CODE)}
    assert ledger[CITY_CODE].covered
    test_persons_and_fen_by_campaign_channel_tier_period_and_village(CITY_CODE, world.folder, ledger)
    test_the_mart_that_pages_read_says_the_same(CITY_CODE, world.folder, ledger)
    test_every_covering_payment_is_the_ledgers(CITY_CODE, world.folder, ledger)
    test_money_that_covers_nobody(CITY_CODE, world.folder, ledger)
    test_the_same_files_are_refused(CITY_CODE, world.folder, ledger)
