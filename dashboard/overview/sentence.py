"""The sentence that the Overview opens with, put together from what the data say."""

import math

import pandas as pd
from dash.development.base_component import Component

from dashboard.charts.progress import Goal, share_at
from dashboard.collection_data import Moment, Totals
from dashboard.components import headline
from dashboard.context import PageContext
from dashboard.formats import Formats

LEVEL_RATE = 0.0005  # differences that print as 0.0 points are no difference
TOWNS_NAMED = 3


def overview_sentence(
    context: PageContext, moment: Moment, totals: Totals, pace: pd.DataFrame, goal: Goal, towns: pd.DataFrame
) -> Component:
    """Days left, paid, share of due, against last year, gap to the target, towns furthest behind.

    Args:
        context: city, campaign and language.
        moment: where the campaign stands.
        totals: of this campaign; someone is due.
        pace: rows of `progress.shape`.
        goal: target and last complete day.
        towns: rows of `town_dumbbell.shape`, furthest behind first.
    """
    formats = Formats(context)
    text = (
        _standing(context, moment, totals)
        + _against_last_year(context, pace, goal)
        + _gap(context, moment, totals, goal)
    )
    behind = towns[towns["change_rate"] < 0].head(TOWNS_NAMED)
    if behind.empty or context.town_code is not None:
        text += context.text("overview.headline.stop")
    else:
        names = [context.division_name(code) for code in behind["town_code"]]
        text += context.text("overview.headline.towns", towns=formats.listing(names))
    note = context.text(
        "overview.headline.note",
        due=formats.count(totals.due),
        all=formats.count(totals.paid),
        day=formats.day(moment.complete_on),
    )
    extended = [str(c.year) for c in context.city.campaigns if c.extensions and c.year in set(pace["campaign_year"])]
    if extended:
        note += context.text("overview.headline.note_extended", years=formats.listing(extended))
    return headline(text, note)


def _standing(context: PageContext, moment: Moment, totals: Totals) -> str:
    formats = Formats(context)
    key = "running" if moment.days_left > 0 else "last_day" if moment.days_left == 0 else "over"
    return context.text(
        f"overview.headline.{key}",
        days=moment.days_left,
        deadline=formats.long_day(moment.deadline_on),
        paid=formats.count(totals.due_paid),
        late=formats.count(totals.due_late),
        share=formats.percent(totals.share_rate),
    )


def _against_last_year(context: PageContext, pace: pd.DataFrame, goal: Goal) -> str:
    now = share_at(pace, goal.campaign_year, goal.days_left)
    before = share_at(pace, goal.campaign_year - 1, goal.days_left)
    if now is None or before is None:
        return ""
    change = now - before
    if abs(change) < LEVEL_RATE:
        return context.text("overview.headline.level")
    key = "faster" if change > 0 else "slower"
    return context.text(f"overview.headline.{key}", points=Formats(context).points(abs(change)).lstrip("+"))


def _gap(context: PageContext, moment: Moment, totals: Totals, goal: Goal) -> str:
    if goal.target_rate is None or totals.due is None or totals.due_paid is None:
        return ""
    formats = Formats(context)
    target = formats.percent(goal.target_rate, 0)
    gap_persons = math.ceil(totals.due * goal.target_rate) - totals.due_paid
    if gap_persons <= 0:
        return context.text("overview.headline.reached", target=target)
    key = "gap" if moment.days_left >= 0 else "missed"
    return context.text(f"overview.headline.{key}", target=target, gap=formats.count(gap_persons))
