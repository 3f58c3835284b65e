"""Shares of the channels in each group (a year, a category): one bar a group, the shares written inside."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import pandas as pd

from dashboard.charts.channel_bands import HIDDEN, Band, with_hidden
from dashboard.figures import FigureStyle, bare_axis, base_layout, label, readable_on, rows_height, text_px

ROW_PX = 68
_LABEL_PADDING_PX = 16
NOTABLE_RATE = 0.01
COLUMNS = ["group", "channel", "paid_persons", "share_rate", "start_rate"]


def shape(paid: pd.DataFrame, totals: pd.DataFrame, group: str, bands: Sequence[Band]) -> pd.DataFrame:
    """Shares of paid persons by channel within each group; what is hidden keeps its place, shares are of the whole.

    Args:
        paid: `group`, channel, paid_persons (NA where hidden), is_hidden.
        totals: `group`, paid_persons of the whole group; groups whose total is hidden are left out.
        group: name of the column that makes the bars.
        bands: order of the channels.

    Returns:
        group, channel, paid_persons, share_rate, start_rate (0–1), in the order of groups and bands. Hidden channels
        have NA in all three; together they are one more row of the channel HIDDEN, last in its group.
    """
    known = totals[totals["paid_persons"].fillna(0) > 0]
    whole = {row[group]: int(row["paid_persons"]) for row in known.to_dict("records")}
    order = [band.code for band in bands]
    rows: list[dict[str, object]] = []
    for name in sorted(whole):
        cells = {row["channel"]: row for row in paid[paid[group] == name].to_dict("records")}
        used = [(code, cells[code]) for code in order if code in cells]
        hidden = [code for code, cell in used if cell["is_hidden"]]
        counts = {code: int(cell["paid_persons"]) for code, cell in used if code not in hidden}
        shown = {code: persons for code, persons in counts.items() if persons}
        # Rounded parts rarely add up to the rounded whole; only where something is hidden is the rest more than that.
        total = max(whole[name], sum(shown.values())) if hidden else sum(shown.values())
        start = 0.0
        for code, persons in [*shown.items(), *([(HIDDEN, total - sum(shown.values()))] if hidden else [])]:
            share = persons / total
            rows.append(_row(name, code, persons, share, start))
            start += share
        rows += [_row(name, code, None, None, None) for code in hidden]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({"paid_persons": "Int64", "share_rate": "Float64", "start_rate": "Float64"})


def figure(
    frame: pd.DataFrame,
    style: FigureStyle,
    bands: Sequence[Band],
    groups: Sequence[object],
    title_of: Callable[[object], str],
    room_px: int,
) -> dict[str, object]:
    """One stacked bar a group; a share is written inside where it fits, with the channel's name where that fits too.

    Args:
        frame: rows of `shape`.
        style: theme and language.
        bands: colours and names.
        groups: the bars from the top.
        title_of: the words above a group's bar.
        room_px: width of the bars on the smallest screen that shows this figure.
    """
    traces, notes = [], []
    rows_of = {group: place for place, group in enumerate(groups)}
    for place, group in enumerate(groups):
        title = {"size": 13, "color": style.palette.ink_2}
        notes.append(label(style, title_of(group), 0, place - 0.46, xref="paper", yanchor="top", font=title))
    for band in with_hidden(bands, style):
        rows = frame[(frame["channel"] == band.code) & frame["group"].isin(rows_of) & frame["share_rate"].notna()]
        if rows.empty:
            continue
        traces.append(_bar(rows, band, style, rows_of))
        for group, start, share in zip(rows["group"], rows["start_rate"], rows["share_rate"], strict=True):
            text = _fitting(band.name, share, style, room_px)
            if text:
                font = {"size": 13, "color": readable_on(band.colour)}
                notes.append(label(style, text, start, rows_of[group] + 0.16, xshift=8, font=font))
    return {
        "data": traces,
        "layout": base_layout(
            style,
            rows_height(len(groups), ROW_PX, 8),
            (0, 0, 0, 0),
            barmode="stack",
            bargap=0,
            xaxis=bare_axis(range=[0, 1]),
            yaxis=bare_axis(range=[len(groups) - 0.5, -0.5]),
            annotations=notes,
        ),
    }


def key_entries(frame: pd.DataFrame, style: FigureStyle, bands: Sequence[Band]) -> list[tuple[str, str]]:
    """Names and colours of the bars of `frame`, for a key."""
    drawn = {row["channel"] for row in _shown(frame)}
    return [(band.name, band.colour) for band in with_hidden(bands, style) if band.code in drawn]


def leader(frame: pd.DataFrame, group: object) -> tuple[str, float] | None:
    """The channel with most persons in `group` and its share; None without any, or when hidden ones may hold more."""
    rows = _shown(frame[frame["group"] == group])
    named = [row for row in rows if row["channel"] != HIDDEN]
    if not named:
        return None
    top = max(named, key=lambda row: float(row["share_rate"]))
    rest = sum(float(row["share_rate"]) for row in rows if row["channel"] == HIDDEN)
    return None if rest > float(top["share_rate"]) else (str(top["channel"]), float(top["share_rate"]))


def share_of(frame: pd.DataFrame, group: object, channel: str) -> float | None:
    """Share of `channel` in `group`: 0 when nobody used it, None when hidden."""
    rows = frame[(frame["group"] == group) & (frame["channel"] == channel)]
    if rows.empty:
        return 0.0
    share = rows["share_rate"].iloc[0]
    return None if pd.isna(share) else float(share)


def sentence(frame: pd.DataFrame, style: FigureStyle, bands: Sequence[Band], year: int) -> str:
    """Who leads this year, and whether that is new; what fell most since the year before."""
    percent = style.formats.share
    names = {band.code: band.name for band in bands}
    first = leader(frame, year)
    if first is None:
        return style.text("channels.mix.nobody" if frame[frame["group"] == year].empty else "channels.mix.veiled")
    code, share = first
    before = leader(frame, year - 1)
    values = {"channel": names[code], "share": percent(share), "year": year - 1}
    if before is None:
        return style.text("channels.mix.leads", **values)
    text = style.text("channels.mix.still_leads" if before[0] == code else "channels.mix.newly_leads", **values)
    falls = [(earlier - now, band, earlier, now) for band, earlier, now in _changes(frame, bands, year)]
    fall, fallen, earlier, now = max(falls, key=lambda each: each[0])
    if fall < NOTABLE_RATE:
        return text + style.text("channels.mix.stop")
    return text + style.text(
        "channels.mix.fell", fallen=fallen.name, before=percent(earlier), now=percent(now), **values
    )


def _changes(frame: pd.DataFrame, bands: Sequence[Band], year: int) -> list[tuple[Band, float, float]]:
    """Share of the year before and of `year` for every channel; a hidden one counts as unchanged."""
    changes = []
    for band in bands:
        earlier, now = share_of(frame, year - 1, band.code), share_of(frame, year, band.code)
        if earlier is None or now is None:
            earlier = now = 0.0
        changes.append((band, earlier, now))
    return changes


def _shown(frame: pd.DataFrame) -> list[dict[Hashable, Any]]:
    return frame[frame["share_rate"].notna()].to_dict("records")


def _row(
    group: object, channel: str, persons: int | None, share: float | None, start: float | None
) -> dict[str, object]:
    return dict(zip(COLUMNS, (group, channel, persons, share, start), strict=True))


def _bar(rows: pd.DataFrame, band: Band, style: FigureStyle, rows_of: dict[object, int]) -> dict[str, object]:
    hover = [
        style.text(
            "channels.mix.hover",
            channel=band.name,
            share=style.formats.percent(share),
            count=style.formats.count(persons),
        )
        for share, persons in zip(rows["share_rate"], rows["paid_persons"], strict=True)
    ]
    return {
        "type": "bar",
        "orientation": "h",
        "x": rows["share_rate"].astype(float).tolist(),
        "y": [rows_of[group] + 0.16 for group in rows["group"]],
        "width": 0.54,
        "marker": {"color": band.colour, "line": {"color": style.palette.card, "width": 2}},
        "text": hover,
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
    }


def _fitting(name: str, share: float, style: FigureStyle, room_px: int) -> str:
    """As much of "name share" as fits into the bar: both, the share alone, or nothing."""
    percent = style.formats.share(share)
    for text in (f"{name} {percent}", percent):
        if share * room_px >= text_px(text) + _LABEL_PADDING_PX:
            return text
    return ""
