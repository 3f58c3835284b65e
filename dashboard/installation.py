"""What this process serves: the data, the cities, the clock and the way viewers are known. One per server."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import current_app

from configuration.cities import CityFolder
from dashboard.audit import Audit
from dashboard.clock import BusinessClock
from dashboard.store import Store
from dashboard.tokens import TokenFile

EXTENSION = "canbao"


@dataclass(frozen=True)
class Installation:
    """`tokens` is None in the demo, where a switch decides the role; `trusted_proxy` is who alone may connect."""

    home: Path
    cities: Mapping[str, CityFolder]
    store: Store
    clock: BusinessClock
    audit: Audit
    is_demo: bool
    tokens: TokenFile | None
    trusted_proxy: str | None


def installation() -> Installation:
    """The installation of the server that answers the current request."""
    found: Installation = current_app.extensions[EXTENSION]
    return found
