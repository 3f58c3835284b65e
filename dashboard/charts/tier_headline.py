"""The opening of the tiers page: uptake as a whole, against last year, and the figures beside it."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from dash.development.base_component import Component

from dashboard.charts.rows import records
from dashboard.charts.tier_uptake import UNKNOWN_TIER
from dashboard.components import kpi
from dashboard.figures import FigureStyle


@dataclass(frozen=True)
class Uptake:
    """Uptake of the upper tier as a whole; None where unknown or hidden. Rates 0-1."""

    upper_persons: int | None
    choosing_persons: int | None
    unknown_persons: int | None
    paid_persons: int | None  # everyone who paid, those without a choice too
    share_rate: float | None
    before_rate: float | None
    average_fen: float | None  # paid a head by those who choose


def shape(now: pd.DataFrame, before: pd.DataFrame, upper_tier: str) -> Uptake:
    """The whole from cells of has_tier_choice, tier, paid_persons and paid_fen of this year and the last."""
    choosing = now[now["has_tier_choice"].astype("boolean")]
    known = choosing[choosing["tier"] != UNKNOWN_TIER]
    persons, fen = _sum(known["paid_persons"]), _sum(known["paid_fen"])
    return Uptake(
        upper_persons=_sum(known.loc[known["tier"] == upper_tier, "paid_persons"]),
        choosing_persons=persons,
        unknown_persons=_sum(choosing.loc[choosing["tier"] == UNKNOWN_TIER, "paid_persons"]),
        paid_persons=_sum(now["paid_persons"]),
        share_rate=_share(known, upper_tier),
        before_rate=_share(before[before["has_tier_choice"].astype("boolean")], upper_tier),
        average_fen=fen / persons if fen is not None and persons else None,
    )


def sentence(
    facts: Uptake, ages: pd.DataFrame, style: FigureStyle, names: Mapping[str, str], tier_name: str, before_year: int
) -> str:
    """The sentence the page opens with: share, change against last year, the age bands at both ends."""
    if facts.share_rate is None:
        return style.text("tiers.headline_unknown")
    change = ""
    if facts.before_rate is not None:
        difference_rate = facts.share_rate - facts.before_rate
        is_level = abs(round(difference_rate, 3)) == 0
        direction = "same" if is_level else "up" if difference_rate > 0 else "down"
        change = style.text(
            "tiers.headline_change",
            year=before_year,
            direction=style.text(f"tiers.direction_{direction}"),
            points=style.formats.points(abs(difference_rate)).removeprefix("+"),
        )
    known = records(ages.dropna(subset=["share_rate"]).sort_values(["share_rate", "group"]))
    extreme = ""
    if len(known) > 1:
        extreme = style.text(
            "tiers.headline_extreme",
            most=names[known[-1]["group"]],
            least=names[known[0]["group"]],
            most_share=style.formats.percent(known[-1]["share_rate"]),
            least_share=style.formats.percent(known[0]["share_rate"]),
        )
    return style.text(
        "tiers.headline",
        share=style.formats.percent(facts.share_rate),
        tier=tier_name,
        upper=style.formats.count(facts.upper_persons),
        choosing=style.formats.count(facts.choosing_persons),
        change=change,
        extreme=extreme,
    )


def figures(facts: Uptake, style: FigureStyle, tier_name: str) -> list[Component]:
    """The figures below the sentence: uptake, its denominator, the average premium, and who stands outside."""
    formats, text = style.formats, style.text
    share_of_all = None
    if facts.choosing_persons is not None and facts.paid_persons:
        share_of_all = facts.choosing_persons / facts.paid_persons
    upper, choosing = formats.count(facts.upper_persons), formats.count(facts.choosing_persons)
    share_note = text("tiers.kpi_share_note", upper=upper, choosing=choosing)
    of_all = text(
        "tiers.kpi_choosing_note", paid=formats.count(facts.paid_persons), share=formats.percent(share_of_all)
    )
    average = formats.yuan(facts.average_fen, 0)
    unit = text("common.yuan") if facts.average_fen is not None else ""
    return [
        kpi(text("tiers.kpi_share", tier=tier_name), formats.percent(facts.share_rate), note=share_note),
        kpi(text("tiers.kpi_choosing"), choosing, note=of_all),
        kpi(text("tiers.kpi_average"), average, unit, note=text("tiers.kpi_average_note")),
        kpi(text("tiers.kpi_unknown"), formats.count(facts.unknown_persons), note=text("tiers.kpi_unknown_note")),
    ]


def _sum(column: "pd.Series[int]") -> int | None:
    total = column.sum(skipna=False)
    return None if pd.isna(total) else int(total)


def _share(cells: pd.DataFrame, upper_tier: str) -> float | None:
    known = cells[cells["tier"] != UNKNOWN_TIER]
    upper, choosing = _sum(known.loc[known["tier"] == upper_tier, "paid_persons"]), _sum(known["paid_persons"])
    return upper / choosing if upper is not None and choosing else None
