"""The store: the one door to data. Sums from marts of the current generation, suppressed for the viewer, cached.

It answers only about tables that the permissions below name; pages never see a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from sqlalchemy import Table
from sqlalchemy.exc import SQLAlchemyError

from dashboard.access import BACK_OFFICE, EVERYONE, STAFF, ForbiddenError, Role, Viewer
from dashboard.cache import RecentlyUsed
from dashboard.queries import BOOKKEEPING, Question, Sums, build_question, pick, read_base
from warehouse.generations import Generation, NoGenerationError, Warehouse
from warehouse.schema import metadata

PERMISSIONS: Mapping[str, frozenset[Role]] = {
    "meta_generation": EVERYONE,
    "meta_cities": EVERYONE,
    "meta_divisions": EVERYONE,
    "meta_campaigns": EVERYONE,
    "mart_collection": STAFF,
    "mart_progress_daily": EVERYONE,
    "mart_channel_daily": EVERYONE,
    "mart_tiers": EVERYONE,
    "mart_coverage": EVERYONE,
    "mart_not_due": STAFF,
    "mart_blockers": STAFF,
    "mart_card_funnel": STAFF,
    "mart_exposure": STAFF,
    "mart_money_daily": STAFF,
    "mart_feed_days": STAFF | {Role.DISPLAY},
    "load_batches": BACK_OFFICE,
    "load_refused_files": BACK_OFFICE,
    "load_set_aside": BACK_OFFICE,
}

KEPT_BASES = 128
KEPT_ANSWERS = 1024


@dataclass(frozen=True)
class Answer:
    """Rows for a page, and whether they are remembered because the database does not answer now."""

    frame: pd.DataFrame
    is_stale: bool


@dataclass
class Store:
    """Reads for one CANBAO_HOME. One per process; safe for concurrent threads."""

    warehouse: Warehouse
    _sums: RecentlyUsed[Sums] = field(default_factory=lambda: RecentlyUsed(KEPT_BASES))
    _remembered: RecentlyUsed[Sums] = field(default_factory=lambda: RecentlyUsed(KEPT_BASES))
    _picked: RecentlyUsed[pd.DataFrame] = field(default_factory=lambda: RecentlyUsed(KEPT_ANSWERS))
    _served: Generation | None = None

    def generation(self) -> tuple[Generation, bool]:
        """The generation to read, and whether it is only remembered. Raises NoGenerationError without either."""
        try:
            self._served = self.warehouse.current()
        except (NoGenerationError, OSError, SQLAlchemyError):
            if self._served is None:
                raise
            return self._served, True
        return self._served, False

    def read(
        self, viewer: Viewer, mart: str, by: Sequence[str], values: Sequence[str], where: Mapping[str, object]
    ) -> Answer:
        """Sums of `values` for each combination of `by`, filtered, as `viewer` may see them.

        Columns: `by` (days as datetime64), `values` (Int64; NA when hidden or unknown) and `is_hidden` (a value of
        the row is withheld). Rows are ordered by `by`. A filter is a value, a collection of values, AtMost or
        AtLeast. `values` may name `rows`, the number of rows. Raises ForbiddenError, and ValueError for columns that
        the table does not have.
        """
        table = _allowed_table(viewer, mart)
        question = build_question(table, by, values, where)
        is_exact = _is_exact(viewer, question)
        generation, is_stale = self.generation()
        key = (generation.path, question, is_exact)
        if (picked := self._picked.peek(key)) is not None:
            return Answer(picked.copy(deep=False), is_stale)
        base = question.base(table, is_exact=is_exact)
        try:
            sums = self._sums.get((generation.path, base), lambda: read_base(generation.engine, table, base))
        except (SQLAlchemyError, OSError):
            remembered = self._remembered.peek(base)
            if remembered is None:
                raise
            return Answer(pick(question, base, remembered), True)
        self._remembered.put(base, sums)
        picked = pick(question, base, sums)
        self._picked.put(key, picked)
        # Copied on write: nothing that a page does to its rows reaches the kept ones.
        return Answer(picked.copy(deep=False), is_stale)


def _allowed_table(viewer: Viewer, mart: str) -> Table:
    if viewer.role not in PERMISSIONS.get(mart, frozenset()):
        raise ForbiddenError(f"table {mart}")
    return metadata.tables[mart]


def _is_exact(viewer: Viewer, question: Question) -> bool:
    """Whether this viewer sees this answer without suppression. A clerk may not even ask for other divisions."""
    if viewer.role is Role.OPERATOR:
        return question.mart in BOOKKEEPING
    if viewer.role is not Role.CLERK or not question.divisions:
        return False
    if foreign := question.divisions - viewer.divisions:
        raise ForbiddenError("divisions " + ",".join(sorted(foreign)))
    return True
