"""The warehouse agrees, to the person and to the fen, with a ledger that shares no code with the loader."""

import argparse
from pathlib import Path
from typing import Any

import pytest

from configuration.settings import BUILT_IN_CITIES, Settings
from etl import operations
from etl.load import load
from etl.progress import Progress
from etl.synth import command as synth_command
from tests.etl.independent_ledger import KINDS, Key, Ledger, independent_ledger

pytestmark = pytest.mark.slow
CITIES = tuple(sorted(path.name for path in BUILT_IN_CITIES.iterdir() if path.is_dir()))
PERSONS, SEED = 1500, 4
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
