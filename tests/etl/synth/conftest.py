"""Invented cities for the tests: one in memory, large enough for shares, and one on disk, small."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from configuration.cities import CityFolder, load_cities
from configuration.settings import BUILT_IN_CITIES
from etl.synth.plan import Order, Plan
from etl.synth.world import World, make_world
from etl.synth.write import write_world

CITIES = tuple(sorted(load_cities([BUILT_IN_CITIES])))


def plan_of(
    folder: CityFolder, persons: int, seed: int = 5, history_years: int = 2, as_of_on: date | None = None
) -> Plan:
    """A plan as the command line makes it."""
    assert folder.city.demo is not None
    order = Order(persons, seed, as_of_on or folder.city.demo.as_of_on, history_years)
    return Plan(folder.city, folder.divisions.divisions, folder.feeds, folder.policies, order)


def silent(_what: str) -> None:
    """Progress that nobody reads."""


@dataclass(frozen=True)
class Simulated:
    """A city in memory."""

    plan: Plan
    world: World
    participation: pd.DataFrame
    payments: pd.DataFrame

    def current(self) -> pd.DataFrame:
        """Participation in the current campaign."""
        return self.participation[self.participation.campaign_year == self.plan.years[-1]]


@dataclass(frozen=True)
class OnDisk:
    """A city on disk, with its truth."""

    plan: Plan
    inbox: Path
    files: pd.DataFrame
    rows: pd.DataFrame


@pytest.fixture(scope="session")
def folders() -> dict[str, CityFolder]:
    """The cities of the project."""
    return load_cities([BUILT_IN_CITIES])


@pytest.fixture(scope="session")
def simulated(folders: dict[str, CityFolder]) -> dict[str, Simulated]:
    """Every city with 15,000 residents and three years of history."""
    made = {}
    for code, folder in folders.items():
        plan = plan_of(folder, 15_000, history_years=3)
        world = make_world(plan, silent)
        made[code] = Simulated(plan, world, world.participation.to_pandas(), world.payments.to_pandas())
    return made


@pytest.fixture(scope="session")
def on_disk(folders: dict[str, CityFolder], tmp_path_factory: pytest.TempPathFactory) -> dict[str, OnDisk]:
    """Every city with 2,500 residents, written."""
    return {code: write(plan_of(folder, 2_500), tmp_path_factory.mktemp(code)) for code, folder in folders.items()}


def write(plan: Plan, out: Path) -> OnDisk:
    """Invent and write a city."""
    write_world(plan, make_world(plan, silent), out, silent)
    truth = out / "truth" / plan.city.code
    return OnDisk(
        plan,
        out / "inbox" / plan.city.code,
        pd.read_parquet(truth / "files.parquet"),
        pd.read_parquet(truth / "rows.parquet"),
    )
