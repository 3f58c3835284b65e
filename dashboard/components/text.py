"""Sentences with their numbers in colour.

Catalogue texts mark the words that matter: `**41 days**` takes the accent, `!!740 short!!` the warning. The marks never
carry meaning alone: the words say it too.
"""

import re
from typing import Literal

from dash import html
from dash.development.base_component import Component

Tone = Literal["", "accent", "warn", "muted"]

_MARKS = re.compile(r"\*\*(?P<accent>.+?)\*\*|!!(?P<warn>.+?)!!")


def marked(text: str) -> list[Component | str]:
    """`text` as Dash children, marked stretches wrapped in coloured spans."""
    children: list[Component | str] = []
    end = 0
    for match in _MARKS.finditer(text):
        if match.start() > end:
            children.append(text[end : match.start()])
        if match["accent"] is not None:
            children.append(html.Strong(match["accent"], className="cb-mark"))
        else:
            children.append(html.Strong(match["warn"], className="cb-mark cb-mark--warn"))
        end = match.end()
    if end < len(text):
        children.append(text[end:])
    return children


def unmarked(text: str) -> str:
    """`text` without its marks, for places that cannot colour: labels read aloud, exports."""
    return _MARKS.sub(lambda match: match["accent"] or match["warn"], text)


def headline(text: str, note: str = "") -> Component:
    """The sentence a page opens with.

    Args:
        text: the computed sentence, with marks.
        note: a smaller line below it: denominators and as-of day.
    """
    children: list[Component | str] = marked(text)
    if note:
        children.append(html.Span(note, className="cb-headline__note"))
    return html.H1(children, className="cb-headline")
