"""The channels of a city as bands of a chart: one order and one colour each, the same in every chart."""

from collections.abc import Sequence
from dataclasses import dataclass

from configuration.city import Channel, ChannelKind
from dashboard.figures import FigureStyle, Palette

HIDDEN = "hidden"  # what small cells hold together; a band of its own, so that the whole stays whole

# What others collected or paid recedes beside the ways that people choose themselves.
_RECEDING = {ChannelKind.COLLECTIVE: 1, ChannelKind.ASSISTANCE: 2}


@dataclass(frozen=True)
class Band:
    """A channel in a chart."""

    code: str
    name: str
    colour: str


def channel_bands(channels: Sequence[Channel], language: str, palette: Palette) -> list[Band]:
    """Bands in the order of stacking: the city's order, collective and assisted payment last and in grey."""
    ordered = sorted(channels, key=lambda channel: _RECEDING.get(channel.kind, 0))
    greys = {ChannelKind.COLLECTIVE: palette.rest, ChannelKind.ASSISTANCE: palette.faint}
    hues = list(palette.hues)
    bands: list[Band] = []
    for channel in ordered:
        colour = greys.get(channel.kind) or (hues.pop(0) if hues else palette.muted)
        bands.append(Band(channel.code, channel.name.in_language(language), colour))
    return bands


def with_hidden(bands: Sequence[Band], style: FigureStyle) -> list[Band]:
    """`bands` and, above them, the band of what is hidden."""
    return [*bands, Band(HIDDEN, style.text("channels.mix.hidden"), style.palette.grid)]
