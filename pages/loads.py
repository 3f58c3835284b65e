"""Loads: files, rows and money that came in, what was set aside and why, and whether both witnesses of money agree."""

import pandas as pd
from dash.development.base_component import Component

from dashboard.access import BACK_OFFICE
from dashboard.charts import loads_freshness, loads_headline, loads_ledger, loads_money, loads_reasons, loads_tables
from dashboard.components import card, data_table, empty_state, grid, headline, kpi_row, span
from dashboard.context import PageContext
from dashboard.figures import figure_style
from dashboard.pagekit import add_page
from dashboard.queries import AtMost

BATCH_COLUMNS = ["batch_key", "feed", "kind", "file_name", "received_at"]
BATCH_VALUES = [*loads_ledger.ROWS, *loads_ledger.MONEY, *loads_ledger.TRAILERS]
MONEY_VALUES = ["net_fen", "received_fen", "suspense_fen", "paid_twice_fen"]


def body(ctx: PageContext) -> list[Component]:
    """Sentence, identity, reasons, money, sources, refused files."""
    style = figure_style(ctx)
    batches = ctx.read("load_batches", BATCH_COLUMNS, BATCH_VALUES)
    refused = ctx.read("load_refused_files", ["file_name", "feed", "reason", "detail"], [])
    if batches.empty and refused.empty:
        return [empty_state(ctx.text("loads.nothing"), ctx.text("loads.nothing_next"))]
    ledger = loads_ledger.shape(batches)
    totals = loads_ledger.totals(ledger)
    feeds = ctx.read("mart_feed_days", ["feed", "kind", "is_daily", "latest_on", "complete_on"], ["rows_loaded"])
    money = _money(ctx, feeds)
    difference_fen = loads_money.total_difference_fen(money)
    return [
        headline(
            loads_headline.sentence(totals, len(refused), difference_fen, style),
            loads_headline.identity_words(totals, style),
        ),
        kpi_row(loads_headline.identity(totals, style)),
        *_refused_notice(ctx, refused),
        grid(span(7, _reasons_card(ctx, batches)), span(5, _freshness_card(ctx, feeds))),
        grid(span(12, _money_card(ctx, money, feeds))),
        grid(span(12, _ledger_card(ctx, ledger, batches))),
    ]


def _refused_notice(ctx: PageContext, refused: pd.DataFrame) -> list[Component]:
    if refused.empty:
        return []
    style = figure_style(ctx)
    columns = loads_tables.columns(style, "file", "feed", "reason", "detail", "todo")
    caption = ctx.text("loads.refused_subtitle")
    table = data_table(caption, columns, loads_tables.refused_rows(refused, style, _sources(ctx)))
    return [grid(span(12, card(ctx.text("loads.refused_title", count=len(refused)), [table])))]


def _reasons_card(ctx: PageContext, batches: pd.DataFrame) -> Component:
    style = figure_style(ctx)
    cells = ctx.read("load_set_aside", ["reason", "batch_key"], ["rows", "amount_fen"])
    reasons = loads_reasons.shape(cells.merge(batches[["batch_key", "feed"]], on="batch_key", how="left"))
    title = loads_reasons.sentence(reasons, style)
    if reasons.empty:
        return card(title, [empty_state(ctx.text("loads.reasons_empty"))])
    columns = loads_tables.columns(style, "reason", "rows", "todo")
    table = data_table(
        ctx.text("loads.reasons_subtitle"),
        columns,
        loads_tables.reason_rows(reasons, style),
        sorted_by=("rows", "descending"),
    )
    return card(title, [table])


def _freshness_card(ctx: PageContext, feeds: pd.DataFrame) -> Component:
    style, names = figure_style(ctx), _sources(ctx)
    fresh = loads_freshness.shape(feeds, ctx.as_of_on)
    columns = loads_tables.columns(style, "source", "latest", "behind")
    caption = ctx.text("loads.freshness_subtitle", day=style.formats.day(ctx.as_of_on))
    table = data_table(caption, columns, loads_tables.freshness_rows(fresh, ctx.as_of_on, style, names))
    return card(loads_headline.freshness_title(fresh, style, names), [table])


def _money(ctx: PageContext, feeds: pd.DataFrame) -> pd.DataFrame:
    everything = ctx.read("mart_money_daily", ["channel"], MONEY_VALUES)
    last_on = loads_money.comparable_on(feeds)
    compared = everything.iloc[:0]
    if last_on is not None:
        compared = ctx.read("mart_money_daily", ["channel"], MONEY_VALUES, {"paid_on": AtMost(last_on)})
    return loads_money.shape(compared, everything)


def _money_card(ctx: PageContext, money: pd.DataFrame, feeds: pd.DataFrame) -> Component:
    style = figure_style(ctx)
    names = {channel.code: channel.name.in_language(ctx.language) for channel in ctx.city.channels}
    last_on = loads_money.comparable_on(feeds)
    rows = loads_money.rows(money, style, names)
    title = loads_money.sentence(money, style, names)
    if last_on is None:
        caption = ctx.text("loads.money_no_day", year=ctx.campaign.year)
        return card(title, [data_table(caption, loads_money.columns(style), rows, is_free=True)])
    caption = ctx.text("loads.money_subtitle", year=ctx.campaign.year, day=style.formats.long_day(last_on))
    parts: list[Component] = [data_table(caption, loads_money.columns(style), rows, is_free=True)]
    cells = ctx.read("mart_money_daily", ["channel", "paid_on"], MONEY_VALUES, {"paid_on": AtMost(last_on)})
    days = loads_money.differing_days(cells)
    if len(days):
        said = ctx.text("loads.money_days", count=len(days))
        parts.append(data_table(said, loads_money.day_columns(style), loads_money.day_rows(days, style, names)))
    return card(title, parts)


def _ledger_card(ctx: PageContext, ledger: pd.DataFrame, batches: pd.DataFrame) -> Component:
    style = figure_style(ctx)
    rows = loads_tables.ledger_rows(ledger, batches, style, _sources(ctx))
    caption = ctx.text("loads.ledger_subtitle", most=loads_tables.MOST_FILES, command=loads_tables.ALL_FILES)
    table = data_table(caption, loads_tables.columns(style, *loads_tables.LEDGER_COLUMNS), rows)
    totals = loads_ledger.totals(ledger)
    return card(ctx.text("loads.ledger_title"), [table], sentence=loads_headline.trailer_words(totals, style))


def _sources(ctx: PageContext) -> dict[str, str]:
    return {feed.feed: feed.title.in_language(ctx.language) for feed in ctx.folder.feeds}


add_page(__name__, "loads", "/loads", BACK_OFFICE, body, 60)
