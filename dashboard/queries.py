"""From a question about a mart to rows: one select, suppression over whole sets of siblings, then the filter.

A cell must have the same answer whichever address leads to it. So a filter that pins a column to one value is not put
into the select: the column becomes a dimension, suppression sees all its siblings, and the pinned rows are picked
afterwards.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Engine,
    Integer,
    Select,
    Table,
    case,
    cast,
    func,
    null,
    select,
)

from dashboard.suppression import Cells, protect

ROWS = "rows"  # a value that every table has: how many rows

# The whole city and its years are published exactly; every other column splits.
OPEN_COLUMNS = frozenset({"city", "campaign_year"})
WHOLE = "*"
# Known from the city's folder, not from counting persons.
PUBLISHED_COUNTS = frozenset({"eligible_persons"})
# A sum over rows of which one is unknown is unknown; in other columns an empty value means that nothing happened.
UNKNOWN_SPREADS = frozenset({"subsidy_fen"})
# The division above: its total is published, so siblings are those below the same one.
PARENTS: Mapping[str, str] = {"division_code": "town_code"}
# Dimensions made from a day: its month, where days and weeks would hold too few persons each.
MONTHS: Mapping[str, str] = {"paid_month": "paid_on"}
# Columns that another one decides: they label its cells and split nothing further.
LABELS: Mapping[str, str] = {"days_to_deadline": "paid_on", "has_tier_choice": "category"}
FAMILIES: Mapping[str, Sequence[Sequence[str]]] = {
    "mart_coverage": (("due_on_time_persons", "due_late_persons", "due_unpaid_persons"),),
}
# Sums of money by channel, reconciled to the fen: small cells are hidden, nothing is rounded.
BOOKKEEPING = frozenset({"mart_money_daily"})
# Columns that lead towards a single row of a source.
CLOSED_COLUMNS = frozenset({"row_hash", "line_no", "content_hash"})


@dataclass(frozen=True)
class AtMost:
    """A filter: the column is at most `value`."""

    value: date | int


@dataclass(frozen=True)
class AtLeast:
    """A filter: the column is at least `value`."""

    value: date | int


Filter = tuple[str, object]


@dataclass(frozen=True)
class Question:
    """Sums of `values` for each combination of `by`. Comparable, so that it can be the key of a cache."""

    mart: str
    by: tuple[str, ...]
    values: tuple[str, ...]
    where: tuple[Filter, ...]  # a value, a frozenset of values, AtMost or AtLeast

    @property
    def splits(self) -> frozenset[str]:
        """Columns that make the answer less than whole cities."""
        return (frozenset(self.by) | frozenset(name for name, _ in self.where)) - OPEN_COLUMNS

    @property
    def divisions(self) -> frozenset[str]:
        """What the answer is confined to: division codes (or filters that no code equals); empty when it is not."""
        confined = [value for name, value in self.where if name in ("town_code", "division_code")]
        parts = [value if isinstance(value, frozenset) else frozenset({value}) for value in confined]
        return frozenset(str(code) for part in parts for code in part)

    def base(self, table: Table, *, is_exact: bool) -> "Base":
        """The set of siblings that this question is answered from; many questions share one."""
        pinned = [name for name, value in self.where if name not in OPEN_COLUMNS and _is_pinned(value)]
        parents = [PARENTS[name] for name in (*self.by, *pinned) if name in PARENTS and PARENTS[name] in table.columns]
        dimensions = tuple(sorted({*self.by, *pinned, *parents}))
        early = tuple(item for item in self.where if item[0] not in dimensions or item[0] in OPEN_COLUMNS)
        counts = _counts_of(table)
        values = tuple(sorted({*self.values, *counts, *_money_of(table, counts)}))
        return Base(self.mart, dimensions, values, early, bool(self.splits) and not is_exact)


@dataclass(frozen=True)
class Base:
    """Sums over whole sets of siblings. Comparable, so that it can be the key of a cache."""

    mart: str
    dimensions: tuple[str, ...]
    values: tuple[str, ...]
    filters: tuple[Filter, ...]
    is_protected: bool


@dataclass(frozen=True)
class Sums:
    """Rows of a base: what may be shown, and which cells are withheld."""

    frame: pd.DataFrame
    hidden: pd.DataFrame


def build_question(table: Table, by: Sequence[str], values: Sequence[str], where: Mapping[str, object]) -> Question:
    """A question about `table`. Raises ValueError for columns that it does not have or that are closed."""
    known = set(table.columns.keys()) - CLOSED_COLUMNS
    months = {name for name, day in MONTHS.items() if day in known}
    if unknown := sorted(set(by) - known - months | set(where) - known | set(values) - known - {ROWS}):
        raise ValueError(f"{table.name} has no open column {', '.join(unknown)}")
    return Question(table.name, tuple(by), tuple(values), tuple((name, _frozen(where[name])) for name in sorted(where)))


def read_base(engine: Engine, table: Table, base: Base) -> Sums:
    """The sums of `base`, suppressed where it says so."""
    frame = _fetch(engine, table, base)
    if not base.is_protected:
        return Sums(frame, pd.DataFrame(index=frame.index))
    counts = _counts_of(table)
    families = FAMILIES.get(table.name, ())
    is_rounded = table.name not in BOOKKEEPING
    cells = Cells(_siblings(base.dimensions), counts, _money_of(table, counts), families, is_rounded)
    return Sums(*protect(frame, cells))


def pick(question: Question, base: Base, sums: Sums) -> pd.DataFrame:
    """`by`, `values` (Int64) and `is_hidden` of the rows that the question asks for, ordered by `by`."""
    kept = np.ones(len(sums.frame), np.bool_)
    for name, value in question.where:
        if (name, value) not in base.filters:
            kept &= _keeps(sums.frame[name], value)
    rows = np.flatnonzero(kept)
    # Column by column: a page asks many small questions, and a frame's own selection costs more than all else.
    picked: dict[str, object] = {name: sums.frame[name].array.take(rows) for name in (*question.by, *question.values)}
    is_hidden = np.zeros(len(rows), np.bool_)
    for name in question.values:
        if name in sums.hidden.columns:
            is_hidden |= sums.hidden[name].to_numpy()[rows]
    result = pd.DataFrame(picked | {"is_hidden": is_hidden})
    if list(question.by) == sorted(question.by):
        return result  # the order of the base
    return result.sort_values(list(question.by), ignore_index=True)


def _fetch(engine: Engine, table: Table, base: Base) -> pd.DataFrame:
    dimensions = [_dimension(table, name) for name in base.dimensions]
    statement: Select[tuple[object, ...]] = (
        select(*dimensions, *(_sum(table, name) for name in base.values))
        .where(*(_condition(table.c[name], value) for name, value in base.filters))
        .group_by(*dimensions)
        .order_by(*dimensions)
    )
    with engine.connect() as connection:
        rows = connection.execute(statement).fetchall()
    # Codes stay Python strings: for frames this small, columns of Arrow strings cost several times as much to read.
    frame = pd.DataFrame([tuple(row) for row in rows], columns=[*base.dimensions, *base.values], dtype=object)
    for name in base.dimensions:
        kind = _dimension(table, name).type
        if isinstance(kind, (Date, DateTime)):
            frame[name] = pd.to_datetime(frame[name])
        elif isinstance(kind, Integer):
            frame[name] = pd.to_numeric(frame[name])
        elif isinstance(kind, Boolean):
            frame[name] = frame[name].astype("boolean")
    return frame.astype(dict.fromkeys(base.values, "Int64"))


def _dimension(table: Table, name: str) -> ColumnElement[Any]:
    if name in MONTHS:
        return cast(func.date_trunc("month", table.c[MONTHS[name]]), Date).label(name)
    return table.c[name]


def _sum(table: Table, name: str) -> ColumnElement[int]:
    if name == ROWS:
        return func.count().label(ROWS)
    column = table.c[name]
    total: ColumnElement[int] = cast(func.sum(column), BigInteger)
    if name in UNKNOWN_SPREADS:
        total = case((func.count(column) < func.count(), null()), else_=total)
    return total.label(name)


def _condition(column: ColumnElement[object], value: object) -> ColumnElement[bool]:
    if isinstance(value, AtMost):
        return column <= value.value
    if isinstance(value, AtLeast):
        return column >= value.value
    if isinstance(value, frozenset):
        return column.in_(sorted(value))
    return column == value


def _keeps(column: pd.Series, value: object) -> NDArray[np.bool_]:
    if isinstance(value, AtMost):
        kept = column <= _comparable(value.value)
    elif isinstance(value, AtLeast):
        kept = column >= _comparable(value.value)
    elif isinstance(value, frozenset):
        kept = column.isin([_comparable(item) for item in value])
    else:
        kept = column == _comparable(value)
    return kept.to_numpy(np.bool_, na_value=False)


def _comparable(value: object) -> object:
    return pd.Timestamp(value) if isinstance(value, date) else value


def _frozen(value: object) -> object:
    return frozenset(value) if isinstance(value, Collection) and not isinstance(value, str) else value


def _is_pinned(value: object) -> bool:
    return not isinstance(value, (frozenset, AtMost, AtLeast))


def _counts_of(table: Table) -> list[str]:
    """Columns that count persons (or, in bookkeeping, their payments)."""
    if table.name in BOOKKEEPING:
        return ["payments"]
    return [name for name in table.columns.keys() if name.endswith("persons") and name not in PUBLISHED_COUNTS]  # noqa: SIM118


def _money_of(table: Table, counts: Sequence[str]) -> dict[str, str]:
    if not counts:
        return {}
    count = "paid_persons" if "paid_persons" in counts else counts[0]
    return {name: count for name in table.columns.keys() if name.endswith("_fen")}  # noqa: SIM118


def _siblings(dimensions: Sequence[str]) -> dict[str, list[str]]:
    """For every dimension that splits, those that stay fixed among its siblings."""
    labels = {name for name in dimensions if LABELS.get(name) in dimensions}
    above = {PARENTS[name] for name in dimensions if name in PARENTS}
    splitting = [name for name in dimensions if name not in OPEN_COLUMNS | labels | above]
    siblings = {name: [other for other in dimensions if other != name and other not in labels] for name in splitting}
    # All cells of a city and year are siblings too: zeros are shown, and their total is published exactly.
    return siblings | {WHOLE: [name for name in dimensions if name in OPEN_COLUMNS]}
