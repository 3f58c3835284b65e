"""Tiers: what the adults who have a choice choose, and what each price class brings in; or the one premium for all."""

from collections.abc import Mapping

import pandas as pd
from dash.development.base_component import Component

from dashboard.access import EVERYONE
from dashboard.charts import tier_headline, tier_income, tier_single, tier_tables, tier_uptake
from dashboard.components import chart_card, empty_state, grid, headline, kpi_row, span
from dashboard.context import PageContext
from dashboard.figures import figure_style
from dashboard.pagekit import add_page
from insurance.rules import price_table

AGE_BANDS = ("0-17", "18-29", "30-44", "45-59", "60-74", "75+", "unknown")
CHOICE = {"has_tier_choice": True}


def body(ctx: PageContext) -> list[Component]:
    """The page of a city with tiers, or of one with a single premium."""
    return _choices(ctx) if ctx.city.tiers else _single(ctx)


def _choices(ctx: PageContext) -> list[Component]:
    style = figure_style(ctx)
    town = {"town_code": ctx.town_code} if ctx.town_code else {}
    total = ctx.read("mart_tiers", ["has_tier_choice", "tier"], ["paid_persons", "paid_fen"], town)
    if total.empty:
        return [empty_state(ctx.text("tiers.headline_not_started"), ctx.text("tiers.not_started_next"))]
    upper = ctx.city.tiers[-1]
    facts = tier_headline.shape(total, _before(ctx, ["has_tier_choice", "tier"], town), upper.code)
    ages = _uptake(ctx, "age_band", town, AGE_BANDS)
    names = _age_names(ctx)
    tier_name = upper.name.in_language(ctx.language)
    return [
        headline(
            tier_headline.sentence(facts, ages, style, names, tier_name, _year_before(ctx)),
            ctx.text("tiers.denominator"),
        ),
        kpi_row(tier_headline.figures(facts, style, tier_name)),
        grid(
            span(7, _uptake_card(ctx, _uptake(ctx, "town_code", {}), _town_names(ctx), "town")),
            span(5, _uptake_card(ctx, ages, names, "age"), _income_card(ctx, town)),
        ),
    ]


def _uptake_card(ctx: PageContext, df: pd.DataFrame, names: Mapping[str, str], group: str) -> Component:
    style, narrow = figure_style(ctx), figure_style(ctx, is_narrow=True)
    tier_name = ctx.city.tiers[-1].name.in_language(ctx.language)
    year = _year_before(ctx) if df["before_rate"].notna().any() else None
    subtitle = f"tiers.{group}_subtitle" if year else f"tiers.{group}_subtitle_alone"
    return chart_card(
        ctx,
        tier_uptake.sentence(df, style, names, tier_name, group),
        ctx.text(subtitle, tier=tier_name, year=year),
        tier_uptake.figure(df, style, names, year),
        narrow_figure=tier_uptake.figure(df, narrow, names, year),
        table=tier_tables.uptake(df, style, names, tier_name, group, _year_before(ctx)),
        source=ctx.text("tiers.source", day=style.formats.day(ctx.as_of_on)),
    )


def _income_card(ctx: PageContext, town: Mapping[str, str]) -> Component:
    style = figure_style(ctx)
    cells = ctx.read("mart_tiers", ["category", "tier", "period"], ["paid_persons", "paid_fen"], town)
    prices = []
    if ctx.policy is not None:
        codes = tuple(category.code for category in ctx.city.categories)
        prices = price_table(ctx.policy, codes, tuple(tier.code for tier in ctx.city.tiers))
    income = tier_income.shape(cells, prices)
    classes = {n.code: n.name.in_language(ctx.language) for n in ctx.policy.price_classes} if ctx.policy else {}
    benefits = {n.code: n.name.in_language(ctx.language) for n in ctx.policy.benefit_tiers} if ctx.policy else {}
    return chart_card(
        ctx,
        tier_income.sentence(income, style, classes),
        ctx.text("tiers.income_subtitle"),
        tier_income.figure(income, style, classes),
        narrow_figure=tier_income.figure(income, figure_style(ctx, is_narrow=True), classes),
        sentence=tier_income.note(income, style, classes, benefits),
        table=tier_tables.income(income, style, classes, benefits),
        source=ctx.text("tiers.source", day=style.formats.day(ctx.as_of_on)),
    )


def _single(ctx: PageContext) -> list[Component]:
    style = figure_style(ctx)
    town = {"town_code": ctx.town_code} if ctx.town_code else {}
    money = ctx.read("mart_tiers", [], ["paid_fen"], town)
    paid_fen = None if money.empty or money["paid_fen"].isna().any() else int(money["paid_fen"].iloc[0])
    paid = tier_single.shape(ctx.read("mart_tiers", ["category"], ["paid_persons", "paid_fen"], town))
    names = {category.code: category.name.in_language(ctx.language) for category in ctx.city.categories}
    cards = [span(7, tier_single.price_card(ctx.policy, style, names))] if ctx.policy is not None else []
    if not paid.empty:
        chart = chart_card(
            ctx,
            tier_single.sentence(paid, style, names),
            ctx.text("tiers.single.paid_subtitle"),
            tier_single.figure(paid, style, names),
            narrow_figure=tier_single.figure(paid, figure_style(ctx, is_narrow=True), names),
            source=ctx.text("tiers.source", day=style.formats.day(ctx.as_of_on)),
        )
        cards.append(span(5, chart))
    return [
        headline(tier_single.headline(ctx.policy, style), ctx.text("tiers.single.note")),
        kpi_row(tier_single.figures(ctx.policy, paid_fen, style)),
        grid(*cards),
    ]


def _uptake(ctx: PageContext, group: str, where: Mapping[str, object], order: tuple[str, ...] = ()) -> pd.DataFrame:
    now = ctx.read("mart_tiers", [group, "tier"], ["paid_persons"], CHOICE | dict(where))
    before = _before(ctx, [group, "tier"], CHOICE | dict(where))
    return tier_uptake.shape(now, before, group, ctx.city.tiers[-1].code, order)


def _before(ctx: PageContext, by: list[str], where: Mapping[str, object]) -> pd.DataFrame:
    return ctx.read("mart_tiers", by, ["paid_persons", "paid_fen"], {**where, "campaign_year": _year_before(ctx)})


def _year_before(ctx: PageContext) -> int:
    return ctx.campaign.year - 1


def _age_names(ctx: PageContext) -> dict[str, str]:
    special = {"75+": ctx.text("tiers.age_oldest"), "unknown": ctx.text("tiers.age_unknown")}
    return {band: ctx.text("tiers.age_band", band=band.replace("-", "–")) for band in AGE_BANDS} | special


def _town_names(ctx: PageContext) -> dict[str, str]:
    return {town.code: town.name.in_language(ctx.language) for town in ctx.folder.divisions.towns}


add_page(__name__, "tiers", "/tiers", EVERYONE, body, 30)
