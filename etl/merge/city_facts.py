"""What the city folders say, as small tables for the merge: campaigns, channels, categories, divisions, prices."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import duckdb
import pyarrow as pa

from configuration.cities import CityFolder
from configuration.city import ChannelKind, City, Need
from etl.batches import Batch
from insurance.policy import Policy
from insurance.rules import price_table

CARD_NEEDS = {Need.CARD_ISSUED, Need.CARD_ACTIVATED, Need.CARD_FUNDED, Need.SMS_SIGNED}
TABLES = """
CREATE TEMP TABLE campaign_facts (city VARCHAR, campaign_year SMALLINT, opens_on DATE, deadline_on DATE,
    closes_on DATE, is_card_needed BOOLEAN, has_cards BOOLEAN, assistance_channel VARCHAR);
CREATE TEMP TABLE open_channels (city VARCHAR, campaign_year SMALLINT, channel VARCHAR);
CREATE TEMP TABLE city_categories (city VARCHAR, category VARCHAR, has_tier_choice BOOLEAN);
CREATE TEMP TABLE division_eligible (city VARCHAR, town_code VARCHAR, division_code VARCHAR, category VARCHAR,
    eligible_persons INTEGER);
CREATE TEMP TABLE prices (city VARCHAR, campaign_year SMALLINT, category VARCHAR, tier VARCHAR, period VARCHAR,
    premium_due_fen BIGINT);
"""


def insert_cities(
    connection: duckdb.DuckDBPyConnection,
    batches: Iterable[Batch],
    folders: Mapping[str, CityFolder],
    as_of_on: Mapping[str, date],
) -> None:
    """Fill meta_cities, meta_divisions, meta_campaigns and the temporary tables of TABLES."""
    connection.execute(TABLES)
    synthetic = {batch.city for batch in batches if batch.is_synthetic}
    sizes = {batch.city: batch.synthetic_persons for batch in batches if batch.synthetic_persons}
    for code, folder in folders.items():
        _insert(connection, "meta_cities", [(code, as_of_on[code], code in synthetic)])
        _insert_divisions(connection, folder, _scale(folder, sizes.get(code)))
        _insert_campaigns(connection, folder, as_of_on[code], code in synthetic)
        categories = [(code, c.code, c.has_tier_choice) for c in folder.city.categories]
        _insert(connection, "city_categories", categories)


def is_card_needed(city: City, year: int) -> bool:
    """Whether every channel open in `year` needs something of the card: only then does it block anyone.

    Cash collection counts as a way to pay while it is open; being paid for by others does not.
    """
    own = [c for c in city.channels if c.is_open_in(year) and c.kind != ChannelKind.ASSISTANCE]
    return bool(own) and all(CARD_NEEDS & set(channel.needs) for channel in own)


def _scale(folder: CityFolder, invented_persons: int | None) -> float:
    """Invented residents ÷ persons eligible in divisions.csv; 1 where nobody is invented."""
    eligible = sum(folder.divisions.eligible_persons(folder.divisions.root.code).values())
    return invented_persons / eligible if invented_persons and eligible else 1.0


def _insert_divisions(connection: duckdb.DuckDBPyConnection, folder: CityFolder, scale: float) -> None:
    """Divisions and who is eligible there; `scale`: an invented city smaller than its own has fewer everywhere."""
    tree, code = folder.divisions, folder.city.code
    rows = []
    eligible = []
    villages = {village.code for village in tree.villages}
    towns = {town.code for town in tree.towns}
    for division in tree.divisions:
        town = tree.town_of(division.code).code if division.code in villages | towns else None
        persons = round(scale * sum(tree.eligible_persons(division.code).values()))
        rows.append((code, division.code, division.parent_code, town, str(division.level), persons))
        if division.code in villages:
            by_category = division.eligible_persons.items()
            eligible += [(code, town, division.code, c, round(scale * count)) for c, count in by_category]
    _insert(connection, "meta_divisions", rows)
    _insert(connection, "division_eligible", eligible)


def policy_for(folder: CityFolder, year: int, is_synthetic: bool) -> Policy:
    """The policy of a year; what it assumes for the demo alone never prices real data."""
    policy = folder.policies[year]
    return policy if is_synthetic else policy.without_demo_assumptions()


def _insert_campaigns(
    connection: duckdb.DuckDBPyConnection, folder: CityFolder, as_of_on: date, is_synthetic: bool
) -> None:
    city = folder.city
    assistance = next((c.code for c in city.channels if c.kind == ChannelKind.ASSISTANCE), None)
    categories = tuple(category.code for category in city.categories)
    tiers = tuple(tier.code for tier in city.tiers)
    for campaign in city.campaigns:
        opens_on, closes_on = campaign.opens_on.value, campaign.closes_on.value
        deadline_on = campaign.final_deadline_on(as_of_on)
        last_on = max(filter(None, (closes_on, deadline_on)))
        _insert(connection, "meta_campaigns", [(city.code, campaign.year, opens_on, deadline_on, last_on)])
        needed = is_card_needed(city, campaign.year)
        facts = (city.code, campaign.year, opens_on, deadline_on, last_on, needed, city.cards is not None, assistance)
        _insert(connection, "campaign_facts", [facts])
        open_codes = [c.code for c in city.channels if c.is_open_in(campaign.year)]
        _insert(connection, "open_channels", [(city.code, campaign.year, channel) for channel in open_codes])
        prices = [
            (city.code, campaign.year, p.category, p.tier, p.period, p.premium_due_fen)
            for p in price_table(policy_for(folder, campaign.year, is_synthetic), categories, tiers)
        ]
        _insert(connection, "prices", prices)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        columns = [pa.array(column) for column in zip(*rows, strict=True)]
        block = pa.table(columns, [f"c{number}" for number in range(len(columns))])
        connection.register("city_facts_block", block)
        connection.execute(f"INSERT INTO {table} SELECT * FROM city_facts_block")
