"""Expected outgo by hospital level: if the collection stopped today, and at target coverage."""

from collections.abc import Mapping

import pandas as pd

from dashboard.charts.rows import BarRow, Figure, bars, records
from dashboard.components import TableCell, TableColumn, TableRow
from dashboard.figures import FigureStyle
from insurance.liability import LiabilityResult

TODAY, TARGET = "today", "target"


def shape(results: Mapping[str, LiabilityResult]) -> pd.DataFrame:
    """Rows scenario ("today", "target"), hospital_level, outgo_fen; in the order given and of the policy's levels."""
    parts = []
    for scenario, result in results.items():
        by_level = result.by_level_tier.groupby("hospital_level", sort=False)["outgo_fen"].sum().reset_index()
        parts.append(by_level.assign(scenario=scenario))
    return pd.concat(parts, ignore_index=True)[["scenario", "hospital_level", "outgo_fen"]]


def figure(df: pd.DataFrame, style: FigureStyle, levels: Mapping[str, str]) -> Figure:
    """A pair of bars a hospital level: stopped today in the accent, at target lighter, each naming itself."""
    colours = {TODAY: style.palette.accent, TARGET: style.palette.hues[2]}
    rows = []
    for level, cells in df.groupby("hospital_level", sort=False):
        for place, row in enumerate(records(cells)):
            text = style.text(f"liability.scenario_{row['scenario']}", money=style.formats.money(row["outgo_fen"]))
            name = levels.get(str(level), str(level)) if place == 0 else ""
            rows.append(BarRow(name, row["outgo_fen"], text, colours[row["scenario"]]))
    return bars(rows, style, row_px=32)


def table_columns(style: FigureStyle) -> list[TableColumn]:
    """Heads of the table by tier and hospital level."""
    return [
        TableColumn(name, style.text(f"liability.column_{name}"), name != "cell")
        for name in ("cell", "persons", "stays", "mean", "outgo")
    ]


def table_rows(
    result: LiabilityResult, style: FigureStyle, tiers: Mapping[str, str], levels: Mapping[str, str]
) -> list[TableRow]:
    """One row a benefit tier and hospital level, the whole at the end."""
    formats = style.formats
    longest = float(result.by_level_tier["outgo_fen"].max()) or 1.0
    rows = []
    for row in records(result.by_level_tier):
        tier, level = tiers[row["benefit_tier"]], levels[row["hospital_level"]]
        name = style.text("liability.cell_name", tier=tier, level=level) if len(tiers) > 1 else level
        cells = {
            "cell": TableCell(name, sort=name),
            "persons": TableCell(formats.count(round(row["persons"])), sort=row["persons"]),
            "stays": TableCell(formats.count(round(row["stays"])), sort=row["stays"]),
            "mean": TableCell(formats.yuan(row["mean_payout_fen"], 0), sort=row["mean_payout_fen"]),
            "outgo": TableCell(
                formats.money(row["outgo_fen"]), sort=row["outgo_fen"], share=row["outgo_fen"] / longest
            ),
        }
        rows.append(TableRow(cells))
    stays = float(result.by_level_tier["stays"].sum())
    total = {
        "cell": TableCell(style.text("common.total")),
        "persons": TableCell(formats.count(round(result.persons))),
        "stays": TableCell(formats.count(round(stays))),
        "mean": TableCell(formats.yuan(result.outgo_fen / stays if stays else None, 0)),
        "outgo": TableCell(formats.money(result.outgo_fen)),
    }
    return [*rows, TableRow(total, is_total=True)]
