"""The cards of the Channels page: each takes data, and answers with one card."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from dash.development.base_component import Component

from dashboard import collection_data as data
from dashboard.channels.tables import money_table, towns_table, weekly_table
from dashboard.charts import channel_mix, channel_money, channel_weekly
from dashboard.charts.channel_bands import HIDDEN, Band
from dashboard.collection_data import Moment
from dashboard.components import card, chart_card, colour_key, empty_state, span
from dashboard.context import PageContext
from dashboard.figures import figure_style
from dashboard.formats import Formats
from dashboard.overview.tables import mix_table
from dashboard.queries import AtMost

ROOM_PX = 300  # of the bars on a phone, where these cards are narrowest


def years_card(context: PageContext, mix: pd.DataFrame, bands: Sequence[Band], moment: Moment) -> Component:
    """Mix of channels in every campaign that has data, up to this one."""
    style, year = figure_style(context), context.campaign.year
    years = sorted(int(each) for each in mix["group"].unique())

    def title_of(group: object) -> str:
        is_running = group == year and moment.days_left >= 0
        return context.text("overview.channels.year_running" if is_running else "overview.channels.year", year=group)

    return chart_card(
        context,
        context.text("channels.mix.title"),
        context.text("channels.mix.subtitle"),
        channel_mix.figure(mix, style, bands, years, title_of, ROOM_PX),
        spoken=channel_mix.sentence(mix, style, bands, year),
        key=colour_key(channel_mix.key_entries(mix, style, bands)),
        table=mix_table(context, mix, years, title_of, context.text("overview.channels.caption")),
    )


def categories_card(context: PageContext, bands: Sequence[Band]) -> Component:
    """Mix of channels by category of insured; the title names a category that goes its own way."""
    style = figure_style(context)
    mix = data.channel_mix_by(context, "category", bands)
    names = {category.code: category.name.in_language(context.language) for category in context.city.categories}
    groups = [code for code in names if code in set(mix["group"])]
    found = channel_mix.leaders(mix)
    leaders = {code: found[code][0] for code in groups if code in found}
    usual = Counter(leaders.values()).most_common(1)[0][0] if leaders else None
    odd = [code for code in leaders if leaders[code] != usual]
    channel_name = {band.code: band.name for band in bands}
    if usual is None:
        title = context.text("channels.category.plain_title")
    elif odd:
        values = {"category": names[odd[0]], "channel": channel_name[leaders[odd[0]]]}
        title = context.text("channels.category.title", **values)
    else:
        title = context.text("channels.category.title_same", channel=channel_name[usual])
    return chart_card(
        context,
        title,
        context.text("channels.category.subtitle"),
        channel_mix.figure(mix, style, bands, groups, lambda code: names[str(code)], ROOM_PX),
        key=colour_key(channel_mix.key_entries(mix, style, bands)),
        table=mix_table(context, mix, groups, lambda code: names[str(code)], context.text("channels.category.caption")),
    )


def weekly_cells(context: PageContext, bands: Sequence[Band], moment: Moment) -> list[Component]:
    """Two cells: new payers a week by channel, and their shares; by month, or nothing, where too much is hidden."""
    # Late payments belong to the campaign too, so only a running collection is cut at its last complete day.
    is_running = moment.days_left >= 0
    where = data.in_town(context, **({"paid_on": AtMost(moment.complete_on)} if is_running else {}))
    for step, dimension in ((channel_weekly.WEEK, "paid_on"), (channel_weekly.MONTH, "paid_month")):
        cells = context.read("mart_channel_daily", [dimension, "channel"], ["paid_persons"], where)
        totals = context.read("mart_channel_daily", [dimension], ["paid_persons"], where)
        daily, totals = (frame.rename(columns={dimension: "paid_on"}) for frame in (cells, totals))
        last_on = moment.complete_on if is_running else daily["paid_on"].max().date()
        weeks = channel_weekly.shape(daily, totals, bands, last_on, step)
        if channel_weekly.hidden_rate(weeks) <= channel_weekly.MOST_HIDDEN_RATE:
            pace = Pace(weeks, step, Formats(context).day(last_on))
            return [span(6, _counts_card(context, pace, bands)), span(6, _shares_card(context, pace, bands))]
    nothing = empty_state(context.text("channels.weekly.hidden"), context.text("channels.weekly.hidden_next"))
    return [span(12, card(context.text("channels.weekly.plain_title"), [nothing]))]


@dataclass(frozen=True)
class Pace:
    """Rows of `channel_weekly.shape`, whether they are weeks or months, and the last day in them in words."""

    weeks: pd.DataFrame
    step: channel_weekly.Step
    last_day: str

    def source(self, context: PageContext) -> str:
        """What the reader has to know: why months, and what the hidden channels are."""
        is_veiled = (self.weeks["channel"] == HIDDEN).any()
        notes = ["channels.monthly.why"] if self.step is channel_weekly.MONTH else []
        return " ".join(context.text(key) for key in [*notes, *(["channels.weekly.veil"] if is_veiled else [])])


def _counts_card(context: PageContext, pace: Pace, bands: Sequence[Band]) -> Component:
    style, formats, weeks, area = figure_style(context), Formats(context), pace.weeks, pace.step.texts
    totals = weeks.groupby("week_on")["paid_persons"].sum()
    peak_on, peak = pd.Timestamp(str(totals.idxmax())).date(), float(totals.max())
    return chart_card(
        context,
        context.text(f"{area}.title", day=formats.day(peak_on), peak=formats.count(peak)),
        context.text(f"{area}.subtitle", day=pace.last_day),
        channel_weekly.count_figure(weeks, style, bands),
        narrow_figure=channel_weekly.count_figure(weeks, figure_style(context, is_narrow=True), bands),
        spoken=channel_weekly.sentence(weeks, style, bands, pace.step),
        key=colour_key(channel_weekly.key_entries(weeks, style, bands)),
        table=weekly_table(context, weeks, bands, area),
        source=pace.source(context),
    )


def _shares_card(context: PageContext, pace: Pace, bands: Sequence[Band]) -> Component:
    style, weeks, area = figure_style(context), pace.weeks, pace.step.texts
    code, share = channel_weekly.latest_leader(weeks)
    name = next(band.name for band in bands if band.code == code)
    return chart_card(
        context,
        context.text(f"{area}.share_title", channel=name, share=Formats(context).share(share)),
        context.text(f"{area}.share_subtitle"),
        channel_weekly.share_figure(weeks, style, bands),
        narrow_figure=channel_weekly.share_figure(weeks, figure_style(context, is_narrow=True), bands),
        spoken=channel_weekly.sentence(weeks, style, bands, pace.step),
        key=colour_key(channel_weekly.key_entries(weeks, style, bands), is_narrow_only=True),
        source=pace.source(context),
    )


def towns_card(context: PageContext, bands: Sequence[Band]) -> Component:
    """Every town with its mix, as a table with bars."""
    mix = data.channel_mix_by(context, "town_code", bands)
    if mix.empty:
        nothing = empty_state(context.text("channels.towns.none"), context.text("channels.towns.none_next"))
        return card(context.text("channels.towns.none"), [nothing])
    leaders = Counter(channel for channel, _ in channel_mix.leaders(mix).values())
    title = context.text("channels.towns.plain_title")
    if leaders:
        code, towns = leaders.most_common(1)[0]
        name = next(band.name for band in bands if band.code == code)
        title = context.text("channels.towns.title", channel=name, towns=towns)
    return card(title, [towns_table(context, mix, bands)], subtitle=context.text("channels.towns.subtitle"))


def money_card(context: PageContext, moment: Moment) -> Component:
    """Net payments and treasury receipts by channel, to the fen."""
    values = ["payments", "net_fen", "received_fen", "suspense_fen", "paid_twice_fen"]
    where = {"paid_on": AtMost(moment.complete_on)} if moment.days_left >= 0 else {}
    money = channel_money.shape(context.read("mart_money_daily", ["channel"], values, where))
    formats = Formats(context)
    compared, differing, difference_fen = channel_money.disagreement(money)
    if not compared:
        title = context.text("channels.money.title_none")
    elif not differing:
        title = context.text("channels.money.title_matched")
    else:
        values_of = {"channels": differing, "difference": formats.yuan(difference_fen)}
        title = context.text("channels.money.title_differs", **values_of)
    day = formats.day(moment.complete_on)
    return card(title, [money_table(context, money)], subtitle=context.text("channels.money.subtitle", day=day))
