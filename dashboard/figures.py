"""What all figures share: colours of both themes, fonts, axes, layouts, as plain dictionaries.

Never plotly.graph_objects: those are slow, and their first use is not safe among threads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dashboard.formats import Formats, Words

FONT_FAMILY = (
    '"Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "HarmonyOS Sans SC", '
    '"Microsoft YaHei", system-ui, sans-serif'
)


WHITE = "#ffffff"


@dataclass(frozen=True)
class Palette:
    """Colours of one theme, named as the tokens of assets/canbao.css; `hues` tell categories apart."""

    card: str
    line: str
    grid: str
    ink: str
    ink_2: str
    muted: str
    faint: str
    accent: str
    accent_soft: str
    warn: str
    warn_text: str
    hues: tuple[str, ...]
    rest: str  # what recedes: the unknown, the given up, the others


LIGHT = Palette(
    card="#ffffff", line="#e1e7ec", grid="#eaeef2", ink="#14212e", ink_2="#3a4a5a", muted="#586879", faint="#8fa0b0",
    accent="#0b6e99", accent_soft="#d3e7f0", warn="#d5731b", warn_text="#a9540a",
    hues=("#0b6e99", "#5ba4c6", "#a5cde0", "#c9a227", "#8b5fa3", "#357a77", "#5b6f82", "#c98a5e"),
    rest="#d5dbe2",
)  # fmt: skip
DARK = Palette(
    card="#17222c", line="#2a3946", grid="#24323e", ink="#eaf0f5", ink_2="#c6d2dc", muted="#9aabba", faint="#6d8092",
    accent="#56b4dc", accent_soft="#1d4257", warn="#ee9a4d", warn_text="#f2a65f",
    hues=("#56b4dc", "#2b769b", "#235974", "#d3b24a", "#a884c0", "#58aaa5", "#8398ab", "#c08a62"),
    rest="#3a4855",
)  # fmt: skip


@dataclass(frozen=True)
class FigureStyle:
    """What a figure needs to know of its reader: theme, language, room.

    Attributes:
        words: the page's context.
        palette: colours of the theme.
        is_narrow: drawn for a phone.
    """

    words: Words
    palette: Palette = LIGHT
    is_narrow: bool = False
    formats: Formats = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "formats", Formats(self.words))

    def text(self, key: str, **values: object) -> str:
        """A text in the reader's language."""
        return self.words.text(key, **values)


class ThemedWords(Words, Protocol):
    """A context that also knows its theme."""

    @property
    def theme(self) -> str:
        """ "light" or "dark"."""


def figure_style(context: ThemedWords, is_narrow: bool = False) -> FigureStyle:
    """The style of a page's figures."""
    return FigureStyle(words=context, palette=DARK if context.theme == "dark" else LIGHT, is_narrow=is_narrow)


def base_layout(
    style: FigureStyle, height: int, margin: tuple[int, int, int, int], **more: object
) -> dict[str, object]:
    """A layout without legend, tools or zoom.

    Args:
        style: theme and language.
        height: px.
        margin: left, right, top, bottom in px.
        more: further layout keys.
    """
    left, right, top, bottom = margin
    palette = style.palette
    return {
        "height": height,
        "autosize": True,
        "margin": {"l": left, "r": right, "t": top, "b": bottom, "pad": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT_FAMILY, "size": 13, "color": palette.muted},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": palette.card,
            "bordercolor": palette.line,
            "font": {"family": FONT_FAMILY, "size": 13, "color": palette.ink},
            "align": "left",
        },
        "separators": ".,",
        **more,
    }


def axis(style: FigureStyle, **more: object) -> dict[str, object]:
    """An axis with a faint grid and no line."""
    return {
        "fixedrange": True,
        "showline": False,
        "zeroline": False,
        "gridcolor": style.palette.grid,
        "tickfont": {"size": 12, "color": style.palette.muted},
        # Invisible ticks hold the labels off the plot.
        "ticks": "outside",
        "ticklen": 8,
        "tickcolor": "rgba(0,0,0,0)",
        **more,
    }


def bare_axis(**more: object) -> dict[str, object]:
    """An axis that is not seen."""
    return {"visible": False, "fixedrange": True, **more}


def label(style: FigureStyle, text: str, x: object, y: object, **more: object) -> dict[str, object]:
    """A text beside a mark, without arrow; left of it is anchored unless `xanchor` says otherwise."""
    font = {"size": 13, "color": style.palette.ink_2, **_mapping(more.pop("font", {}))}
    return {
        "text": text,
        "x": x,
        "y": y,
        "showarrow": False,
        "xanchor": "left",
        "yanchor": "middle",
        "font": font,
        **more,
    }


def rows_height(rows: int, row_px: int, around_px: int) -> int:
    """Height in px of a chart with one row a thing."""
    return max(rows, 1) * row_px + around_px


def text_px(text: str, size: int = 13) -> int:
    """About how wide `text` is in letters of `size` px: Chinese ones are square, others little more than half."""
    return round(sum(size if ord(letter) > 0x2E80 else size * 0.58 for letter in text))


def spread(values: Sequence[float], least: float, most: float = float("inf")) -> list[float]:
    """Positions near `values` (same order) at least `least` apart, so that direct labels do not overlap.

    Labels that collide are moved as a block around their common middle; none is put above `most`.
    """
    order = sorted(range(len(values)), key=lambda index: values[index])
    blocks: list[tuple[list[int], float]] = []
    for index in order:
        members, middle = [index], values[index]
        while blocks:
            before, before_middle = blocks[-1]
            reach = least * (len(before) + len(members)) / 2
            if middle - before_middle >= reach:
                break
            blocks.pop()
            middle = (before_middle * len(before) + middle * len(members)) / (len(before) + len(members))
            members = before + members
        blocks.append((members, middle))
    placed = [0.0] * len(values)
    for members, middle in blocks:
        start = middle - least * (len(members) - 1) / 2
        for step, index in enumerate(members):
            placed[index] = start + least * step
    ceiling = most
    for index in reversed(order):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - least
    return placed


def readable_on(colour: str) -> str:
    """White or near-black, whichever contrasts more with `colour` (#rrggbb)."""
    behind = _luminance(colour) + 0.05
    return WHITE if (_luminance(WHITE) + 0.05) / behind > behind / (_luminance(LIGHT.ink) + 0.05) else LIGHT.ink


def _luminance(colour: str) -> float:
    """Relative luminance after WCAG 2."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mapping(value: object) -> Mapping[str, object]:
    assert isinstance(value, Mapping)
    return value
