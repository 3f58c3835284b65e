"""A city without tiers: what everyone pays, where that is written, how sure it is, and who has paid."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeVar

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard.charts.rows import BarRow, Figure, bars, records
from dashboard.charts.sourced import certainty_tag, is_stated, source_line
from dashboard.components import Tone, card, facts, kpi
from dashboard.figures import FigureStyle
from dashboard.formats import UNKNOWN
from insurance.policy import Policy
from insurance.quantities import to_fen
from insurance.values import Sourced

T = TypeVar("T")


def shape(cells: pd.DataFrame) -> pd.DataFrame:
    """Paid persons and money by category, the largest first; cells: category, paid_persons, paid_fen, is_hidden."""
    typed = cells.astype({"paid_persons": "Int64", "paid_fen": "Int64"})
    return typed.sort_values(["paid_persons", "category"], ascending=[False, True], na_position="last").reset_index(
        drop=True
    )


def figure(df: pd.DataFrame, style: FigureStyle, names: Mapping[str, str]) -> Figure:
    """One bar a category, persons at its end."""
    rows = []
    for row in records(df):
        persons = row["paid_persons"]
        text = style.text("common.hidden") if persons is None else style.formats.persons(persons)
        rows.append(BarRow(names.get(row["category"], row["category"]), persons, text))
    return bars(rows, style, row_px=48)


def sentence(df: pd.DataFrame, style: FigureStyle, names: Mapping[str, str]) -> str:
    """Which category most of those who paid belong to; a plain title when a count is hidden."""
    counts = df["paid_persons"]
    if df.empty or bool(counts.isna().any()) or int(counts.sum()) == 0:
        return style.text("tiers.single.paid_title_plain")
    first = df.iloc[0]
    share = float(first["paid_persons"]) / float(counts.sum())
    name = names.get(str(first["category"]), str(first["category"]))
    return style.text("tiers.single.paid_title", category=name, share=style.formats.percent(share))


def headline(policy: Policy | None, style: FigureStyle) -> str:
    """The sentence of the page: one price for everyone, one price a category, or a price that nobody states."""
    prices = {line.premium_yuan.value for line in policy.effective().premiums} if policy else set()
    if not prices or None in prices:
        return style.text("tiers.single.headline_unknown")
    if len(prices) > 1:
        return style.text("tiers.single.headline_several")
    (price,) = prices
    assert price is not None
    premium = f"{style.formats.yuan(to_fen(price), 0)} {style.text('common.yuan')}"
    return style.text("tiers.single.headline", premium=premium)


def figures(policy: Policy | None, paid_fen: int | None, style: FigureStyle) -> list[Component]:
    """Price, subsidy and premiums paid (fen) at a glance; what nobody states is a dash with that reason."""
    text = style.text
    money = style.formats.money_parts(paid_fen)
    income = kpi(text("tiers.single.money_title"), money.number, money.unit, text("tiers.single.money_note"))
    if policy is None:
        return [kpi(text("tiers.single.price_title"), UNKNOWN, note=text("tiers.single.unknown"), tone="warn"), income]
    effective = policy.effective()
    prices = {line.premium_yuan.value for line in effective.premiums}
    first = effective.premiums[0].premium_yuan
    price = _figure(text("tiers.single.price_title"), first, style) if len(prices) == 1 else None
    subsidy = _figure(text("tiers.single.subsidy"), effective.subsidy_yuan, style)
    return [*([price] if price is not None else []), subsidy, income]


def price_card(policy: Policy, style: FigureStyle, names: Mapping[str, str]) -> Component:
    """Every price with its certainty and source, the subsidy and the late rule; equal lines stand once."""
    effective, text = policy.effective(), style.text
    lines = [(names.get(line.category, line.category), line.premium_yuan) for line in effective.premiums]
    grouped: list[tuple[list[str], Sourced[Decimal]]] = []
    for name, value in lines:
        same = next((members for members, other in grouped if other == value), None)
        if same is None:
            grouped.append(([name], value))
        else:
            same.append(name)
    pairs = [(style.formats.listing(members), _basis(value, _yuan(value, style), style)) for members, value in grouped]
    subsidy, rule = effective.subsidy_yuan, effective.late_rule
    pairs.append((text("tiers.single.subsidy"), _basis(subsidy, _yuan(subsidy, style), style)))
    late = text(f"tiers.late_{rule.value}") if rule.value else UNKNOWN
    pairs.append((text("tiers.single.late"), _basis(rule, late, style)))
    return card(text("tiers.single.basis_title"), [facts(pairs)], subtitle=text("tiers.single.price_subtitle"))


def _figure(name: str, value: Sourced[Decimal], style: FigureStyle) -> Component:
    certainty = style.text(f"sourced.certainty_{value.certainty}")
    if value.value is None:
        note = value.note.in_language(style.words.language) if value.note else certainty
        return kpi(name, UNKNOWN, note=note, tone="warn")
    tone: Tone = "" if is_stated(value) else "warn"
    return kpi(name, style.formats.yuan(to_fen(value.value), 0), style.text("common.yuan"), certainty, tone)


def _basis(value: Sourced[T], shown: str, style: FigureStyle) -> Component:
    return html.Div(
        [certainty_tag(value, style, shown), html.Div(source_line(value, style), className="cb-tone-muted")]
    )


def _yuan(value: Sourced[Decimal], style: FigureStyle) -> str:
    if value.value is None:
        return UNKNOWN
    return f"{style.formats.yuan(to_fen(value.value), 0)} {style.text('common.yuan')}"
