"""Who chooses the upper tier, among the adults who have a choice: one mark a group, last year's beside it."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from dashboard.charts.rows import records, row_names
from dashboard.figures import FigureStyle, axis, base_layout, label, rows_height

Figure = dict[str, object]

EVEN_RATE = 0.01  # shares closer than one point are called even
REMARK_PX = 80  # room at the right for the change
UNKNOWN_TIER = "-"
EMPTY = ["group", "upper_persons", "choosing_persons", "share_rate", "before_rate", "change_rate", "is_hidden"]


def shape(
    now: pd.DataFrame, before: pd.DataFrame, group: str, upper_tier: str, order: Sequence[str] = ()
) -> pd.DataFrame:
    """One row a group with its uptake of `upper_tier`, this year and last.

    `now` and `before`: columns `group`, tier, paid_persons, is_hidden; only adults with a choice. The denominator is
    the persons whose tier is known. A group with a hidden cell has no share. Rows follow `order` where given, otherwise
    the lowest share stands first and groups without a share last. Rates are 0-1, changes are differences of rates.
    """
    current = _uptake(now, group, upper_tier)
    earlier = _uptake(before, group, upper_tier).set_index("group")["share_rate"]
    current["before_rate"] = current["group"].map(earlier).astype("Float64")
    current["change_rate"] = current["share_rate"] - current["before_rate"]
    if order:
        rank = {name: place for place, name in enumerate(order)}
        current = current.sort_values("group", key=lambda names: names.map(rank).fillna(len(rank)))
    else:
        current = current.sort_values(["share_rate", "group"], na_position="last")
    return current.reset_index(drop=True)[EMPTY]


def _uptake(cells: pd.DataFrame, group: str, upper_tier: str) -> pd.DataFrame:
    """Columns group, upper_persons, choosing_persons, share_rate, is_hidden."""
    parts: dict[Hashable, dict[Hashable, int | None]] = {}
    for row in records(cells):
        if row["tier"] != UNKNOWN_TIER and row[group] is not None:
            parts.setdefault(row[group], {})[row["tier"]] = row["paid_persons"]
    rows = []
    for name, chosen in parts.items():
        is_hidden = None in chosen.values()
        upper, choosing = chosen.get(upper_tier) or 0, sum(persons or 0 for persons in chosen.values())
        rows.append(
            {
                "group": name,
                "upper_persons": pd.NA if is_hidden else upper,
                "choosing_persons": pd.NA if is_hidden else choosing,
                "share_rate": upper / choosing if choosing and not is_hidden else pd.NA,
                "is_hidden": is_hidden,
            }
        )
    columns = ["group", "upper_persons", "choosing_persons", "share_rate", "is_hidden"]
    types = {"upper_persons": "Int64", "choosing_persons": "Int64", "share_rate": "Float64", "is_hidden": "bool"}
    return pd.DataFrame(rows, columns=columns).astype(types)


def figure(df: pd.DataFrame, style: FigureStyle, called: Mapping[str, str], before_year: int | None) -> Figure:
    """One row a group: this year filled, last year hollow, the change at the right.

    Args:
        df: result of `shape`.
        style: theme, language, room.
        called: what each group is called.
        before_year: the year the hollow marks stand for; None without one.
    """
    rows = [_Row(place, r["share_rate"], r["before_rate"], r["is_hidden"]) for place, r in enumerate(records(df))]
    names = row_names([called.get(group, group) for group in df["group"]], style)
    low, high = _range([rate for row in rows for rate in (row.now, row.before) if rate is not None])
    annotations = names.annotations + [_remark(row, style) for row in rows]
    if before_year is not None and any(row.before is not None for row in rows):
        head = style.text("tiers.against", year=before_year)
        annotations.append(
            label(style, head, 1, 1, xref="paper", yref="paper", xanchor="right", yanchor="bottom", xshift=REMARK_PX,
                  yshift=4, font={"size": 12, "color": style.palette.muted})
        )  # fmt: skip
    layout = base_layout(
        style,
        rows_height(len(df), (34 if len(df) > 10 else 40) + names.extra_px, 64),
        (names.margin_px, REMARK_PX, 28, 32),
        xaxis=axis(style, range=[low, high], tickformat=".0%", nticks=5),
        yaxis=names.axis,
        annotations=annotations,
    )
    return {"data": _marks(rows, style), "layout": layout}


def sentence(df: pd.DataFrame, style: FigureStyle, called: Mapping[str, str], tier_name: str, kind: str) -> str:
    """The finding: who chooses the upper tier most, who least; or that they hardly differ. `kind`: "age" or "town"."""
    known = df.dropna(subset=["share_rate"]).sort_values(["share_rate", "group"])
    if len(known) < 2:
        return style.text("tiers.finding_none")
    least, most = records(known)[0], records(known)[-1]
    is_even = most["share_rate"] - least["share_rate"] < EVEN_RATE
    return style.text(
        f"tiers.finding_even_{kind}" if is_even else f"tiers.finding_gap_{kind}",
        tier=tier_name,
        most=called.get(most["group"], most["group"]),
        least=called.get(least["group"], least["group"]),
        most_share=style.formats.percent(most["share_rate"]),
        least_share=style.formats.percent(least["share_rate"]),
    )


@dataclass(frozen=True)
class _Row:
    """One group as it is drawn; rates 0-1 or None."""

    place: int
    now: float | None
    before: float | None
    is_hidden: bool

    def remark(self, style: FigureStyle) -> tuple[str, str]:
        """What stands at the right: the change, or that the cell is hidden; and its colour."""
        if self.is_hidden:
            return style.text("common.hidden"), style.palette.muted
        if self.now is None or self.before is None:
            return "", style.palette.muted
        change_rate = self.now - self.before
        return style.formats.points(change_rate), style.palette.accent if change_rate >= 0 else style.palette.warn_text


def _remark(row: _Row, style: FigureStyle) -> Figure:
    text, colour = row.remark(style)
    return label(style, text, 1, row.place, xref="paper", xshift=8, font={"color": colour})


def _marks(rows: Sequence[_Row], style: FigureStyle) -> list[Figure]:
    palette, percent = style.palette, style.formats.percent
    pairs = [row for row in rows if row.now is not None and row.before is not None]
    places = [row.place for row in rows]
    is_growing = [row.before is None or (row.now or 0.0) >= row.before for row in rows]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [x for row in pairs for x in (row.before, row.now, None)],
            "y": [y for row in pairs for y in (row.place, row.place, None)],
            "line": {"color": palette.accent_soft, "width": 4},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "x": [row.before for row in rows],
            "y": places,
            "marker": {"size": 10, "color": palette.card, "line": {"color": palette.faint, "width": 2}},
            "text": [style.text("tiers.hover_before", share=percent(row.before)) for row in rows],
            "hovertemplate": "%{text}<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "markers+text",
            "x": [row.now for row in rows],
            "y": places,
            "marker": {"size": 12, "color": palette.accent},
            "text": [f" {percent(row.now)} " for row in rows],
            "textposition": ["middle right" if grows else "middle left" for grows in is_growing],
            "textfont": {"color": palette.accent, "size": 13},
            "hoverinfo": "skip",
            "cliponaxis": False,
        },
    ]


def _range(rates: Sequence[float]) -> tuple[float, float]:
    """The span of the axis: the rates with room for labels, within 0-1."""
    if not rates:
        return 0.0, 1.0
    room = max((max(rates) - min(rates)) * 0.25, 0.03)
    return max(min(rates) - room, 0.0), min(max(rates) + room, 1.0)
