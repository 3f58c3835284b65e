"""The cards of the Overview: each takes data, and answers with one card."""

from datetime import timedelta

import pandas as pd
from dash import dcc
from dash.development.base_component import Component

from dashboard import collection_data as data
from dashboard.charts import blockers, channel_mix, progress, town_dumbbell
from dashboard.charts.channel_bands import channel_bands
from dashboard.charts.progress import Goal
from dashboard.collection_data import Moment, Totals
from dashboard.components import card, chart_card, colour_key, empty_state, facts, tag
from dashboard.context import PageContext
from dashboard.figures import figure_style
from dashboard.formats import UNKNOWN, Formats
from dashboard.overview.tables import blockers_table, mix_table, pace_table, towns_table

YEARS_OF_CHANNELS = 3
ROOM_PX = 250  # a third of a page 1366 px wide, less navigation and margins


def pace_card(context: PageContext, pace: pd.DataFrame, goal: Goal, due_persons: int) -> Component:
    """The hero: cumulative share of due, years aligned on days to the deadline."""
    style, formats = figure_style(context), Formats(context)
    now = progress.share_at(pace, goal.campaign_year, goal.days_left)
    before = progress.share_at(pace, goal.campaign_year - 1, goal.days_left)
    title = context.text("overview.progress.title_alone")
    if now is not None and before is not None:
        key = "level" if abs(now - before) < 0.0005 else "ahead" if now > before else "behind"
        # The words say ahead or behind, so the number goes without a sign.
        title = context.text(f"overview.progress.title_{key}", points=formats.points(abs(now - before)).lstrip("+"))
    return chart_card(
        context,
        title,
        context.text("overview.progress.subtitle", due=formats.count(due_persons)),
        progress.figure(pace, style, goal),
        narrow_figure=progress.figure(pace, figure_style(context, is_narrow=True), goal),
        spoken=progress.sentence(pace, style, goal),
        table=pace_table(context, pace, goal),
    )


def towns_card(context: PageContext, moment: Moment, towns: pd.DataFrame) -> Component:
    """The five towns furthest behind last year, and the three furthest ahead."""
    style = figure_style(context)
    if towns.empty:
        nothing = empty_state(
            context.text("overview.towns.no_last_year"), context.text("overview.towns.no_last_year_next")
        )
        return card(context.text("overview.towns.title"), [nothing])
    behind = towns[towns["change_rate"] < 0]
    worst = context.division_name(str(towns["town_code"].iloc[0]))
    title = "title_behind" if len(behind) else "title_ahead"
    subtitle = "subtitle" if moment.days_to_deadline else "subtitle_over"
    return chart_card(
        context,
        context.text(f"overview.towns.{title}", behind=len(behind), town=worst),
        context.text(f"overview.towns.{subtitle}", days=moment.days_to_deadline),
        town_dumbbell.figure(town_dumbbell.extremes(towns), style, context.division_name),
        spoken=town_dumbbell.sentence(towns, style, context.division_name),
        table=towns_table(context, towns),
    )


def blockers_card(context: PageContext, totals: Totals) -> Component:
    """What holds the unpaid, with remedies."""
    read = context.read("mart_blockers", ["blocker"], ["persons"], data.in_town(context))
    groups = blockers.shape(read)
    if groups.empty:
        nothing = empty_state(context.text("overview.blockers.nobody"), context.text("overview.blockers.nobody_next"))
        return card(context.text("overview.blockers.title"), [nothing])
    style, formats = figure_style(context), Formats(context)
    return chart_card(
        context,
        context.text("overview.blockers.title"),
        context.text("overview.blockers.subtitle", unpaid=formats.count(totals.due_unpaid)),
        blockers.figure(groups, style),
        spoken=blockers.sentence(groups, style),
        table=blockers_table(context, groups),
    )


def channels_card(context: PageContext, moment: Moment) -> Component:
    """Mix of channels in the last three campaigns."""
    style = figure_style(context)
    year = context.campaign.year
    bands = channel_bands(context.city.channels, context.language, style.palette)
    mix = data.channel_mix_by(context, "campaign_year", bands)
    years = sorted(int(each) for each in mix["group"].unique())[-YEARS_OF_CHANNELS:]
    mix = mix[mix["group"].isin(years)]
    leaders = channel_mix.leaders(mix)
    first, before = leaders.get(year), leaders.get(year - 1)
    title = context.text("overview.channels.title")
    if first is not None and before is not None:
        key = "still" if first[0] == before[0] else "newly"
        name = context.city.channel(first[0]).name.in_language(context.language)
        share = Formats(context).share(first[1])
        title = context.text(f"overview.channels.title_{key}", channel=name, share=share)

    def title_of(group: object) -> str:
        is_running = group == year and moment.days_left >= 0
        return context.text("overview.channels.year_running" if is_running else "overview.channels.year", year=group)

    return chart_card(
        context,
        title,
        context.text("overview.channels.subtitle"),
        channel_mix.figure(mix, style, bands, years, title_of, ROOM_PX),
        spoken=channel_mix.sentence(mix, style, bands, year),
        key=colour_key(channel_mix.key_entries(mix, style, bands)),
        table=mix_table(context, mix, years, title_of, context.text("overview.channels.caption")),
        footer=dcc.Link(context.text("overview.channels.link"), href=context.href("channels")),
    )


def feeds_card(context: PageContext, feeds: pd.DataFrame) -> Component:
    """The last complete day of every daily source."""
    formats = Formats(context)
    if feeds.empty:
        nothing = empty_state(context.text("overview.feeds.none"), context.text("overview.feeds.none_next"))
        return card(context.text("overview.feeds.none"), [nothing])
    # The as-of day is still in progress, so the day before it is the latest that can be complete.
    due_on = pd.Timestamp(context.as_of_on - timedelta(days=1))
    lagging = int((~(feeds["complete_on"] >= due_on)).sum())
    slowest = feeds["complete_on"].dropna().min()
    key = "lagging" if lagging else "complete"
    day = formats.day(slowest.date()) if pd.notna(slowest) else UNKNOWN
    reached: list[tuple[str, str | Component]] = []
    for feed in feeds.to_dict("records"):
        is_late = pd.isna(feed["complete_on"]) or feed["complete_on"] < due_on
        complete = UNKNOWN if pd.isna(feed["complete_on"]) else formats.day(feed["complete_on"].date())
        name = context.folder.feed(str(feed["feed"])).title.in_language(context.language)
        reached.append((name, tag(complete, "warn") if is_late else complete))
    title = context.text(f"overview.feeds.title_{key}", feeds=len(feeds), lagging=lagging, day=day)
    return card(title, [facts(reached, is_across=True)], subtitle=context.text("overview.feeds.subtitle"))
