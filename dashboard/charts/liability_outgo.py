"""Expected outgo by hospital level: if the collection stopped today, and at target coverage."""

from collections.abc import Mapping

import pandas as pd

from dashboard.charts.rows import Figure, names_axis, names_width_px, records
from dashboard.components import TableCell, TableColumn, TableRow
from dashboard.figures import FigureStyle, bare_axis, base_layout, label, readable_on, rows_height
from insurance.liability import LiabilityResult

TODAY, TARGET = "today", "target"
ROOM_FOR_LABEL_RATE = 0.12  # of the longest bar; a shorter part carries no text


def shape(results: Mapping[str, LiabilityResult]) -> pd.DataFrame:
    """Rows scenario ("today", "target"), hospital_level, outgo_fen; in the order given and of the policy's levels."""
    parts = []
    for scenario, result in results.items():
        by_level = result.by_level_tier.groupby("hospital_level", sort=False)["outgo_fen"].sum().reset_index()
        parts.append(by_level.assign(scenario=scenario))
    return pd.concat(parts, ignore_index=True)[["scenario", "hospital_level", "outgo_fen"]]


def figure(df: pd.DataFrame, style: FigureStyle, levels: Mapping[str, str]) -> Figure:
    """One bar a scenario, its levels in steps of one hue, the sum at its end."""
    formats, palette = style.formats, style.palette
    scenarios = list(dict.fromkeys(df["scenario"]))
    sums = df.groupby("scenario")["outgo_fen"].sum()
    longest = float(sums.max()) or 1.0
    room = ROOM_FOR_LABEL_RATE * (2 if style.is_narrow else 1)
    starts = dict.fromkeys(scenarios, 0.0)
    traces: list[Figure] = []
    labels: list[Figure] = []
    for step, (level, cells) in enumerate(df.groupby("hospital_level", sort=False)):
        colour = palette.hues[step % len(palette.hues)]
        name = levels.get(str(level), str(level))
        amounts = [float(x) for x in cells.set_index("scenario")["outgo_fen"].reindex(scenarios).fillna(0.0)]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "x": amounts,
                "y": list(range(len(scenarios))),
                "width": 0.6,
                "marker": {"color": colour, "line": {"color": palette.card, "width": 1}},
                "hovertext": [f"{name} {formats.money(amount)}" for amount in amounts],
                "hovertemplate": "%{hovertext}<extra></extra>",
            }
        )
        for place, (scenario, amount) in enumerate(zip(scenarios, amounts, strict=True)):
            if amount / longest >= room:
                font = {"size": 12, "color": readable_on(colour)}
                text = f"{name}<br>{formats.money(amount)}"
                labels.append(label(style, text, starts[scenario], place, xshift=6, align="left", font=font))
            starts[scenario] += amount
    names = [style.text(f"liability.scenario_{scenario}") for scenario in scenarios]
    ends = [
        label(
            style, formats.money(float(sums[scenario])), float(sums[scenario]), place, xshift=8,
            font={"size": 14, "color": palette.ink},
        )
        for place, scenario in enumerate(scenarios)
    ]  # fmt: skip
    layout = base_layout(
        style,
        rows_height(len(scenarios), 72, 8),
        (names_width_px(names), 8, 4, 4),
        barmode="stack",
        xaxis=bare_axis(range=[0, longest * (1.45 if style.is_narrow else 1.2)]),
        yaxis=names_axis(style, names),
        annotations=labels + ends,
    )
    return {"data": traces, "layout": layout}


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
