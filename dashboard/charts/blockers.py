"""What holds those who are due and have not paid, each group with its remedy. The groups add up to the unpaid."""

import pandas as pd

from dashboard.figures import FigureStyle, bare_axis, base_layout, label, rows_height

ROW_PX = 44
# Order of precedence: what must be removed first stands first; the open-ended last group recedes.
ORDER = (
    "not_registered",
    "order_pending",
    "no_card",
    "not_issued",
    "not_activated",
    "funded_unpaid",
    "order_void",
    "silent_since_last_year",
    "nothing_known",
)
HARD = frozenset(ORDER[:5])  # cannot pay before the remedy; the others could pay today


def shape(blockers: pd.DataFrame) -> pd.DataFrame:
    """Persons by group, in order of precedence.

    Args:
        blockers: blocker, persons (NA where hidden), is_hidden.

    Returns:
        blocker, persons, is_hidden, share_rate (of all unpaid shown, 0–1); groups with nobody are left out.
    """
    known = blockers[blockers["blocker"].isin(ORDER)]
    rows = known[known["is_hidden"] | (known["persons"].fillna(0) > 0)].copy()
    rank = {code: place for place, code in enumerate(ORDER)}
    rows = rows.sort_values("blocker", key=lambda codes: codes.map(rank)).reset_index(drop=True)
    total = int(rows["persons"].fillna(0).sum())
    rows["share_rate"] = rows["persons"].astype("Float64") / total if total else pd.NA
    return rows[["blocker", "persons", "is_hidden", "share_rate"]]


def figure(frame: pd.DataFrame, style: FigureStyle) -> dict[str, object]:
    """A bar a group, its name and remedy above it, its number at its end."""
    palette = style.palette
    rows = list(range(len(frame)))
    persons = [0 if hidden else int(value) for value, hidden in zip(frame["persons"], frame["is_hidden"], strict=True)]
    most = max(persons, default=0) or 1
    notes = []
    for row in rows:
        code = str(frame["blocker"].iloc[row])
        remedy = style.text(f"overview.blockers.remedy.{code}")
        name = f"<b>{style.text(f'overview.blockers.name.{code}')}</b>"
        text = f"{name}  <span style='font-size:12px;color:{palette.muted}'>{remedy}</span>"
        notes.append(label(style, text, 0, row - 0.44, xref="paper", yanchor="top", font={"color": palette.ink}))
        number = style.text("common.hidden") if frame["is_hidden"].iloc[row] else style.formats.count(persons[row])
        notes.append(label(style, number, persons[row], row + 0.2, xshift=8, font={"color": palette.ink}))
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": persons,
                "y": [row + 0.2 for row in rows],
                "width": 0.34,
                "marker": {"color": [_colour(code, style) for code in frame["blocker"]]},
                "hoverinfo": "skip",
            }
        ],
        "layout": base_layout(
            style,
            rows_height(len(frame), ROW_PX, 8),
            (0, 0, 0, 0),
            xaxis=bare_axis(range=[0, most * 1.22]),
            yaxis=bare_axis(range=[len(frame) - 0.5, -0.5]),
            annotations=notes,
        ),
    }


def sentence(frame: pd.DataFrame, style: FigureStyle) -> str:
    """The largest group whose way to pay is blocked, and how many could pay today."""
    shown = frame[~frame["is_hidden"].astype(bool)]
    ready = int(shown[~shown["blocker"].isin(HARD)]["persons"].fillna(0).sum())
    blocked = shown[shown["blocker"].isin(HARD)]
    count = style.formats.count
    if blocked.empty:
        return style.text("overview.blockers.all_ready", ready=count(ready))
    largest = max(blocked.to_dict("records"), key=lambda group: int(group["persons"]))
    return style.text(
        "overview.blockers.finding",
        blocked=count(int(blocked["persons"].sum())),
        ready=count(ready),
        group=style.text(f"overview.blockers.name.{largest['blocker']}"),
        largest=count(int(largest["persons"])),
    )


def _colour(code: object, style: FigureStyle) -> str:
    if code == "nothing_known":
        return style.palette.rest
    return style.palette.warn if code in HARD else style.palette.accent
