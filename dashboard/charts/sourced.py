"""A policy value on screen: the value, how sure it is, and where it stands."""

from typing import TypeVar

from dash import html
from dash.development.base_component import Component

from dashboard.components import tag
from dashboard.figures import FigureStyle
from insurance.values import Certainty, Sourced

T = TypeVar("T")


def certainty_tag(value: Sourced[T], style: FigureStyle, shown: str) -> Component:
    """`shown` with a small label of its certainty; what is not stated wears the warning."""
    label = style.text(f"sourced.certainty_{value.certainty}")
    return html.Span([shown, " ", tag(label, "" if is_stated(value) else "warn")])


def source_line(value: Sourced[T], style: FigureStyle) -> str:
    """Document, section and rule in the reader's language; without a source, the note, or that there is none."""
    language = style.words.language
    parts = []
    if value.source is not None:
        parts = [part for part in (value.source.document, value.source.section) if part]
        if value.source.rule is not None:
            parts.append(value.source.rule.in_language(language))
    if value.note is not None:
        parts.append(value.note.in_language(language))
    return " · ".join(parts) or style.text("common.unknown")


def is_stated(value: Sourced[T]) -> bool:
    """Whether a source says it, directly or by arithmetic."""
    return value.certainty in (Certainty.STATED, Certainty.DERIVED)
