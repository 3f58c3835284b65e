"""The tables of the Channels page."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

import pandas as pd
from dash.development.base_component import Component

from dashboard.charts import channel_mix
from dashboard.charts.channel_bands import Band, with_hidden
from dashboard.charts.rows import records
from dashboard.components import TableCell, TableColumn, TableRow, data_table, hidden_cell, unknown_cell
from dashboard.context import PageContext
from dashboard.figures import figure_style
from dashboard.formats import Formats, is_known


def towns_table(context: PageContext, mix: pd.DataFrame, bands: Sequence[Band]) -> Component:
    """A row a town: persons, and the share of every channel. `mix`: rows of `channel_mix.shape` by town."""
    formats = Formats(context)
    channels = set(mix["channel"])
    used = [band for band in bands if band.code in channels]
    columns = [
        TableColumn("town", context.text("common.town"), is_number=False),
        TableColumn("paid", context.text("channels.towns.column_paid")),
        *(TableColumn(band.code, band.name) for band in used),
    ]
    rows: list[tuple[int, TableRow]] = []
    shares = channel_mix.shares(mix)
    persons: Counter[str] = Counter()
    for row in records(mix):
        persons[row["group"]] += row["paid_persons"] or 0
    most = max(persons.values())
    for town, paid in persons.items():
        name = context.division_name(town)
        cells = {"town": TableCell(name, name), "paid": TableCell(formats.count(paid), paid, paid / most)}
        for band in used:
            share = shares.get((town, band.code), 0.0)
            shown = TableCell(formats.percent(share), share, share)
            cells[band.code] = hidden_cell(context) if share is None else shown
        rows.append((paid, TableRow(cells)))
    ordered = [row for _, row in sorted(rows, key=lambda pair: -pair[0])]
    caption = context.text("channels.towns.caption")
    return data_table(caption, columns, ordered, sorted_by=("paid", "descending"), shows_caption=False)


def weekly_table(context: PageContext, weeks: pd.DataFrame, bands: Sequence[Band], area: str) -> Component:
    """A row a week or month, persons by channel; `area` of the catalogue that its texts stand in."""
    formats = Formats(context)
    channels = set(weeks["channel"])
    used = [band for band in with_hidden(bands, figure_style(context)) if band.code in channels]
    columns = [TableColumn("week", context.text(f"{area}.column_week"), is_number=False)]
    columns += [TableColumn(band.code, band.name) for band in used]
    rows = []
    by_week: dict[date, dict[str, float]] = {}
    for row in records(weeks):
        by_week.setdefault(row["week_on"].date(), {})[row["channel"]] = row["paid_persons"]
    for day, persons in sorted(by_week.items()):
        cells = {"week": TableCell(formats.long_day(day), day.isoformat())}
        for band in used:
            cells[band.code] = TableCell(formats.count(persons[band.code]), persons[band.code])
        rows.append(TableRow(cells))
    return data_table(context.text(f"{area}.caption"), columns, rows, sorted_by=("week", "ascending"))


def money_table(context: PageContext, money: pd.DataFrame) -> Component:
    """A row a channel: payments, net, received, difference, suspense, refundable."""
    names = {channel.code: channel.name.in_language(context.language) for channel in context.city.channels}
    keys = ["channel", "payments", "net", "received", "difference", "suspense", "twice"]
    columns = [
        TableColumn(key, context.text(f"channels.money.column_{key}"), is_number=key != "channel") for key in keys
    ]
    rows = [TableRow(_money_cells(context, names, row)) for row in money.to_dict("records")]
    caption = context.text("channels.money.caption")
    return data_table(caption, columns, rows, sorted_by=("net", "descending"), is_free=True, shows_caption=False)


def _money_cells(context: PageContext, names: dict[str, str], row: dict[object, object]) -> dict[str, TableCell]:
    name = names[str(row["channel"])]
    cells = {"channel": TableCell(name, name)}
    if row["is_hidden"]:
        keys = ("payments", "net", "received", "difference", "suspense", "twice")
        return cells | dict.fromkeys(keys, hidden_cell(context))
    formats = Formats(context)
    payments = int(str(row["payments"]))
    cells["payments"] = TableCell(formats.count(payments), payments)
    for key in ("net", "received", "difference", "suspense"):
        cells[key] = _fen_cell(context, row[f"{key}_fen"])
    cells["twice"] = _fen_cell(context, row["paid_twice_fen"])
    difference = cells["difference"].sort
    if isinstance(difference, (int, float)) and difference:
        sign = "+" if difference > 0 else ""
        cells["difference"] = TableCell(sign + cells["difference"].text, difference, tone="warn")
    return cells


def _fen_cell(context: PageContext, fen: object) -> TableCell:
    """A sum in yuan; without one there is no receipt, or none that a payment could be held against."""
    amount = fen if isinstance(fen, (int, float)) else None
    if not is_known(amount):
        return unknown_cell(context.text("channels.money.no_receipts"))
    return TableCell(Formats(context).yuan(amount), amount)
