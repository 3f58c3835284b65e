"""A city as data: names, divisions, categories, tiers, channels, campaigns, calendar. Code never names a city."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from insurance.values import Bilingual, Model, Source, Sourced


class DivisionLevel(StrEnum):
    """Levels of the division tree, from the whole to the registering unit."""

    ROOT = "root"  # the city or district that runs the campaign
    DISTRICT = "district"
    TOWN = "town"  # street or town
    VILLAGE = "village"  # community or village: the registering unit


class Division(Model):
    """One row of divisions.csv."""

    code: str = Field(pattern=r"^\d{12}$")
    parent_code: str = Field(pattern=r"^(\d{12})?$")
    level: DivisionLevel
    name: Bilingual
    is_urban: bool
    tile_x: int
    tile_y: int
    eligible_persons: dict[str, int]  # by category code


class Category(Model):
    """A category of insured persons as the policy prices them."""

    code: str = Field(pattern=r"^[a-z_]+$")
    name: Bilingual
    has_tier_choice: bool
    ages: tuple[int, int]  # inclusive, for synthetic data and plausibility only


class Tier(Model):
    """A contribution tier that adults choose."""

    code: str = Field(pattern=r"^[a-z_]+$")
    name: Bilingual


class ChannelKind(StrEnum):
    """Where a channel meets the payer."""

    COUNTER = "counter"
    MACHINE = "machine"
    ONLINE = "online"
    COLLECTIVE = "collective"
    ASSISTANCE = "assistance"  # the premium is paid by others for the person


class Need(StrEnum):
    """What a person must have before a channel takes the payment."""

    CARD_ISSUED = "card_issued"
    CARD_ACTIVATED = "card_activated"
    CARD_FUNDED = "card_funded"
    SMS_SIGNED = "sms_signed"
    BANK_CARD = "bank_card"  # any bank card
    EARLIER_MEMBERSHIP = "earlier_membership"  # not for a first-time member
    IN_PERSON = "in_person"


class Channel(Model):
    """A way to pay."""

    code: str = Field(pattern=r"^[a-z_]+$")
    name: Bilingual
    kind: ChannelKind
    needs: tuple[Need, ...] = ()
    has_orders: bool = False  # an unpaid order blocks the other channels until paid, cancelled or void
    first_year: int | None = None  # first campaign it belongs to
    last_year: int | None = None  # last campaign it is expected in; later payments are flagged, never refused
    source: Source | None = None

    def is_open_in(self, year: int) -> bool:
        """Whether the channel belongs to campaign `year`."""
        return (self.first_year or year) <= year <= (self.last_year or year)


class Extension(Model):
    """A later deadline, announced on a day."""

    announced_on: date
    deadline_on: date
    source: Source | None = None

    @model_validator(mode="after")
    def _announced_before_it_ends(self) -> Self:
        if self.announced_on > self.deadline_on:
            raise ValueError("an extension is announced before it ends: announced_on <= deadline_on")
        return self


class Campaign(Model):
    """One year's collection. The deadline day itself still counts as on time."""

    year: int = Field(ge=2000, le=2100)  # benefit year
    opens_on: Sourced[date]
    deadline_on: Sourced[date]
    extensions: tuple[Extension, ...] = ()
    closes_on: Sourced[date]  # last day a (late) payment for this year is taken
    target_rate: Sourced[float]  # insured ÷ should-be-insured, 0–1
    task_persons: Sourced[int]

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        opens, deadline, closes = self.opens_on.value, self.deadline_on.value, self.closes_on.value
        if opens is None or deadline is None or closes is None:
            raise ValueError("a campaign needs opens_on, deadline_on and closes_on; mark them assumed if not stated")
        if not opens < deadline <= closes:
            raise ValueError("dates must run opens_on < deadline_on <= closes_on")
        if any(extension.deadline_on <= deadline for extension in self.extensions):
            raise ValueError("an extension must end after the deadline it extends")
        if any(extension.deadline_on > closes for extension in self.extensions):
            raise ValueError("closes_on, the last day of any payment, must not lie before the end of an extension")
        if self.target_rate.value is not None and not 0 < self.target_rate.value <= 1:
            raise ValueError("target_rate is a share between 0 and 1 (0.95, not 95)")
        return self

    def final_deadline_on(self, as_of_on: date | None = None) -> date:
        """The deadline in force on `as_of_on` (all announced extensions when None)."""
        known = [e.deadline_on for e in self.extensions if as_of_on is None or e.announced_on <= as_of_on]
        assert self.deadline_on.value is not None
        return max([self.deadline_on.value, *known])


class WorkCalendar(Model):
    """Public holidays and weekend days worked instead, inclusive."""

    holidays: tuple[tuple[date, date], ...] = ()
    working_weekends: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _first_before_last(self) -> Self:
        if wrong := [f"[{first}, {last}]" for first, last in self.holidays if last < first]:
            raise ValueError(f"holidays are [first day, last day]; the wrong way round: {', '.join(wrong)}")
        return self

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is a working day."""
        if day in self.working_weekends:
            return True
        if any(first <= day <= last for first, last in self.holidays):
            return False
        return day.weekday() < 5

    def add_working_days(self, day: date, count: int) -> date:
        """The day that is `count` working days after `day`."""
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day


class Demo(Model):
    """The invented data a city is shown with when it has none of its own."""

    campaign_year: int
    as_of_on: date
    id_prefixes: tuple[str, ...] = Field(min_length=1)  # six-digit prefixes that no division has
    persons: int = Field(gt=0)


class PersonGroup(StrEnum):
    """Whom a way to get a card does not serve."""

    MINOR = "minor"
    NON_LOCAL = "non_local"


class CardChannel(Model):
    """A way to get a card."""

    name: Bilingual
    is_instant: bool = False  # the card is handed over on the day it is applied for
    refuses: tuple[PersonGroup, ...] = ()
    bring: Bilingual | None = None  # what to bring
    places: Sourced[int] | None = None  # how many there are


class CardScheme(Model):
    """How social security cards are issued."""

    channels: dict[str, CardChannel]  # by code
    lag_working_days: Sourced[int]  # after registration, before a card can be applied for


class City(Model):
    """city.yaml."""

    code: str = Field(pattern=r"^[a-z_]+$")
    name: Bilingual
    place: Bilingual  # province and parent, for the long form
    scheme: Bilingual
    root_division_code: str = Field(pattern=r"^\d{12}$")
    divisions_note: Bilingual | None = None  # e.g. that division names are invented
    categories: tuple[Category, ...]
    tiers: tuple[Tier, ...]  # empty: one premium for each category, no choice
    channels: tuple[Channel, ...]
    cards: CardScheme | None = None  # None: the card's state blocks nobody
    campaigns: tuple[Campaign, ...]
    calendar: WorkCalendar
    demo: Demo | None = None

    @model_validator(mode="after")
    def _codes_unique(self) -> Self:
        for what, codes in (
            ("category", [c.code for c in self.categories]),
            ("tier", [t.code for t in self.tiers]),
            ("channel", [c.code for c in self.channels]),
            ("campaign", [str(c.year) for c in self.campaigns]),
        ):
            repeated = sorted({code for code in codes if codes.count(code) > 1})
            if repeated:
                raise ValueError(f"{what} codes must be unique; repeated: {', '.join(repeated)}")
        years = [c.year for c in self.campaigns]
        if years != sorted(years):
            raise ValueError("campaigns must stand in the order of their years")
        for earlier, later in zip(self.campaigns, self.campaigns[1:], strict=False):
            opens, opened = later.opens_on.value, earlier.opens_on.value
            if opens is not None and opened is not None and opens <= opened:
                raise ValueError(f"campaign {later.year} must open after campaign {earlier.year}")
        return self

    def campaign(self, year: int) -> Campaign:
        """The campaign of benefit `year`; KeyError when the city has none."""
        for campaign in self.campaigns:
            if campaign.year == year:
                return campaign
        raise KeyError(year)

    def channel(self, code: str) -> Channel:
        """The channel named `code`; KeyError when the city has none."""
        for channel in self.channels:
            if channel.code == code:
                return channel
        raise KeyError(code)
