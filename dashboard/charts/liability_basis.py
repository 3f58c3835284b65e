"""What the liability rests on, in words: assumptions, benefit table, what is unknown, what is left out."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.charts.sourced import certainty_tag, source_line
from dashboard.figures import FigureStyle
from insurance.inpatient import Band
from insurance.liability import Assumption
from insurance.policy import Policy
from insurance.quantities import to_fen
from insurance.values import Sourced


def assumption_lines(
    assumptions: Sequence[Assumption], style: FigureStyle, levels: Mapping[str, str]
) -> list[tuple[str, Component]]:
    """One line an assumption; those by hospital level that are equally sure stand in one line."""
    lines = []
    for (kind, *_), found in groupby(_by_kind(assumptions), key=lambda a: (a.key.split(".")[0], a.certainty, a.note)):
        group = list(found)
        values = " / ".join(_value(assumption, style) for assumption in group)
        named = [levels[a.key.split(".")[1]] for a in group if "." in a.key]
        name = style.text(f"liability.assumption_{kind}")
        if named:
            name += style.text("liability.by_level", levels=f"{named[0]}–{named[-1]}")
        lines.append((name, _basis(group[0], values, style)))
    return lines


def benefit_lines(policy: Policy, style: FigureStyle) -> list[tuple[str, Component]]:
    """The benefit table: deductibles, shares by tier and level, annual caps, each with certainty and source."""
    language, text = style.words.language, style.text
    inpatient = policy.inpatient
    levels = {level.code: level.name.in_language(language) for level in inpatient.hospital_levels}
    tiers = {tier.code: tier.name.in_language(language) for tier in policy.benefit_tiers}
    lines: list[tuple[str, Component]] = []
    for code, deductible in inpatient.deductible_yuan.items():
        shown = _yuan(deductible, style)
        lines.append((text("liability.deductible", level=levels[code]), certainty_tag(deductible, style, shown)))
    for table in inpatient.bands:
        name = text("liability.shares", tier=tiers[table.benefit_tier], level=levels[table.hospital_level])
        bands = table.shares.value
        shown = text("sourced.certainty_unknown") if bands is None else _bands(bands, style)
        lines.append((name, certainty_tag(table.shares, style, shown)))
    for code, cap in inpatient.annual_cap_yuan.items():
        lines.append((text("liability.cap", tier=tiers[code]), certainty_tag(cap, style, _yuan(cap, style))))
    return lines


def benefit_source(policy: Policy, style: FigureStyle) -> str:
    """Where the benefit table stands: the documents that its values name, each once."""
    values = [*policy.inpatient.deductible_yuan.values(), *policy.inpatient.annual_cap_yuan.values()]
    documents = [value.source.document for value in values if value.source is not None]
    return style.formats.listing(list(dict.fromkeys(documents)))


def unknown_lines(names: Sequence[str], policy: Policy, style: FigureStyle) -> list[tuple[str, str]]:
    """The values that a computation needs and no source states, in words, each with the reason where one is noted."""
    language = style.words.language
    levels = {level.code: level.name.in_language(language) for level in policy.inpatient.hospital_levels}
    tiers = {tier.code: tier.name.in_language(language) for tier in policy.benefit_tiers}
    reasons = _reasons(policy, style)
    lines = []
    for name in names:
        kind, *codes = name.removeprefix("inpatient.").split(".")
        about = {"deductible_yuan": "deductible", "annual_cap_yuan": "cap", "shares": "shares"}.get(kind)
        if about is None:
            label = style.text(f"liability.assumption_{kind}")
        else:
            level = next((levels[code] for code in codes if code in levels), "")
            label = style.text(f"liability.{about}", tier=tiers.get(codes[0], ""), level=level)
        lines.append((label, reasons.get(name, style.text("sourced.certainty_unknown"))))
    return lines


def left_out_lines(policy: Policy, style: FigureStyle) -> list[tuple[str, str]]:
    """Outpatient and catastrophic benefits: not in the figure, and what the policy says of them."""
    parts = {"outpatient": policy.outpatient, "catastrophic": policy.catastrophic}
    lines = []
    for name, benefit in parts.items():
        stated = {True: "paid", False: "not_paid", None: "unknown"}[benefit.is_paid.value]
        lines.append((style.text(f"liability.{name}"), style.text(f"liability.benefit_{stated}")))
    return lines


def _by_kind(assumptions: Sequence[Assumption]) -> list[Assumption]:
    """The same assumptions, those of one kind next to each other, kinds in the order they first stand in."""
    kinds = list(dict.fromkeys(a.key.split(".")[0] for a in assumptions))
    return sorted(assumptions, key=lambda a: kinds.index(a.key.split(".")[0]))


def _basis(assumption: Assumption, shown: str, style: FigureStyle) -> Component:
    sourced = Sourced[str](
        value=assumption.value, certainty=assumption.certainty, source=assumption.source, note=assumption.note
    )
    said = source_line(sourced, style) if assumption.source or assumption.note else ""
    parts: list[Component] = [certainty_tag(sourced, style, shown)]
    if said:
        parts.append(html.Div(said, className="cb-tone-muted"))
    return html.Div(parts)


def _value(assumption: Assumption, style: FigureStyle) -> str:
    formats, unit, value = style.formats, assumption.unit, assumption.value
    if unit == "reading":
        return style.text(f"liability.reading_{value}")
    if unit == "date":
        return formats.long_day(date.fromisoformat(value))
    if unit == "rate":
        return formats.percent(float(value), 0)
    if unit == "yuan":
        return formats.yuan(float(value) * 100, 0)
    if unit == "persons":
        return formats.persons(float(value))
    return value


def _bands(bands: Sequence[Band], style: FigureStyle) -> str:
    """Shares from band to band: "80%", or "65% up to 40,000, 70% above"."""
    # Neighbours with one share read as one band.
    ends = [b for b, after in zip(bands, [*bands[1:], None], strict=True) if after is None or after.share != b.share]
    parts = []
    for band in ends:
        share = style.formats.percent(float(band.share), 0)
        if band.up_to_yuan is not None:
            limit = style.formats.yuan(to_fen(band.up_to_yuan), 0)
            parts.append(style.text("liability.band_up_to", share=share, limit=limit))
        else:
            parts.append(style.text("liability.band_above", share=share) if len(ends) > 1 else share)
    return style.text("common.comma").join(parts)


def _yuan(value: Sourced[Decimal], style: FigureStyle) -> str:
    if value.value is None:
        return style.text("sourced.certainty_unknown")
    return f"{style.formats.yuan(to_fen(value.value), 0)} {style.text('common.yuan')}"


def _reasons(policy: Policy, style: FigureStyle) -> dict[str, str]:
    """Why a value is unknown, by its dotted name, where the policy notes it."""
    inpatient = policy.inpatient
    values: dict[str, Sourced[Any]] = {
        **{f"inpatient.deductible_yuan.{code}": value for code, value in inpatient.deductible_yuan.items()},
        **{f"inpatient.annual_cap_yuan.{code}": value for code, value in inpatient.annual_cap_yuan.items()},
        **{f"inpatient.shares.{t.benefit_tier}.{t.hospital_level}": t.shares for t in inpatient.bands},
        "inpatient.break_period": inpatient.break_period,
        "inpatient.break_basis": inpatient.break_basis,
        "inpatient.later_deductible": inpatient.later_deductible,
    }
    return {name: value.note.in_language(style.words.language) for name, value in values.items() if value.note}
