"""What pages are composed of: pure functions from values to Dash components."""

from dashboard.components.cards import card, chart_card, colour_key, empty_state, facts, kpi, notice, tag
from dashboard.components.layout import grid, kpi_row, span
from dashboard.components.tables import TableCell, TableColumn, TableRow, data_table, hidden_cell, unknown_cell
from dashboard.components.text import Tone, headline, marked, unmarked

__all__ = [
    "TableCell",
    "TableColumn",
    "TableRow",
    "Tone",
    "card",
    "chart_card",
    "colour_key",
    "data_table",
    "empty_state",
    "facts",
    "grid",
    "headline",
    "hidden_cell",
    "kpi",
    "kpi_row",
    "marked",
    "notice",
    "span",
    "tag",
    "unknown_cell",
    "unmarked",
]
