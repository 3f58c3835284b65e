"""What the simulation needs to know of a city as arrays and indices. Everything comes from the city's folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from configuration.city import Campaign, Channel, ChannelKind, City, Division, DivisionLevel, Need
from configuration.feed import Feed
from configuration.record_kinds import CANONICAL_CODES
from insurance.policy import Policy
from insurance.rules import price_table

Days = NDArray[np.datetime64]
DAY = "datetime64[D]"
SECOND = "datetime64[s]"


@dataclass(frozen=True)
class Order:
    """What was asked for on the command line."""

    persons: int
    seed: int
    as_of_on: date
    history_years: int


@dataclass(frozen=True)
class Window:
    """One campaign in days; `deadline` counts extensions announced by the as-of day."""

    year: int
    opens: np.datetime64
    deadline: np.datetime64
    closes: np.datetime64
    is_current: bool


@dataclass(frozen=True)
class Prices:
    """Prices of one campaign in fen by (category, tier); the last tier column holds categories without a choice."""

    on_time_fen: NDArray[np.int64]
    late_fen: NDArray[np.int64]  # -1 also where late payments are not taken


class Plan:
    """A city, its policies and its feeds, with the indices that the simulation's arrays use."""

    def __init__(
        self,
        city: City,
        divisions: tuple[Division, ...],
        feeds: tuple[Feed, ...],
        policies: Mapping[int, Policy],
        order: Order,
    ) -> None:
        if city.demo is None:
            raise ValueError(f"city '{city.code}' has no demo section: add one with id_prefixes that no division has")
        self.city, self.feeds, self.order, self.demo = city, feeds, order, city.demo
        self.villages = tuple(d for d in divisions if d.level is DivisionLevel.VILLAGE)
        self.policies = {year: policy.effective() for year, policy in policies.items()}
        self.as_of = np.datetime64(order.as_of_on, "D")
        self.categories = tuple(c.code for c in city.categories)
        self.tiers = tuple(t.code for t in city.tiers)
        self.channels = tuple(c.code for c in city.channels)
        parents = {d.code: d for d in divisions}
        town_codes = [_town_above(village, parents) for village in self.villages]
        self.towns = tuple(dict.fromkeys(town_codes))
        self.town_of_village = np.array([self.towns.index(code) for code in town_codes], dtype=np.int16)
        self.is_urban_village = np.array([village.is_urban for village in self.villages])
        self.windows = tuple(self._window(c) for c in self._campaigns())
        if not self.windows:
            raise ValueError(f"no campaign of '{city.code}' is open on or before {order.as_of_on}")
        self.years = tuple(w.year for w in self.windows)
        self.prices = tuple(self._prices(year) for year in self.years)

    def _campaigns(self) -> list[Campaign]:
        last = self.demo.campaign_year
        first = last - self.order.history_years
        return [
            c
            for c in self.city.campaigns
            if first <= c.year <= last and c.opens_on.value is not None and c.opens_on.value <= self.order.as_of_on
        ]

    def _window(self, campaign: Campaign) -> Window:
        deadline = np.datetime64(campaign.final_deadline_on(self.order.as_of_on), "D")
        return Window(
            year=campaign.year,
            opens=np.datetime64(campaign.opens_on.value, "D"),
            deadline=deadline,
            closes=max(np.datetime64(campaign.closes_on.value, "D"), deadline),
            is_current=campaign.year == self.demo.campaign_year,
        )

    def _prices(self, year: int) -> Prices:
        shape = (len(self.categories), len(self.tiers) + 1)
        fen = {period: np.full(shape, -1, dtype=np.int64) for period in ("on_time", "late")}
        for price in price_table(self.policies[year], self.categories, self.tiers):
            column = self.tiers.index(price.tier) if price.tier else len(self.tiers)
            if price.premium_due_fen is not None:
                fen[price.period][self.categories.index(price.category), column] = price.premium_due_fen
        return Prices(fen["on_time"], fen["late"])

    @cached_property
    def has_choice(self) -> NDArray[np.bool_]:
        """By category: whether a tier is chosen."""
        return np.array([c.has_tier_choice and len(self.tiers) > 0 for c in self.city.categories])

    @cached_property
    def has_cards(self) -> bool:
        """Whether cards are issued and some feed reports them."""
        return self.city.cards is not None and any(f.kind == "card_event" for f in self.feeds)

    @cached_property
    def assistance_channel(self) -> int:
        """Index of the channel of assisted persons, -1 without one."""
        kinds = [c.kind for c in self.city.channels]
        return kinds.index(ChannelKind.ASSISTANCE) if ChannelKind.ASSISTANCE in kinds else -1

    def needs(self, *needs: Need) -> NDArray[np.bool_]:
        """By channel: whether it has any of these needs."""
        return np.array([any(need in channel.needs for need in needs) for channel in self.city.channels])

    def feeds_of(self, *kinds: str) -> list[Feed]:
        """The feeds of some kinds, in the order of the folder."""
        return [feed for feed in self.feeds if feed.kind in kinds]

    def routes_of(self, channel: Channel) -> list[Feed]:
        """The feeds that report payments of a channel; orders first where the channel has orders."""
        found = [feed for feed in self.feeds_of("order", "payment") if channel.code in codes_of(feed, "channel")]
        wanted = "order" if channel.has_orders else "payment"
        return [feed for feed in found if feed.kind == wanted] or found

    def codebook(self, kind: str, field: str) -> tuple[str, ...]:
        """The canonical codes that indices of a code field stand for."""
        of_city = {
            "channel": self.channels,
            "tier": self.tiers,
            "category": self.categories,
            "division": tuple(village.code for village in self.villages),
        }
        if field in of_city:
            return of_city[field]
        if (kind, field) in CANONICAL_CODES:
            return tuple(sorted(CANONICAL_CODES[kind, field]))
        if field == "card_channel":
            return tuple(self.city.cards.channels) if self.city.cards else ()
        return tuple(sorted({code for feed in self.feeds_of(kind) for code in codes_of(feed, field)}))

    def code(self, kind: str, field: str, code: str) -> int:
        """Index of one canonical code."""
        return self.codebook(kind, field).index(code)


def codes_of(feed: Feed, field: str) -> tuple[str, ...]:
    """Canonical codes that `feed` can write in `field`, as a constant or as a column."""
    if field in feed.constants:
        return (feed.constants[field],)
    return tuple(
        dict.fromkeys(code for column in feed.columns if column.field == field for code in column.values.values())
    )


def maps(feed: Feed, field: str) -> bool:
    """Whether `feed` has a column for `field`."""
    return any(column.field == field for column in feed.columns)


def day_number(days: Days) -> NDArray[np.int64]:
    """Days as yyyymmdd."""
    months = days.astype("datetime64[M]").astype(np.int64)
    of_month = (days - days.astype("datetime64[M]").astype(DAY)).astype(np.int64) + 1
    number: NDArray[np.int64] = (months // 12 + 1970) * 10_000 + (months % 12 + 1) * 100 + of_month
    return number


def _town_above(division: Division, parents: Mapping[str, Division]) -> str:
    while division.level is not DivisionLevel.TOWN:
        if division.parent_code not in parents:
            return division.code
        division = parents[division.parent_code]
    return division.code
