"""What a page is given: the city, the campaign, the viewer, the language, the only ways to data and texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

import pandas as pd

from configuration.city import Campaign, City
from dashboard import texts
from dashboard.access import ForbiddenError, Role, Viewer
from dashboard.addresses import AddressError, Query, join, parse_query
from dashboard.sitemap import Page, page_of
from insurance.policy import Policy
from warehouse.schema import metadata

if TYPE_CHECKING:
    from configuration.cities import CityFolder
    from dashboard.installation import Installation

# What the shell itself reads, for every viewer alike: how far the data have come.
SHELL_VIEWER = Viewer(Role.LEADER, key_id="shell")


@dataclass
class Marks:
    """What came up while a page was put together, for the shell to show."""

    is_stale: bool = False


@dataclass(frozen=True)
class PageContext:
    """Everything that a page may know."""

    page: Page
    query: Query
    folder: "CityFolder"
    cities: Mapping[str, "CityFolder"]  # those with data, in their order
    city: City
    campaign: Campaign
    policy: Policy | None
    as_of_on: date  # the day in progress when the rules were applied
    today_on: date  # by the business clock
    is_clock_demo: bool
    is_synthetic: bool
    generation_id: str
    published_at: datetime
    alarm: str | None
    language: str  # "zh" or "en"
    theme: str  # "light" or "dark"
    viewer: Viewer
    town_code: str | None
    installation: "Installation"
    marks: Marks = field(default_factory=Marks)

    def read(
        self, mart: str, by: Sequence[str], values: Sequence[str], where: Mapping[str, object] | None = None
    ) -> pd.DataFrame:
        """Sums of `values` by `by` from `mart`, for this city and campaign unless `where` says otherwise.

        Columns: `by` (days as datetime64), `values` (Int64; NA when hidden or unknown), `is_hidden`. Filters in
        `where`: a value, a collection of values, AtMost(…) or AtLeast(…) of dashboard.queries; None lifts the default
        one (all campaigns). `values` may name `rows`, the number of rows. Raises ForbiddenError and ValueError.
        """
        return self._read(self.viewer, mart, by, values, where or {})

    def read_for_shell(self, mart: str, by: Sequence[str], values: Sequence[str]) -> pd.DataFrame:
        """A read whose answer is the same for every viewer: how far the sources have come, rows set aside."""
        return self._read(SHELL_VIEWER, mart, by, values, {})

    def text(self, key: str, **values: object) -> str:
        """The text of `key` in the page's language. Raises MissingTextError."""
        return texts.text(self.language, key, **values)

    def href(self, page_key: str | None = None, **changes: str | int | None) -> str:
        """The address of a page (this one by default) with parameters changed; None takes one back to its default.

        Another city starts from its own campaign and without a town, another campaign without a change of town.
        """
        given: dict[str, str | int | None] = {
            "city": self.query.city, "year": self.query.year, "town": self.query.town,
            "lang": self.query.lang, "theme": self.query.theme,
        }  # fmt: skip
        if changes.get("city", self.query.city) != self.query.city:
            given |= {"year": None, "town": None}
        path = page_of(page_key).path if page_key else self.page.path
        return join(path, given | changes)

    def division_name(self, code: str) -> str:
        """The division's name in the page's language; the code itself when the city's folder does not know it."""
        divisions = self.folder.divisions
        return divisions.by_code(code).name.in_language(self.language) if code in divisions else code

    def _read(
        self, viewer: Viewer, mart: str, by: Sequence[str], values: Sequence[str], where: Mapping[str, object]
    ) -> pd.DataFrame:
        columns = metadata.tables[mart].columns if mart in metadata.tables else ()
        defaults = {"city": self.city.code, "campaign_year": self.campaign.year}
        filters = {name: value for name, value in defaults.items() if name in columns} | dict(where)
        given = {name: value for name, value in filters.items() if value is not None}
        answer = self.installation.store.read(viewer, mart, by, values, given)
        self.marks.is_stale |= answer.is_stale
        return answer.frame


def build_context(place: "Installation", page: Page, search: str, viewer: Viewer) -> PageContext:
    """The context of `page` at `search`. Raises AddressError, ForbiddenError and NoGenerationError."""
    query = parse_query(search)
    if viewer.role not in page.roles:
        raise ForbiddenError(f"page {page.key}")
    generation, is_stale = place.store.generation()
    loaded = place.store.read(SHELL_VIEWER, "meta_cities", ["city", "as_of_on", "is_synthetic"], ["rows"], {}).frame
    rows = {str(row["city"]): row for row in loaded.to_dict("records")}
    cities = {code: folder for code, folder in place.cities.items() if code in rows and _may_open(folder, viewer)}
    folder = _chosen_city(query, cities, set(rows))
    as_of_on = rows[folder.city.code]["as_of_on"].date()
    campaign = _chosen_campaign(query, folder.city, as_of_on)
    return PageContext(
        page=page,
        query=query,
        folder=folder,
        cities=cities,
        city=folder.city,
        campaign=campaign,
        policy=folder.policies.get(campaign.year),
        as_of_on=as_of_on,
        today_on=place.clock.today(as_of_on),
        is_clock_demo=place.clock.is_demo,
        is_synthetic=bool(rows[folder.city.code]["is_synthetic"]),
        generation_id=generation.id,
        published_at=generation.published_at,
        alarm=place.store.warehouse.current_alarm,
        language=query.lang or texts.LANGUAGES[0],
        theme=query.theme or "light",
        viewer=viewer,
        town_code=_chosen_town(query, folder, viewer),
        installation=place,
        marks=Marks(is_stale),
    )


def default_campaign(city: City, as_of_on: date) -> Campaign:
    """The newest campaign that has opened by `as_of_on`, or the first one."""
    opened = [c for c in city.campaigns if c.opens_on.value is not None and c.opens_on.value <= as_of_on]
    return opened[-1] if opened else city.campaigns[0]


def _may_open(folder: "CityFolder", viewer: Viewer) -> bool:
    return viewer.role is not Role.CLERK or any(code in folder.divisions for code in viewer.divisions)


def _chosen_city(query: Query, cities: Mapping[str, "CityFolder"], loaded: set[str]) -> "CityFolder":
    if not loaded:
        raise AddressError("shell.refused.no_city")
    if query.city is None:
        if not cities:
            raise ForbiddenError("every city")
        return next(iter(cities.values()))
    if query.city in cities:
        return cities[query.city]
    if query.city in loaded:
        raise ForbiddenError(f"city {query.city}")
    raise AddressError("shell.refused.unknown_city", value=query.city)


def _chosen_campaign(query: Query, city: City, as_of_on: date) -> Campaign:
    if query.year is None:
        return default_campaign(city, as_of_on)
    try:
        return city.campaign(query.year)
    except KeyError:
        raise AddressError("shell.refused.unknown_year", value=str(query.year)) from None


def _chosen_town(query: Query, folder: "CityFolder", viewer: Viewer) -> str | None:
    """The town of the address. A clerk's pages open on the first of the own towns and on no other (fault 45)."""
    towns = folder.divisions.towns
    own = [town.code for town in towns if town.code in viewer.divisions]
    if query.town is None:
        return own[0] if viewer.role is Role.CLERK and own else None
    if query.town not in {town.code for town in towns}:
        raise AddressError("shell.refused.unknown_town", value=query.town)
    if viewer.role is Role.CLERK and query.town not in own:
        raise ForbiddenError(f"division {query.town}")
    return query.town
