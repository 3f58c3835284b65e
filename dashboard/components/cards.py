"""Cards: a chart with its words, a figure with its meaning, a list of facts, and faces for what is not there."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components.text import Tone, marked, unmarked
from dashboard.formats import UNKNOWN, Words

Figure = Mapping[str, object]

_GRAPH_CONFIG: Any = {
    "displayModeBar": False,
    "responsive": True,
    "scrollZoom": False,
    "doubleClick": False,
    "showTips": False,
}


def chart_card(
    words: Words,
    title: str,
    subtitle: str,
    figure: Figure,
    *,
    narrow_figure: Figure | None = None,
    sentence: str = "",
    spoken: str = "",
    key: Component | None = None,
    table: Component | None = None,
    footer: Component | None = None,
    source: str = "",
) -> Component:
    """A chart with its finding as title, its unit and denominator below, and the same data as a table that opens.

    Args:
        words: the page's context.
        title: what the chart shows, as a finding or a question.
        subtitle: unit, denominator, how to read the marks.
        figure: plain Plotly dictionary; `layout.height` (px) is the height of the chart.
        narrow_figure: the same chart drawn for a phone, where side labels would leave no room.
        sentence: a computed sentence shown below the subtitle, with marks.
        spoken: what is read aloud in place of the picture; the sentence, or else the title, when empty.
        key: names of colours, from `colour_key`, where marks are too small for direct labels.
        table: the data of the chart, from `data_table`.
        footer: a link to more, say.
        source: where the data come from, as-of day.
    """
    spoken = unmarked(spoken or sentence or title)
    body = [_graph(figure, spoken, "cb-chart" if narrow_figure is None else "cb-chart cb-chart--wide")]
    if narrow_figure is not None:
        body.append(_graph(narrow_figure, spoken, "cb-chart cb-chart--narrow"))
    if key is not None:
        body.append(key)
    if table is not None:
        body.append(html.Details([html.Summary(words.text("common.as_table")), table], className="cb-data"))
    if footer is not None:
        body.append(html.Div(footer, className="cb-card__footer"))
    return card(title, body, subtitle=subtitle, sentence=sentence, source=source)


def card(
    title: str, children: Sequence[Component], *, subtitle: str = "", sentence: str = "", source: str = ""
) -> Component:
    """A card with a title and anything inside."""
    parts: list[Component] = [html.H2(marked(title), className="cb-card__title")]
    if subtitle:
        parts.append(html.P(subtitle, className="cb-card__subtitle"))
    if sentence:
        parts.append(html.P(marked(sentence), className="cb-card__sentence"))
    parts.append(html.Div(list(children), className="cb-card__body"))
    if source:
        parts.append(html.P(source, className="cb-card__source"))
    return html.Section(parts, className="cb-card")


def kpi(label: str, value: str, unit: str = "", note: str = "", tone: Tone = "") -> Component:
    """A figure with what it is and what it is measured against.

    Args:
        label: what is counted.
        value: the number as `dashboard.formats` wrote it; a dash for unknown, with the reason in `note`.
        unit: its unit, set smaller.
        note: the comparison or the denominator, with marks.
        tone: colour of the note.
    """
    figure_class = "cb-kpi__figure" + (" cb-kpi__figure--unknown" if value == UNKNOWN else "")
    figure: list[Component | str] = [value]
    if unit:
        figure.append(html.Span(unit, className="cb-kpi__unit"))
    words: list[Component] = [html.H2(label, className="cb-kpi__label")]
    if note:
        words.append(html.P(marked(note), className="cb-kpi__note"))
    return html.Section(
        [html.Div(words, className="cb-kpi__words"), html.P(figure, className=figure_class)],
        className="cb-card cb-kpi" + (f" cb-kpi--{tone}" if tone else ""),
    )


def colour_key(entries: Sequence[tuple[str, str]], is_narrow_only: bool = False) -> Component:
    """Names with their colours (name, #rrggbb), for marks too small to carry their names; or on phones only."""
    items = [
        html.Li([html.Span(className="cb-key__swatch", style={"background": colour}), name]) for name, colour in entries
    ]
    return html.Ul(items, className="cb-key cb-key--narrow" if is_narrow_only else "cb-key")


def facts(pairs: Sequence[tuple[str, str | Component]], is_across: bool = False) -> Component:
    """Labels with values, one a line, or (`is_across`) side by side as many as fit."""
    rows = [html.Div([html.Dt(label), html.Dd(value)], className="cb-facts__row") for label, value in pairs]
    return html.Dl(rows, className="cb-facts cb-facts--across" if is_across else "cb-facts")


def tag(text: str, tone: Literal["", "warn", "muted"] = "") -> Component:
    """A small label: certainty of a value, state of a file."""
    return html.Span(text, className="cb-tag" + (f" cb-tag--{tone}" if tone else ""))


def empty_state(text: str, next_step: str = "") -> Component:
    """The face of nothing to show: a sentence, and what to do or wait for."""
    children: list[Component] = [html.P(marked(text), className="cb-empty__text")]
    if next_step:
        children.append(html.P(next_step, className="cb-empty__next"))
    return html.Div(children, className="cb-empty")


def notice(text: str, tone: Literal["", "warn"] = "") -> Component:
    """A line that matters for the whole page, with marks."""
    return html.Div(marked(text), className="cb-notice" + (f" cb-notice--{tone}" if tone else ""), role="note")


def _graph(figure: Figure, spoken: str, class_name: str) -> Component:
    layout = figure["layout"]
    assert isinstance(layout, Mapping)
    style = {"height": f"{layout['height']}px"}
    graph = dcc.Graph(figure=dict(figure), config=_GRAPH_CONFIG, responsive=True, style=style)
    attributes: dict[str, Any] = {"aria-label": spoken}
    return html.Div(graph, className=class_name, role="img", **attributes)
