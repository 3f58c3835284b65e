"""A warehouse of invented marts for tests and development of pages: no files, no ETL, the same for the same seed.

`python -m tests.mart_world FOLDER [--seed N] [--scale 1.0]` writes one below FOLDER, to be used as CANBAO_HOME.
Persons are drawn one by one and then summed, so the marts of one city agree with each other.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import create_engine

from configuration.cities import CityFolder, load_cities
from configuration.city import Campaign, Channel, ChannelKind
from configuration.settings import BUILT_IN_CITIES
from insurance.rules import price_table
from tests import mart_ledger
from warehouse.files import write_atomically
from warehouse.generations import DATABASE_NAME, DESCRIPTION_NAME, Warehouse
from warehouse.schema import metadata

AGES = ["0-17", "18-29", "30-44", "45-59", "60-74", "75+"]
BLOCKERS = ["not_registered", "order_pending", "no_card", "not_issued", "not_activated", "funded_unpaid", "order_void",
            "silent_since_last_year", "nothing_known"]  # fmt: skip
NOT_DUE = ["deceased", "employee_scheme", "insured_elsewhere", "moved", "enlisted"]
FALLBACK_PREMIUM_FEN = 18_000


def write_mart_world(
    home: Path,
    seed: int,
    *,
    scale: float = 0.1,
    published_at: datetime = datetime(2018, 3, 21, 6, 10),
    cities: Mapping[str, CityFolder] | None = None,
) -> str:
    """Publish one generation of invented marts for `cities` (the built-in ones) below `home`; returns its id.

    `scale` shrinks every village: 1.0 has all eligible persons of divisions.csv.
    """
    folders = load_cities([BUILT_IN_CITIES]) if cities is None else cities
    generation_id = f"{published_at:%Y%m%dT%H%M%S}-{seed:04d}"
    tables: dict[str, list[pd.DataFrame]] = {name: [] for name in metadata.tables}
    for position, folder in enumerate(folders.values()):
        _City(folder, np.random.default_rng([seed, position]), scale).fill(tables)
    world = {name: pd.concat(parts, ignore_index=True) for name, parts in tables.items() if parts}
    batches = world["load_batches"]
    batches["batch_key"] = np.arange(len(batches)) + 1
    world["meta_generation"] = pd.DataFrame(
        [{"generation_id": generation_id, "based_on": "", "content_hash": f"{seed:064x}"}]
    )
    _publish(home, generation_id, published_at, world)
    return generation_id


def _publish(home: Path, generation_id: str, published_at: datetime, world: Mapping[str, pd.DataFrame]) -> None:
    folder = home / "generations" / generation_id
    folder.mkdir(parents=True)
    engine = create_engine(f"duckdb:///{folder / DATABASE_NAME}")
    metadata.create_all(engine)
    with engine.begin() as connection:
        raw: Any = connection.connection.driver_connection
        for name, frame in world.items():
            raw.register("incoming", frame)
            raw.execute(f"INSERT INTO {name} BY NAME SELECT * FROM incoming")
            raw.unregister("incoming")
    engine.dispose()
    description = {
        "id": generation_id,
        "published_at": published_at.isoformat(),
        "database_bytes": (folder / DATABASE_NAME).stat().st_size,
    }
    write_atomically(folder / DESCRIPTION_NAME, json.dumps(description).encode())
    Warehouse(home).make_current(generation_id)


class _City:
    """The marts of one city, from persons drawn by `random`."""

    def __init__(self, folder: CityFolder, random: np.random.Generator, scale: float) -> None:
        self.folder, self.city, self.random, self.scale = folder, folder.city, random, scale
        demo = self.city.demo
        self.as_of_on = demo.as_of_on if demo else date(2018, 3, 20)
        self.campaigns = [c for c in self.city.campaigns if c.opens_on.value and c.opens_on.value <= self.as_of_on]
        self.town_lag = {town.code: random.normal(0, 1) for town in folder.divisions.towns}
        self.people = self._people()

    def fill(self, tables: dict[str, list[pd.DataFrame]]) -> None:
        """Add this city's rows."""
        code = self.city.code
        tables["meta_cities"].append(pd.DataFrame([{"city": code, "as_of_on": self.as_of_on, "is_synthetic": True}]))
        tables["meta_divisions"].append(self._divisions())
        last_paid = np.zeros(len(self.people), bool)
        for index, campaign in enumerate(self.campaigns):
            persons = self._campaign_persons(campaign, index, last_paid)
            last_paid = persons["is_paid"].to_numpy()
            for name, frame in _marts(persons, campaign, self.as_of_on).items():
                tables[name].append(frame.assign(city=code, campaign_year=campaign.year))
            tables["mart_money_daily"].append(self._money(persons, campaign))
            tables["meta_campaigns"].append(self._campaign_row(campaign))
        if self.city.cards:
            tables["mart_card_funnel"].append(self._cards())
        tables["mart_feed_days"].append(mart_ledger.feed_days(self.folder, self.as_of_on, self.random))
        tables["load_batches"].append(mart_ledger.batches(self.folder, self.as_of_on, self.random))
        tables["load_set_aside"].append(mart_ledger.set_aside(self.folder))
        tables["load_refused_files"].append(mart_ledger.refused(self.folder))

    def _people(self) -> pd.DataFrame:
        rows = []
        for village in self.folder.divisions.villages:
            for category, eligible in village.eligible_persons.items():
                rows.append((village.code, village.parent_code, category, round(eligible * self.scale)))
        cells = pd.DataFrame(rows, columns=["division_code", "town_code", "category", "eligible_persons"])
        people = cells.loc[cells.index.repeat(cells["eligible_persons"])].drop(columns="eligible_persons")
        people = people.reset_index(drop=True)
        limits = {c.code: c.ages for c in self.city.categories}
        low = people["category"].map(lambda c: limits[c][0]).to_numpy()
        high = people["category"].map(lambda c: min(limits[c][1], 90)).to_numpy()
        ages = self.random.integers(low, high + 1)
        people["age_band"] = np.asarray(AGES)[np.searchsorted([18, 30, 45, 60, 75], ages, side="right")]
        villages = {code: self.random.normal(0, 0.6) for code in people["division_code"].unique()}
        people["lag"] = people["division_code"].map(villages) + people["town_code"].map(self.town_lag)
        return people

    def _campaign_persons(self, campaign: Campaign, index: int, last_paid: np.ndarray) -> pd.DataFrame:
        random, persons = self.random, self.people.copy()
        count = len(persons)
        deadline, opens = campaign.final_deadline_on(self.as_of_on), campaign.opens_on.value
        closes = campaign.closes_on.value
        assert opens is not None
        assert closes is not None
        window = (deadline - opens).days
        persons["is_enrolled"] = random.random(count) < 0.985
        persons["not_due_reason"] = np.where(random.random(count) < 0.03, random.choice(NOT_DUE, count), "")
        persons["is_due"] = persons["is_enrolled"] & (persons["not_due_reason"] == "")
        persons["was_paid"] = last_paid
        chance = 0.90 + 0.008 * index - 0.03 * persons["lag"] + np.where(last_paid, 0.04, -0.05 if index else 0)
        persons["ever"] = (random.random(count) < chance) & (persons["is_due"] | (random.random(count) < 0.1))
        # Late in the window with a rush at its end; a lagging town pays later.
        share = random.beta(2.0, 1.35 - 0.05 * index, count) ** (1 / (1 + 0.12 * np.clip(persons["lag"], -2, 4)))
        offset = np.minimum((share * (window + 1)).astype(int), window)
        late = (random.random(count) < 0.012) & (closes > deadline)
        late_offset = window + 1 + random.integers(0, max((closes - deadline).days, 1), count)
        days = np.datetime64(opens) + np.where(late, late_offset, offset).astype("timedelta64[D]")
        persons["paid_on"] = days
        persons["is_paid"] = persons["ever"] & persons["is_enrolled"] & (days < np.datetime64(self.as_of_on))
        persons["period"] = np.where(late, "late", "on_time")
        persons["channel"] = self._channels(campaign.year, count)
        choosing = {c.code for c in self.city.categories if c.has_tier_choice} if self.city.tiers else set()
        persons["has_tier_choice"] = persons["category"].isin(choosing)
        tiers = np.array([tier.code for tier in self.city.tiers] or ["-"])
        odds = np.array([0.64 - 0.03 * index, *[(0.36 + 0.03 * index) / max(len(tiers) - 1, 1)] * (len(tiers) - 1)])
        persons["tier"] = np.where(persons["has_tier_choice"], random.choice(tiers, count, p=odds / odds.sum()), "-")
        persons["is_assisted"] = random.random(count) < 0.02
        persons["entitled_on"] = self._entitled(campaign, persons, last_paid, index)
        return self._priced(persons, campaign)

    def _channels(self, year: int, count: int) -> np.ndarray:
        open_channels = [c for c in self.city.channels if c.is_open_in(year)]
        weights = np.array([_weight(channel, year) for channel in open_channels])
        return self.random.choice([c.code for c in open_channels], count, p=weights / weights.sum())

    def _entitled(self, campaign: Campaign, persons: pd.DataFrame, last_paid: np.ndarray, index: int) -> pd.Series:
        new_year = pd.Timestamp(campaign.year, 1, 1)
        waits = (persons["period"] == "late") | (~last_paid & (index > 0))
        after: pd.Series[Any] = persons["paid_on"].astype("datetime64[s]") + pd.DateOffset(months=3)
        return after.where(waits & (after > new_year), new_year)

    def _priced(self, persons: pd.DataFrame, campaign: Campaign) -> pd.DataFrame:
        policy = self.folder.policies.get(campaign.year)
        categories = tuple(c.code for c in self.city.categories)
        table = price_table(policy, categories, tuple(t.code for t in self.city.tiers)) if policy else []
        prices = pd.DataFrame(
            [
                (p.category, p.tier or "-", p.period, p.premium_due_fen, p.subsidy_fen, p.benefit_tier or "-")
                for p in table
            ],
            columns=["category", "tier", "period", "premium_fen", "subsidy_fen", "benefit_tier"],
        )
        merged = persons.merge(prices, how="left", on=["category", "tier", "period"])
        merged["paid_fen"] = merged["premium_fen"].fillna(FALLBACK_PREMIUM_FEN).astype("int64")
        merged.loc[merged["is_assisted"], "paid_fen"] = 0
        merged["subsidy_fen"] = merged["subsidy_fen"].astype("Int64")
        merged["benefit_tier"] = merged["benefit_tier"].fillna("-")
        return merged

    def _money(self, persons: pd.DataFrame, campaign: Campaign) -> pd.DataFrame:
        paid = persons[persons["is_paid"]]
        money = _sum(paid.assign(payments=1, net_fen=paid["paid_fen"]), ["channel", "paid_on"], ["payments", "net_fen"])
        count = len(money)
        slips = self.random.random(count)
        money["suspense_fen"] = np.where(slips < 0.05, FALLBACK_PREMIUM_FEN, 0)
        money["paid_twice_fen"] = np.where(slips > 0.95, FALLBACK_PREMIUM_FEN, 0)
        money["net_fen"] += money["suspense_fen"] + money["paid_twice_fen"]
        received = money["net_fen"].astype("Int64")
        received = received.mask(pd.to_datetime(money["paid_on"]) >= pd.Timestamp(self.as_of_on) - pd.Timedelta(days=1))
        money["received_fen"] = received - np.where(self.random.random(count) < 0.01, FALLBACK_PREMIUM_FEN, 0)
        return money.assign(city=self.city.code, campaign_year=campaign.year)

    def _campaign_row(self, campaign: Campaign) -> pd.DataFrame:
        row = {
            "city": self.city.code,
            "campaign_year": campaign.year,
            "opens_on": campaign.opens_on.value,
            "deadline_on": campaign.final_deadline_on(self.as_of_on),
            "closes_on": campaign.closes_on.value,
        }
        return pd.DataFrame([row])

    def _divisions(self) -> pd.DataFrame:
        tree = self.folder.divisions
        below = {v.code: sum(v.eligible_persons.values()) for v in tree.villages}
        rows = [
            {
                "city": self.city.code,
                "division_code": d.code,
                "parent_code": d.parent_code,
                "town_code": tree.town_of(d.code).code if d.level in ("town", "village") else None,
                "level": d.level.value,
                "eligible_persons": round(below.get(d.code, 0) * self.scale),
            }
            for d in tree.divisions
        ]
        return pd.DataFrame(rows)

    def _cards(self) -> pd.DataFrame:
        assert self.city.cards is not None
        days = [self.as_of_on - timedelta(days=n) for n in range(1, 91)]
        rows = [
            {
                "city": self.city.code,
                "card_channel": channel,
                "step": step,
                "occurred_on": day,
                "persons": int(self.random.poisson(rate)),
            }
            for channel in self.city.cards.channels
            for step, rate in (("applied", 40), ("issued", 36), ("activated", 27), ("sms_signed", 15))
            for day in days
        ]
        return pd.DataFrame(rows)


def _weight(channel: Channel, year: int) -> float:
    """Cash recedes, what is online grows."""
    age = year - 2015
    if channel.kind is ChannelKind.COLLECTIVE:
        return max(8.0 - 2.2 * age, 0.5)
    if channel.kind is ChannelKind.ASSISTANCE:
        return 0.15
    return 1.0 + (1.6 if channel.kind is ChannelKind.ONLINE else 0.6) * age


def _sum(frame: pd.DataFrame, by: Sequence[str], values: Sequence[str]) -> pd.DataFrame:
    return frame.groupby(list(by), dropna=False, observed=True)[list(values)].sum(min_count=1).reset_index()


def _marts(persons: pd.DataFrame, campaign: Campaign, as_of_on: date) -> dict[str, pd.DataFrame]:
    paid = persons[persons["is_paid"]].assign(paid_persons=1, persons=1)
    paid["due_paid_persons"] = paid["is_due"].astype(int)
    deadline = np.datetime64(campaign.final_deadline_on(as_of_on))
    paid["days_to_deadline"] = (deadline - paid["paid_on"].to_numpy().astype("datetime64[D]")).astype(int)
    sums = ["paid_persons", "due_paid_persons", "paid_fen"]
    unpaid = persons[persons["is_due"] & ~persons["is_paid"]].copy()
    picks = np.arange(len(unpaid)) * 7919 % 100
    edges = [12, 16, 21, 26, 36, 41, 43, 73]
    unpaid["blocker"] = np.asarray(BLOCKERS)[np.searchsorted(edges, picks, side="right")]
    unpaid["persons"] = 1
    unpaid["sms_unsigned_persons"] = (picks % 3 == 0).astype(int)
    not_due = persons[persons["not_due_reason"] != ""].rename(columns={"not_due_reason": "reason"}).assign(persons=1)
    return {
        "mart_collection": _sum(
            paid, ["town_code", "division_code", "category", "tier", "channel", "period", "paid_on"], sums
        ),
        "mart_progress_daily": _sum(paid, ["town_code", "paid_on", "days_to_deadline"], sums),
        "mart_channel_daily": _sum(
            paid, ["town_code", "category", "channel", "paid_on"], ["paid_persons", "paid_fen"]
        ),
        "mart_tiers": _sum(
            paid,
            ["town_code", "category", "has_tier_choice", "age_band", "tier", "period"],
            ["paid_persons", "paid_fen"],
        ),
        "mart_exposure": _sum(
            paid,
            ["town_code", "category", "benefit_tier", "period", "entitled_on"],
            ["persons", "paid_fen", "subsidy_fen"],
        ),
        "mart_not_due": _sum(not_due, ["town_code", "reason"], ["persons"]),
        "mart_blockers": _sum(
            unpaid, ["town_code", "division_code", "blocker"], ["persons", "sms_unsigned_persons"]
        ),
        "mart_coverage": _coverage(persons),
    }


def _coverage(persons: pd.DataFrame) -> pd.DataFrame:
    due, paid = persons["is_due"], persons["is_paid"]
    flags = {
        "eligible_persons": np.ones(len(persons), bool),
        "enrolled_persons": persons["is_enrolled"],
        "due_persons": due,
        "paid_persons": paid,
        "due_on_time_persons": due & paid & (persons["period"] == "on_time"),
        "due_late_persons": due & paid & (persons["period"] == "late"),
        "due_unpaid_persons": due & ~paid,
        "last_year_paid_persons": persons["was_paid"],
        "renewed_persons": persons["was_paid"] & paid,
        "assisted_persons": persons["is_assisted"],
        "assisted_paid_persons": persons["is_assisted"] & paid,
    }
    counted = persons.assign(**{name: np.asarray(flag).astype(int) for name, flag in flags.items()})
    return _sum(counted, ["town_code", "division_code", "category"], list(flags))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write a warehouse of invented marts.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0)
    chosen = parser.parse_args()
    print(write_mart_world(chosen.folder, chosen.seed, scale=chosen.scale))
