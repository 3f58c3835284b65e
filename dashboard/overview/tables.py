"""The Overview's charts as tables: the same numbers, sortable and readable without a picture."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import pandas as pd
from dash.development.base_component import Component

from dashboard.charts import progress
from dashboard.charts.progress import Goal
from dashboard.charts.rows import records
from dashboard.components import TableCell, TableColumn, TableRow, data_table, hidden_cell, unknown_cell
from dashboard.context import PageContext
from dashboard.formats import Formats

STEP_DAYS = 10


def pace_table(context: PageContext, pace: pd.DataFrame, goal: Goal) -> Component:
    """A row every ten days before the deadline (and the day of comparison), a column a campaign."""
    formats = Formats(context)
    years = sorted(int(year) for year in pace["campaign_year"].unique())
    columns = [TableColumn("days", context.text("overview.progress.column_days"))]
    columns += [TableColumn(str(year), context.text("common.campaign", year=year)) for year in years]
    first = int(pace["days_to_deadline"].max())
    days = sorted({*range(first // STEP_DAYS * STEP_DAYS, -1, -STEP_DAYS), max(goal.days_left, 0)}, reverse=True)
    rows = []
    for day in days:
        cells = {"days": TableCell(str(day), day)}
        for year in years:
            is_ahead = year == goal.campaign_year and day < goal.days_left
            share = None if is_ahead else progress.share_at(pace, year, day)
            cells[str(year)] = TableCell(formats.percent(share), share, share)
        rows.append(TableRow(cells))
    return data_table(context.text("overview.progress.caption"), columns, rows, sorted_by=("days", "descending"))


def towns_table(context: PageContext, towns: pd.DataFrame) -> Component:
    """Every town with its share this year and last; the furthest behind first."""
    formats = Formats(context)
    columns = [
        TableColumn("town", context.text("common.town"), is_number=False),
        TableColumn("now", context.text("overview.towns.column_now")),
        TableColumn("before", context.text("overview.towns.column_before")),
        TableColumn("change", context.text("overview.towns.column_change")),
    ]
    rows = []
    for town in towns.to_dict("records"):
        name = context.division_name(str(town["town_code"]))
        now, before, change = float(town["now_rate"]), float(town["before_rate"]), float(town["change_rate"])
        cells = {
            "town": TableCell(name, name),
            "now": TableCell(formats.percent(now), now, now),
            "before": TableCell(formats.percent(before), before),
            "change": TableCell(formats.points(change), change, tone="warn" if change < 0 else "accent"),
        }
        rows.append(TableRow(cells))
    return data_table(context.text("overview.towns.caption"), columns, rows, sorted_by=("change", "ascending"))


def blockers_table(context: PageContext, groups: pd.DataFrame) -> Component:
    """Every group with its persons, its share of the unpaid and its remedy."""
    formats = Formats(context)
    columns = [
        TableColumn("group", context.text("overview.blockers.column_group"), is_number=False),
        TableColumn("persons", context.text("overview.blockers.column_persons")),
        TableColumn("share", context.text("overview.blockers.column_share")),
        TableColumn("remedy", context.text("overview.blockers.column_remedy"), is_number=False),
    ]
    rows = []
    for group in groups.to_dict("records"):
        name = context.text(f"overview.blockers.name.{group['blocker']}")
        remedy = context.text(f"overview.blockers.remedy.{group['blocker']}")
        persons, share = hidden_cell(context), hidden_cell(context)
        if not group["is_hidden"]:
            count, rate = int(group["persons"]), float(group["share_rate"])
            persons = TableCell(formats.count(count), count)
            share = TableCell(formats.percent(rate), rate, rate)
        cells = {
            "group": TableCell(name, name),
            "persons": persons,
            "share": share,
            "remedy": TableCell(remedy, remedy),
        }
        rows.append(TableRow(cells))
    return data_table(context.text("overview.blockers.caption"), columns, rows)


def mix_table(
    context: PageContext,
    mix: pd.DataFrame,
    groups: Sequence[object],
    title_of: Callable[[object], str],
    caption: str,
) -> Component:
    """A row a channel, persons and share in each group (a campaign, a category).

    Args:
        context: language and names of the channels.
        mix: rows of `channel_mix.shape`.
        groups: the groups from left to right.
        title_of: the words for a group.
        caption: what the table holds.
    """
    formats = Formats(context)
    columns = [TableColumn("channel", context.text("overview.channels.column_channel"), is_number=False)]
    for group in groups:
        title = title_of(group)
        columns.append(TableColumn(f"{group}", title))
        columns.append(TableColumn(f"{group}_share", context.text("overview.channels.column_share", group=title)))
    by_channel: dict[str, dict[object, dict[Hashable, Any]]] = {}
    for row in records(mix):
        by_channel.setdefault(row["channel"], {})[row["group"]] = row
    rows = []
    for channel in context.city.channels:
        used = by_channel.get(channel.code)
        if not used:
            continue
        name = channel.name.in_language(context.language)
        cells = {"channel": TableCell(name, name)}
        for group in groups:
            if group in used and used[group]["share_rate"] is None:
                cells |= dict.fromkeys((f"{group}", f"{group}_share"), hidden_cell(context))
            elif group in used:
                persons, share = int(used[group]["paid_persons"]), float(used[group]["share_rate"])
                cells[f"{group}"] = TableCell(formats.count(persons), persons)
                cells[f"{group}_share"] = TableCell(formats.percent(share), share, share)
            else:
                nobody = unknown_cell(context.text("overview.channels.unused"))
                cells |= {f"{group}": nobody, f"{group}_share": nobody}
        rows.append(TableRow(cells))
    return data_table(caption, columns, rows)
