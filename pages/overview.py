"""Overview, the leadership's morning look: how far, how fast, who is behind, what holds people, which way they pay."""

from collections.abc import Mapping

from dash.development.base_component import Component

from dashboard import collection_data as data
from dashboard.access import STAFF
from dashboard.charts import progress
from dashboard.components import empty_state, grid, span
from dashboard.context import PageContext
from dashboard.formats import Formats
from dashboard.overview import cards
from dashboard.overview.figures import figures
from dashboard.overview.sentence import overview_sentence
from dashboard.pagekit import add_page


def body(context: PageContext) -> list[Component]:
    """The page, or the face of a campaign that has nothing to show yet."""
    feeds = data.daily_feeds(context)
    moment = data.moment(context, feeds)
    totals = data.campaign_totals(context)
    year = context.campaign.year
    if not moment.has_started:
        formats = Formats(context)
        days = {"opens": formats.long_day(moment.opens_on), "deadline": formats.long_day(moment.deadline_on)}
        return [_nothing(context, "not_started", days)]
    if year not in totals or not totals[year].due:
        return [_nothing(context, "no_register", {})]
    goal = data.goal_of(context, moment)
    due = {each: total.due for each, total in totals.items() if total.due and each <= year}
    pace = progress.shape(data.daily_covers(context), due, goal)
    towns = data.towns_against_last_year(context, moment)
    return [
        overview_sentence(context, moment, totals[year], pace, goal, towns),
        grid(
            span(8, cards.pace_card(context, pace, goal, due[year])),
            span(4, *figures(context, moment, totals)),
        ),
        grid(
            span(4, cards.towns_card(context, moment, towns)),
            span(4, cards.blockers_card(context, totals[year])),
            span(4, cards.channels_card(context, moment)),
        ),
        grid(span(12, cards.feeds_card(context, feeds))),
    ]


def _nothing(context: PageContext, key: str, values: Mapping[str, str]) -> Component:
    title = context.text(f"overview.{key}.title", year=context.campaign.year)
    return empty_state(title, context.text(f"overview.{key}.next", **values))


add_page(__name__, key="overview", path="/", roles=STAFF, body=body, order=10)
