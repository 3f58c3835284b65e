"""The words and figures of the liability page, with and without a number."""

from dash.development.base_component import Component

from dashboard.charts.liability_outgo import TARGET, TODAY
from dashboard.components import kpi
from dashboard.figures import FigureStyle
from dashboard.formats import UNKNOWN
from dashboard.liability_data import Covered, Projection, Unprojectable


def sentence(projection: Projection, style: FigureStyle) -> str:
    """Outgo today, at target, and who still waits."""
    formats = style.formats
    target = waiting = ""
    if projection.at_target is not None:
        target = style.text("liability.headline_target", target=formats.money(projection.at_target.outgo_fen))
    if round(projection.waiting_persons):
        persons = formats.count(round(projection.waiting_persons))
        waiting = style.text("liability.headline_waiting", persons=persons)
    return style.text(
        "liability.headline",
        persons=formats.count(round(projection.persons)),
        year=projection.year,
        today=formats.money(projection.today.outgo_fen),
        target=target,
        waiting=waiting,
    )


def without_number(reason: Unprojectable, style: FigureStyle, city: str) -> tuple[str, str]:
    """The sentence and its note when nothing can be computed."""
    year = reason.year
    if not reason.has_policy:
        next_step = style.text("liability.no_policy_next", year=year)
        return style.text("liability.headline_no_policy", year=year), next_step
    if reason.unsupported_names:
        names = [style.text(f"liability.assumption_{name.split('.')[-1]}") for name in reason.unsupported_names]
        listed = style.text("liability.headline_reading", names=style.formats.listing(names))
        return listed, style.text("liability.headline_note")
    said = style.text("liability.headline_unknown", city=city, year=year, count=len(reason.unknown_names))
    return said, style.text("liability.headline_unknown_note")


def figures(projection: Projection, style: FigureStyle) -> list[Component]:
    """Outgo a head, income that comes with the people, who waits, and who is not counted, if anybody."""
    formats, today = style.formats, projection.today
    a_head_fen = today.outgo_fen / today.exposure_years if today.exposure_years else None
    shown = [
        kpi(
            style.text("liability.kpi_outgo"),
            formats.yuan(a_head_fen, 0),
            style.text("common.yuan") if a_head_fen is not None else "",
            style.text("liability.kpi_outgo_note"),
        ),
        _income(projection, style),
        _waiting(projection, style),
    ]
    not_counted = round(sum(today.excluded_persons.values()))
    if not_counted:
        excluded = {name: formats.count(round(persons)) for name, persons in today.excluded_persons.items()}
        note = style.text(
            "liability.kpi_excluded_note", date=excluded["entitlement_unknown"], tier=excluded["benefit_tier_unknown"]
        )
        shown.append(kpi(style.text("liability.kpi_excluded"), formats.count(not_counted), note=note, tone="warn"))
    return shown


def known_figures(reason: Unprojectable, style: FigureStyle) -> list[Component]:
    """What can be told without the benefits: income, who waits, whose start is unknown."""
    unknown = style.formats.count(round(reason.unknown_start_persons))
    note = style.text("liability.kpi_unknown_start_note")
    outgo = kpi(style.text("liability.kpi_outgo"), UNKNOWN, note=style.text("common.unknown"), tone="warn")
    start = kpi(style.text("liability.kpi_unknown_start"), unknown, note=note)
    return [outgo, _income(reason, style), _waiting(reason, style), start]


def outgo_title(projection: Projection, style: FigureStyle) -> str:
    """Both sums as a finding."""
    money = {name: style.formats.money(result.outgo_fen) for name, result in projection.results.items()}
    if TARGET not in money:
        return style.text("liability.outgo_title_alone", today=money[TODAY])
    return style.text("liability.outgo_title", today=money[TODAY], target=money[TARGET])


def outgo_subtitle(projection: Projection, style: FigureStyle) -> str:
    """Persons, person-years, and how little chance alone moves the sum."""
    formats, today = style.formats, projection.today
    return style.text(
        "liability.outgo_subtitle",
        persons=formats.count(round(today.persons)),
        years=formats.count(round(today.exposure_years)),
        sd=formats.money(today.sd_fen),
    )


def target_words(projection: Projection, style: FigureStyle) -> str:
    """What "at target" means, with its denominator, and from when the others are taken to be covered."""
    target, formats = projection.target, style.formats
    if target is None:
        return style.text("liability.target_unknown", reason=style.text(projection.no_target_reason))
    key = "liability.target_detail"
    if round(target.extra_persons) == 0:
        key = "liability.target_reached"
    elif target.reached_rate < target.rate - 0.0005:
        key = "liability.target_capped"
    mark = f" ({style.text('common.assumed')})" if target.is_assumed else ""
    return style.text(
        key,
        eligible=formats.count(target.eligible_persons),
        rate=formats.percent(target.rate, 0),
        mark=mark,
        extra=formats.count(round(target.extra_persons)),
        start=formats.long_day(target.starts_on),
        reached=formats.percent(target.reached_rate),
    )


def estimated_words(estimated_persons: float, style: FigureStyle) -> str:
    """How many people stand in cells too small to show; empty when nobody does."""
    persons = round(estimated_persons)
    return style.text("liability.estimated_note", persons=style.formats.persons(persons)) if persons else ""


def _income(covered: Covered, style: FigureStyle) -> Component:
    formats, label = style.formats, style.text("liability.kpi_income")
    paid = formats.money(covered.paid_fen)
    if covered.paid_fen is None or covered.subsidy_fen is None:
        return kpi(label, UNKNOWN, note=style.text("liability.kpi_income_unknown", paid=paid))
    income = formats.money_parts(covered.paid_fen + covered.subsidy_fen)
    note = style.text("liability.kpi_income_note", paid=paid, subsidy=formats.money(covered.subsidy_fen))
    return kpi(label, income.number, income.unit, note)


def _waiting(covered: Covered, style: FigureStyle) -> Component:
    waiting = style.formats.count(round(covered.waiting_persons))
    note = style.text("liability.kpi_waiting_note")
    return kpi(style.text("liability.kpi_waiting"), waiting, note=note, tone="warn" if covered.waiting_persons else "")
