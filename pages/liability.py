"""Liability: expected inpatient basic-benefit outgo of the year from those who paid, or exactly what is unknown."""

from dash import html
from dash.development.base_component import Component

from dashboard.access import STAFF
from dashboard.charts import liability_basis, liability_exposure, liability_headline, liability_outgo
from dashboard.components import card, chart_card, data_table, empty_state, facts, grid, headline, kpi_row, span
from dashboard.context import PageContext
from dashboard.figures import figure_style
from dashboard.liability_data import Projection, Unprojectable, project
from dashboard.pagekit import add_page
from insurance.policy import Policy

LINE = "cb-facts__row"


def body(ctx: PageContext) -> list[Component]:
    """The projection with all it rests on, or the designed face of why there is none."""
    style = figure_style(ctx)
    projection = project(ctx)
    if isinstance(projection, Unprojectable):
        return _without_number(ctx, projection)
    assert ctx.policy is not None
    return [
        headline(liability_headline.sentence(projection, style), ctx.text("liability.headline_note")),
        kpi_row(liability_headline.figures(projection, style)),
        grid(span(7, _outgo_card(ctx, projection, ctx.policy)), span(5, _start_card(ctx, projection))),
        grid(span(8, _table_card(ctx, projection, ctx.policy)), span(4, _left_out_card(ctx, projection, ctx.policy))),
        grid(span(7, _assumptions_card(ctx, projection, ctx.policy)), span(5, _benefits_card(ctx, ctx.policy))),
    ]


def _without_number(ctx: PageContext, reason: Unprojectable) -> list[Component]:
    style = figure_style(ctx)
    sentence, note = liability_headline.without_number(reason, style, ctx.city.name.in_language(ctx.language))
    if ctx.policy is None or not reason.unknown_names:
        return [empty_state(sentence, note)]
    lines = liability_basis.unknown_lines(reason.unknown_names, ctx.policy, style)
    subtitle = ctx.text("liability.unknown_subtitle", year=ctx.campaign.year)
    missing = card(ctx.text("liability.unknown_title"), [facts(lines)], subtitle=subtitle)
    known = span(5, _start_card(ctx, reason), _left_out_card(ctx, None, ctx.policy))
    return [
        headline(sentence, note),
        kpi_row(liability_headline.known_figures(reason, style)),
        grid(span(7, missing), known),
    ]


def _outgo_card(ctx: PageContext, projection: Projection, policy: Policy) -> Component:
    style = figure_style(ctx)
    outgo = liability_outgo.shape(projection.results)
    levels = _levels(ctx, policy)
    return chart_card(
        ctx,
        liability_headline.outgo_title(projection, style),
        liability_headline.outgo_subtitle(projection, style),
        liability_outgo.figure(outgo, style, levels),
        narrow_figure=liability_outgo.figure(outgo, figure_style(ctx, is_narrow=True), levels),
        footer=html.P(liability_headline.target_words(projection, style)),
        source=_source(ctx),
    )


def _start_card(ctx: PageContext, projection: Projection | Unprojectable) -> Component:
    style = figure_style(ctx)
    starts = liability_exposure.shape(projection.exposure, projection.waiting_after_on)
    footer = liability_headline.estimated_words(projection.estimated_persons, style)
    return chart_card(
        ctx,
        liability_exposure.sentence(
            projection.waiting_persons, projection.unknown_start_persons, projection.persons, style
        ),
        ctx.text("liability.waiting_subtitle"),
        liability_exposure.figure(starts, style),
        narrow_figure=liability_exposure.figure(starts, figure_style(ctx, is_narrow=True)),
        footer=html.P(footer) if footer else None,
        source=_source(ctx),
    )


def _table_card(ctx: PageContext, projection: Projection, policy: Policy) -> Component:
    style = figure_style(ctx)
    rows = liability_outgo.table_rows(projection.today, style, _tiers(ctx, policy), _levels(ctx, policy))
    subtitle = ctx.text("liability.table_subtitle")
    table = data_table(subtitle, liability_outgo.table_columns(style), rows, is_free=True)
    return card(ctx.text("liability.table_title"), [table])


def _assumptions_card(ctx: PageContext, projection: Projection, policy: Policy) -> Component:
    style = figure_style(ctx)
    lines = liability_basis.assumption_lines(projection.assumptions, style, _levels(ctx, policy))
    subtitle = ctx.text("liability.assumptions_subtitle")
    return card(ctx.text("liability.assumptions_title"), [facts(lines)], subtitle=subtitle)


def _benefits_card(ctx: PageContext, policy: Policy) -> Component:
    style = figure_style(ctx)
    source = liability_basis.benefit_source(policy, style)
    subtitle = ctx.text("liability.benefits_subtitle_unknown")
    if source:
        subtitle = ctx.text("liability.benefits_subtitle", source=source)
    return card(
        ctx.text("liability.benefits_title"), [facts(liability_basis.benefit_lines(policy, style))], subtitle=subtitle
    )


def _left_out_card(ctx: PageContext, projection: Projection | None, policy: Policy) -> Component:
    style = figure_style(ctx)
    parts: list[Component] = [facts(liability_basis.left_out_lines(policy, style))]
    if projection is not None:
        limits = [html.Li(ctx.text(f"liability.limit_{name}"), className=LINE) for name in projection.today.limits]
        parts.append(html.Ul(limits, className="cb-facts"))
    subtitle = ctx.text("liability.left_out_subtitle")
    return card(ctx.text("liability.left_out_title"), parts, subtitle=subtitle)


def _levels(ctx: PageContext, policy: Policy) -> dict[str, str]:
    return {level.code: level.name.in_language(ctx.language) for level in policy.inpatient.hospital_levels}


def _tiers(ctx: PageContext, policy: Policy) -> dict[str, str]:
    return {tier.code: tier.name.in_language(ctx.language) for tier in policy.benefit_tiers}


def _source(ctx: PageContext) -> str:
    return ctx.text("liability.source", day=figure_style(ctx).formats.day(ctx.as_of_on))


add_page(__name__, "liability", "/liability", STAFF, body, 50)
