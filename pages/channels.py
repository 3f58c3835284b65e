"""Channels: which ways people pay, by year, week, town and category, and what came in by each."""

from dash.development.base_component import Component

from configuration.city import ChannelKind
from dashboard import collection_data as data
from dashboard.access import STAFF
from dashboard.channels import cards
from dashboard.charts import channel_mix
from dashboard.charts.channel_bands import Band, channel_bands
from dashboard.collection_data import Moment
from dashboard.components import empty_state, grid, headline, span
from dashboard.context import PageContext
from dashboard.figures import figure_style
from dashboard.formats import Formats
from dashboard.pagekit import add_page


def body(context: PageContext) -> list[Component]:
    """The page, or the face of a campaign in which nobody has paid."""
    year = context.campaign.year
    style, formats = figure_style(context), Formats(context)
    bands = channel_bands(context.city.channels, context.language, style.palette)
    mix = data.channel_mix_by(context, "campaign_year", bands)
    now = mix[mix["group"] == year]
    if now.empty:
        title = context.text("channels.not_started.title", year=year)
        return [empty_state(title, context.text("channels.not_started.next"))]
    moment = data.moment(context, data.daily_feeds(context))
    online = {channel.code for channel in context.city.channels if channel.kind is ChannelKind.ONLINE}
    share = float(now[now["channel"].isin(online)]["share_rate"].sum())
    text = channel_mix.sentence(mix, style, bands, year)
    if share > 0:
        text += context.text("channels.headline.online", online=formats.share(share))
    paid = formats.count(data.campaign_totals(context)[year].paid)
    note = context.text("channels.headline.note", paid=paid, day=formats.day(moment.complete_on))
    return [
        headline(text, note),
        grid(*cards.weekly_cells(context, bands, moment)),
        grid(span(6, cards.years_card(context, mix, bands, moment)), span(6, cards.categories_card(context, bands))),
        *_whole_city(context, bands, moment),
    ]


def _whole_city(context: PageContext, bands: list[Band], moment: Moment) -> list[Component]:
    """What makes no sense for one town: the comparison of towns, and receipts, which name no town."""
    if context.town_code is not None:
        return []
    return [
        grid(span(12, cards.towns_card(context, bands))),
        grid(span(12, cards.money_card(context, moment))),
    ]


add_page(__name__, key="channels", path="/channels", roles=STAFF, body=body, order=20)
