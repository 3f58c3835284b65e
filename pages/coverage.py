"""Coverage: of those due, who paid in time, late, or not at all; by place, category and denominator."""

from collections.abc import Callable
from datetime import date

import pandas as pd
from dash.development.base_component import Component

from dashboard.access import EVERYONE, STAFF
from dashboard.charts import (
    coverage_bases,
    coverage_headline,
    coverage_not_due,
    coverage_parts,
    coverage_table,
)
from dashboard.charts.rows import Figure
from dashboard.components import card, chart_card, data_table, empty_state, facts, grid, headline, span
from dashboard.context import PageContext
from dashboard.figures import FigureStyle, figure_style
from dashboard.pagekit import add_page

YEAR_PX = 88  # a row of the campaigns, whose card stands beside a tall one
COUNTS = [*coverage_parts.COUNTS, *coverage_parts.BASES]


def body(ctx: PageContext) -> list[Component]:
    """Sentence, this year against earlier ones, denominators, places, exemptions, and the full table."""
    style = figure_style(ctx)
    opens_on = ctx.campaign.opens_on.value
    total = _read(ctx, [], _place(ctx))
    if opens_on is not None and ctx.today_on < opens_on:
        opening = ctx.text("coverage.headline_not_started", opens=style.formats.long_day(opens_on))
        return [empty_state(opening, ctx.text("coverage.not_started_next"))]
    if total.empty or not total["due_persons"].fillna(1).gt(0).all():
        return [empty_state(ctx.text("coverage.headline_nobody"), ctx.text("coverage.not_started_next"))]
    places = _places(ctx)
    whole = coverage_parts.shape(total.assign(place="whole"), "place")
    deadline_on = ctx.campaign.final_deadline_on(ctx.as_of_on)
    note = ctx.text("coverage.headline_note", deadline=style.formats.long_day(deadline_on))
    sentence = coverage_headline.sentence(whole, places, style, ctx.division_name)
    return [
        headline(sentence, note),
        grid(span(7, _years_card(ctx, deadline_on)), span(5, _bases_card(ctx, total))),
        grid(span(7, _places_card(ctx, places)), span(5, *_side_cards(ctx))),
        grid(span(12, _table_card(ctx, whole))),
    ]


def _years_card(ctx: PageContext, deadline_on: date) -> Component:
    style = figure_style(ctx)
    cells = ctx.read("mart_coverage", ["campaign_year"], COUNTS, {**_place(ctx), "campaign_year": None})
    years = coverage_headline.years(cells, ctx.campaign.year)
    closes_on = ctx.campaign.closes_on.value
    is_over = closes_on is not None and ctx.today_on > max(closes_on, deadline_on)
    names = coverage_headline.year_names(years, None if is_over else ctx.campaign.year, style)
    days = coverage_headline.days_text((deadline_on - ctx.today_on).days, is_over, style)
    return _chart(
        ctx,
        coverage_headline.years_title(years, ctx.campaign.year, is_over, style),
        ctx.text("coverage.years_subtitle", day=style.formats.day(ctx.as_of_on), days=days),
        lambda drawn: coverage_parts.figure(years, drawn, names, YEAR_PX),
    )


def _bases_card(ctx: PageContext, total: pd.DataFrame) -> Component:
    style = figure_style(ctx)
    bases = coverage_bases.shape(total)
    figure = coverage_bases.figure(bases, style)
    return chart_card(
        ctx,
        coverage_bases.sentence(bases, style),
        ctx.text("coverage.bases_subtitle"),
        figure,
        footer=facts(coverage_bases.meanings(bases, style, ctx.campaign.target_rate)),
    )


def _places_card(ctx: PageContext, places: pd.DataFrame) -> Component:
    style = figure_style(ctx)
    names = {str(code): ctx.division_name(str(code)) for code in places["group"]}
    subtitle = "coverage.villages_subtitle" if ctx.town_code else "coverage.towns_subtitle"
    return _chart(
        ctx,
        coverage_parts.sentence(places, style, names),
        ctx.text(subtitle),
        lambda drawn: coverage_parts.figure(places, drawn, names),
    )


def _side_cards(ctx: PageContext) -> list[Component]:
    style = figure_style(ctx)
    names = {category.code: category.name.in_language(ctx.language) for category in ctx.city.categories}
    categories = coverage_parts.shape(_read(ctx, ["category"], _place(ctx)).dropna(subset=["category"]), "category")
    cards = [
        _chart(
            ctx,
            coverage_headline.category_title(categories, style, names),
            ctx.text("coverage.category_subtitle"),
            lambda drawn: coverage_parts.figure(categories, drawn, names),
        )
    ]
    # Rosters of the deceased and the like are for staff; others see the number of those due that they lead to.
    if ctx.viewer.role in STAFF:
        cards.append(_not_due_card(ctx, style))
    return cards


def _not_due_card(ctx: PageContext, style: FigureStyle) -> Component:
    reasons = coverage_not_due.shape(ctx.read("mart_not_due", ["reason"], ["persons"], _place(ctx)))
    if reasons.empty:
        face = empty_state(ctx.text("coverage.not_due_none"), ctx.text("coverage.not_due_none_next"))
        return card(ctx.text("coverage.not_due_title"), [face])
    whole = ctx.read("mart_not_due", [], ["persons"], _place(ctx))["persons"].iloc[0]
    persons = style.formats.persons(None if pd.isna(whole) else int(whole))
    return _chart(
        ctx,
        coverage_not_due.sentence(reasons, style),
        ctx.text("coverage.not_due_subtitle", persons=persons),
        lambda drawn: coverage_not_due.figure(reasons, drawn),
    )


def _table_card(ctx: PageContext, whole: pd.DataFrame) -> Component:
    style = figure_style(ctx)
    villages = _read(ctx, ["town_code", "division_code"], _place(ctx))
    # A town's own row of village cells without a village (never registered anywhere) has no name to show.
    villages = coverage_parts.shape(villages.dropna(subset=["division_code"]), "division_code")
    if ctx.town_code:
        rows = coverage_table.village_rows(villages, style, ctx.division_name)
    else:
        towns = coverage_parts.shape(_read(ctx, ["town_code"], {}), "town_code")
        rows = coverage_table.rows(towns, villages, whole, style, ctx.division_name)
    has_late = bool((whole["due_late_persons"].fillna(0) > 0).any())
    has_last_year = bool((whole["last_year_paid_persons"].fillna(0) > 0).any())
    columns = coverage_table.columns(style, has_late, has_last_year)
    subtitle = ctx.text("coverage.table_subtitle_village" if ctx.town_code else "coverage.table_subtitle")
    table = data_table(subtitle, columns, rows, sorted_by=("rate", "ascending"))
    return card(ctx.text("coverage.table_title"), [table], source=_source(ctx))


def _chart(ctx: PageContext, title: str, subtitle: str, draw: Callable[[FigureStyle], Figure]) -> Component:
    wide, narrow = figure_style(ctx), figure_style(ctx, is_narrow=True)
    return chart_card(ctx, title, subtitle, draw(wide), narrow_figure=draw(narrow), source=_source(ctx))


def _source(ctx: PageContext) -> str:
    return ctx.text("coverage.source", day=figure_style(ctx).formats.day(ctx.as_of_on))


def _places(ctx: PageContext) -> pd.DataFrame:
    group = "division_code" if ctx.town_code else "town_code"
    return coverage_parts.shape(_read(ctx, [group], _place(ctx)).dropna(subset=[group]), group)


def _read(ctx: PageContext, by: list[str], where: dict[str, str]) -> pd.DataFrame:
    return ctx.read("mart_coverage", by, COUNTS, where)


def _place(ctx: PageContext) -> dict[str, str]:
    return {"town_code": ctx.town_code} if ctx.town_code else {}


add_page(__name__, "coverage", "/coverage", EVERYONE, body, 40)
