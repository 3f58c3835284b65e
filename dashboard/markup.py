"""Attributes that HTML writes with a dash, for components of Dash."""

from typing import Any


def attributes(**values: str) -> dict[str, Any]:
    """Keyword arguments for a component: `data_theme="dark"` becomes the attribute data-theme."""
    return {name.replace("_", "-"): value for name, value in values.items()}
