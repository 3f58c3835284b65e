"""How far the collection is: cumulative share of those due, years aligned on days to the deadline."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from dashboard.figures import FigureStyle, axis, base_layout, label, spread, text_px
from dashboard.formats import is_known

# A day on which 1 to 9 paid is hidden; their middle keeps the curve within four persons a day of the truth.
HIDDEN_DAY_PERSONS = 5
HEIGHT_PX = 360
NARROW_HEIGHT_PX = 320
LABEL_STEP = 0.055  # of the height of the axis: one line of text


@dataclass(frozen=True)
class Goal:
    """What the current year is measured against.

    Attributes:
        campaign_year: the year in colour; the others recede.
        deadline_on: its deadline.
        complete_on: the last day complete in all feeds, where its line ends.
        target_rate: 0–1, share of those due; None when the city states none.
        is_target_assumed: the target is ours, for want of a source.
    """

    campaign_year: int
    deadline_on: date
    complete_on: date
    target_rate: float | None
    is_target_assumed: bool = False

    @property
    def days_left(self) -> int:
        """Days from the last complete day to the deadline; negative after it."""
        return (self.deadline_on - self.complete_on).days


def shape(daily: pd.DataFrame, due_persons: Mapping[int, int], goal: Goal) -> pd.DataFrame:
    """Cumulative shares, one row a year and day.

    Args:
        daily: campaign_year, days_to_deadline, due_paid_persons (NA where hidden); new covers of a day.
        due_persons: those due, by campaign year; years without are left out.
        goal: ends the current year's line on its last complete day; other years end on their deadline.

    Returns:
        campaign_year, days_to_deadline (falling to 0), paid_persons (cumulative), share_rate (0–1).
    """
    parts: list[pd.DataFrame] = []
    for year, rows in daily.groupby("campaign_year"):
        due = due_persons.get(int(str(year)), 0)
        if due <= 0:
            continue
        last = max(goal.days_left, 0) if year == goal.campaign_year else 0
        by_day = rows.set_index("days_to_deadline")["due_paid_persons"].astype("Int64").fillna(HIDDEN_DAY_PERSONS)
        by_day = by_day.groupby(level=0).sum()
        first = max(int(by_day.index.max()), last)
        days = range(first, last - 1, -1)
        cumulative = by_day.reindex(days, fill_value=0).cumsum()
        parts.append(
            pd.DataFrame(
                {
                    "campaign_year": int(str(year)),
                    "days_to_deadline": list(days),
                    "paid_persons": cumulative.to_numpy(),
                    "share_rate": cumulative.to_numpy(dtype=float) / due,
                }
            )
        )
    columns = ["campaign_year", "days_to_deadline", "paid_persons", "share_rate"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def share_at(frame: pd.DataFrame, year: int, days_to_deadline: int) -> float | None:
    """Share of those due of `year` (0–1), that many days before its deadline; None before its first day."""
    is_before = (frame["campaign_year"].to_numpy() == year) & (frame["days_to_deadline"].to_numpy() >= days_to_deadline)
    rows = np.flatnonzero(is_before)
    return float(frame["share_rate"].to_numpy()[rows[-1]]) if len(rows) else None


def figure(frame: pd.DataFrame, style: FigureStyle, goal: Goal) -> dict[str, object]:
    """Lines by days to the deadline: past years grey, the current one in colour, the target dotted."""
    palette, formats = style.palette, style.formats
    past = sorted(year for year in set(frame["campaign_year"].tolist()) if year != goal.campaign_year)
    traces = [_line(frame, year, style, palette.faint, 1.5 if year == past[-1] else 1.0) for year in past]
    traces.append(_line(frame, goal.campaign_year, style, palette.accent, 3.5))
    first_day = int(frame["days_to_deadline"].max())
    notes = _end_labels(frame, style, goal, past)
    shapes: list[dict[str, object]] = []
    if goal.target_rate is not None:
        shapes.append(
            {
                "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": goal.target_rate, "y1": goal.target_rate,
                "line": {"color": palette.ink_2, "width": 1.5, "dash": "dot"},
            }
        )  # fmt: skip
    today = share_at(frame, goal.campaign_year, goal.days_left)
    if today is not None and goal.days_left > 0:
        traces.append(_dot(today, goal, style))
        notes += _today_labels(frame, style, goal, today, past[-1] if past else None)
    ticks = [days for days in _ticks(first_day) if not style.is_narrow or days % 60 == 0]
    deadline = style.text("overview.progress.deadline_tick", day=formats.day(goal.deadline_on))
    texts = [style.text("overview.progress.tick", days=days) if days else deadline for days in ticks]
    top = max(1.0, float(frame["share_rate"].max()), goal.target_rate or 0.0) * 1.02
    return {
        "data": traces,
        "layout": base_layout(
            style,
            NARROW_HEIGHT_PX if style.is_narrow else HEIGHT_PX,
            (44, _room_px(notes), 8, 36),
            xaxis=axis(style, range=[first_day, 0], tickvals=ticks, ticktext=texts, showgrid=False),
            yaxis=axis(style, range=[0, top], tickformat=".0%", dtick=0.25),
            shapes=shapes,
            annotations=notes,
            hovermode="x unified",
        ),
    }


def sentence(frame: pd.DataFrame, style: FigureStyle, goal: Goal) -> str:
    """What the lines say: this year against last year on the same day before the deadline."""
    formats = style.formats
    today = share_at(frame, goal.campaign_year, goal.days_left)
    before = share_at(frame, goal.campaign_year - 1, goal.days_left)
    if today is None:
        return style.text("overview.progress.not_started")
    if before is None:
        return style.text("overview.progress.alone", day=formats.day(goal.complete_on), share=formats.percent(today))
    key = "ahead" if today > before else "behind"
    return style.text(
        f"overview.progress.{key}",
        day=formats.day(goal.complete_on),
        share=formats.percent(today),
        year=goal.campaign_year - 1,
        before=formats.percent(before),
        points=formats.points(today - before),
    )


def _line(frame: pd.DataFrame, year: int, style: FigureStyle, colour: str, width: float) -> dict[str, object]:
    rows = frame.iloc[np.flatnonzero(frame["campaign_year"].to_numpy() == year)]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": str(year),
        "x": rows["days_to_deadline"].tolist(),
        "y": [round(value, 5) for value in rows["share_rate"].tolist()],
        "customdata": [style.formats.count(value) for value in rows["paid_persons"].tolist()],
        "line": {"color": colour, "width": width},
        "hovertemplate": style.text("overview.progress.hover", year=year),
        "cliponaxis": False,
    }


def _dot(share: float, goal: Goal, style: FigureStyle) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [goal.days_left],
        "y": [share],
        "marker": {"color": style.palette.accent, "size": 13, "line": {"color": style.palette.card, "width": 2}},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _end_labels(frame: pd.DataFrame, style: FigureStyle, goal: Goal, past: list[int]) -> list[dict[str, object]]:
    """Names of the lines that reach the deadline, and of the target, at the right edge; apart where they collide."""
    size = 11 if style.is_narrow else 13
    ends: list[tuple[float, str, str]] = []
    notes: list[dict[str, object]] = []
    for year in past[-3:]:
        share = share_at(frame, year, 0)
        if is_known(share):
            text = style.text("overview.progress.past_end", year=year, share=style.formats.percent(share))
            ends.append((share, text, style.palette.muted))
    reached = share_at(frame, goal.campaign_year, 0) if goal.days_left <= 0 else None
    if reached is not None:
        text = style.text("overview.progress.past_end", year=goal.campaign_year, share=style.formats.percent(reached))
        ends.append((reached, f"<b>{text}</b>", style.palette.accent))
    if goal.target_rate is not None:
        key = "overview.progress.target_assumed" if goal.is_target_assumed else "overview.progress.target_end"
        text = style.text(key, share=style.formats.percent(goal.target_rate, 0))
        if style.is_narrow:
            # On a phone the right margin is too small for words; below the line on the left no curve has come yet.
            font = {"size": size, "color": style.palette.ink}
            notes.append(label(style, text, 0, goal.target_rate, xref="paper", xshift=4, yanchor="top", font=font))
        else:
            ends.append((goal.target_rate, text, style.palette.ink))
    # A label whose middle leaves the axis is not drawn at all.
    places = spread([share for share, _, _ in ends], LABEL_STEP * (1.3 if style.is_narrow else 1.0), most=1.0)
    for (_, text, colour), place in zip(ends, places, strict=True):
        notes.append(label(style, text, 1, place, xref="paper", xshift=8, font={"size": size, "color": colour}))
    return notes


def _room_px(notes: list[dict[str, object]]) -> int:
    """Room for the longest name at the right edge."""
    names = [str(note["text"]) for note in notes if note.get("xref") == "paper" and note["x"] == 1]
    return max((text_px(name) for name in names), default=0) + 16


def _today_labels(
    frame: pd.DataFrame, style: FigureStyle, goal: Goal, today: float, last_year: int | None
) -> list[dict[str, object]]:
    palette, formats = style.palette, style.formats
    text = style.text("overview.progress.today", day=formats.day(goal.complete_on), share=formats.percent(today))
    before = None if last_year is None else share_at(frame, last_year, goal.days_left)
    is_ahead = before is None or today >= before
    # Curves rise to the right: free room is above on the left and below on the right of a point.
    upper = {"xanchor": "right", "yanchor": "bottom", "xshift": -10, "yshift": 6}
    lower = {"xanchor": "left", "yanchor": "top", "xshift": 12, "yshift": -8}
    bold = {"size": 14 if style.is_narrow else 17, "color": palette.accent}
    notes = [label(style, f"<b>{text}</b>", goal.days_left, today, font=bold, **(upper if is_ahead else lower))]
    # A phone has no room for a second label beside the first; the page's sentence says the difference.
    if before is not None and not style.is_narrow:
        text = style.text("overview.progress.same_day", year=last_year, share=formats.percent(before))
        plain = {"size": 12, "color": palette.muted}
        notes.append(label(style, text, goal.days_left, before, font=plain, **(lower if is_ahead else upper)))
    return notes


def _ticks(first_day: int) -> list[int]:
    return list(range(first_day // 30 * 30, -1, -30))
