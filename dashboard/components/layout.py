"""Where things stand: twelve columns on a desk, one on a phone."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component


def grid(*cells: Component) -> Component:
    """A row of cells made by `span`; their widths should add up to twelve."""
    return html.Div(list(cells), className="cb-grid")


def span(columns: int, *children: Component) -> Component:
    """A cell `columns` of twelve wide (3 to 9, or 12); several children stand below one another."""
    return html.Div(list(children), className=f"cb-span-{columns} cb-stack")


def kpi_row(children: Sequence[Component]) -> Component:
    """Figures side by side, as many as fit."""
    return html.Div(list(children), className="cb-kpis")
