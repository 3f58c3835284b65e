"""Reading ahead: the first visitor after a start or a publication need not wait for the first queries.

Every page of every city is put together once, in the background; the store keeps the sums that all viewers share. What
comes out is thrown away.
"""

import gc
import logging
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread

from sqlalchemy.exc import SQLAlchemyError

from dashboard import sitemap
from dashboard.access import Role, Viewer
from dashboard.addresses import join
from dashboard.context import build_context
from dashboard.installation import Installation
from dashboard.pagekit import compose
from warehouse.generations import NoGenerationError

logger = logging.getLogger(__name__)

# Sees all pages, and shares every answer with leaders.
READER = Viewer(Role.ANALYST, key_id="warming")
LOOK_SECONDS = 5.0


def start(place: Installation) -> None:
    """Warm `place` now and after every publication, for as long as the process lives."""
    Thread(target=_keep_warm, args=(place,), name="warming", daemon=True).start()


def warm(place: Installation) -> int:
    """Put every page of every city together, for the whole city and for a town. Returns how many addresses there were.

    Raises NoGenerationError; a page that fails by itself says so in the log, and the others go on.
    """
    place.store.generation()
    addresses = [
        (page, join("", {"city": code, "town": town}))
        for page in sitemap.all_pages()
        for code, folder in place.cities.items()
        for town in (None, *(town.code for town in folder.divisions.towns[:1]))
    ]
    for page, search in addresses:
        try:
            compose(build_context(place, page, search, READER))
        except Exception:  # whatever it is, visitors get a face that says so, and the other pages go on
            logger.warning("page %s at %s cannot be warmed", page.key, search, exc_info=True)
    return len(addresses)


def _keep_warm(place: Installation) -> None:
    warmed: Path | None = None
    while True:
        # With nothing published or readable there is nothing to warm; pages and /health say so.
        with suppress(NoGenerationError, OSError, SQLAlchemyError):
            generation, is_stale = place.store.generation()
            if not is_stale and generation.path != warmed:
                warm(place)
                warmed = generation.path
                # What lives as long as the process need not be searched for garbage: one full search takes longer
                # than a page.
                gc.collect()
                gc.freeze()
        time.sleep(LOOK_SECONDS)
