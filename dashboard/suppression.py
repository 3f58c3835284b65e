"""Small cells: what a viewer sees of counts of persons below the whole city. Pure functions over frames.

A count n with 0 < n < 10 is hidden. So that subtraction does not bring it back, the hidden cells among siblings are
never one alone, and whoever knew their sum would still have at least ten values left for each: the smallest visible
siblings are hidden with them until that holds. Every other count is rounded to base 5, and money is scaled along with
its count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

THRESHOLD_PERSONS = 10
BASE_PERSONS = 5

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Cells:
    """How a frame of aggregates is built.

    `siblings` maps a dimension to the dimensions that a published total keeps fixed when it is summed over; `counts`
    are columns that count persons; `money` maps a column in fen to its count; `families` are columns of a row that
    add up to a published one.
    """

    siblings: Mapping[str, Sequence[str]]
    counts: Sequence[str]
    money: Mapping[str, str]
    families: Sequence[Sequence[str]] = ()
    is_rounded: bool = True  # false for bookkeeping: small cells are hidden, the others stay to the fen


def protect(frame: pd.DataFrame, cells: Cells) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What may be shown of `frame`, and which cells are hidden.

    `frame`: one row a cell, Int64 values. Returns the same rows with hidden values NA, and a boolean frame with one
    column for every count and money column (true: hidden, which differs from unknown).
    """
    counts = {name: frame[name].fillna(0).to_numpy(np.int64) for name in cells.counts}
    groups = [_group_ids(frame, fixed) for fixed in cells.siblings.values()]
    hidden = {name: (values > 0) & (values < THRESHOLD_PERSONS) for name, values in counts.items()}
    while _spread(counts, hidden, groups, cells.families):
        pass
    shown, flags = frame.copy(), pd.DataFrame(index=frame.index)
    for name, values in counts.items():
        safe = round_to_base(values) if cells.is_rounded else values
        is_absent = hidden[name] | frame[name].isna().to_numpy()
        shown[name] = pd.Series(safe, index=frame.index, dtype="Int64").mask(is_absent)
        flags[name] = hidden[name]
    for name, count_name in cells.money.items():
        shown[name] = _safe_money(frame[name], counts[count_name], cells.is_rounded).mask(hidden[count_name])
        flags[name] = hidden[count_name]
    return shown, flags


def round_to_base(counts: Ints) -> Ints:
    """Counts to the nearest multiple of 5; a count of persons never lies half-way."""
    return np.asarray((counts + BASE_PERSONS // 2) // BASE_PERSONS * BASE_PERSONS, np.int64)


def _safe_money(fen: pd.Series, counts: Ints, is_rounded: bool) -> pd.Series:
    # Exact money divided by one price would give the exact count back, so it moves with the rounding of its count.
    if not is_rounded:
        return fen
    factor = np.divide(round_to_base(counts), counts, out=np.ones(len(counts)), where=counts > 0)
    return (fen.astype("Float64") * factor).round().astype("Int64")


def _group_ids(frame: pd.DataFrame, fixed: Sequence[str]) -> Ints:
    if not fixed:
        return np.zeros(len(frame), np.int64)
    return np.asarray(frame.groupby(list(fixed), sort=False, dropna=False).ngroup(), np.int64)


def _spread(
    counts: Mapping[str, Ints], hidden: dict[str, Bools], groups: Sequence[Ints], families: Sequence[Sequence[str]]
) -> bool:
    """Hide one more sibling wherever the hidden ones are not enough. False when nothing was left to do."""
    changed = False
    for name, values in counts.items():
        for ids in groups:
            more = _complement(values, hidden[name], ids)
            changed |= bool(more.any())
            hidden[name] |= more
    for family in families:
        values = np.concatenate([counts[name] for name in family])
        are_hidden = np.concatenate([hidden[name] for name in family])
        rows = len(counts[family[0]])
        more = _complement(values, are_hidden, np.tile(np.arange(rows), len(family)))
        changed |= bool(more.any())
        for position, name in enumerate(family):
            hidden[name] |= more[position * rows : (position + 1) * rows]
    return changed


def _complement(values: Ints, hidden: Bools, ids: Ints) -> Bools:
    """The smallest visible sibling of each group whose hidden cells are one alone, or hold too few persons together.

    Hidden cells hold at least one person each, so a known sum leaves each of them `sum - cells` + 1 possible values.
    """
    more = np.zeros(len(values), np.bool_)
    if not hidden.any():
        return more
    size = int(ids.max()) + 1
    hidden_cells = np.bincount(ids, hidden, size)
    hidden_persons = np.bincount(ids, np.where(hidden, values, 0), size)
    is_weak = (hidden_cells == 1) | ((hidden_cells > 0) & (hidden_persons - hidden_cells < THRESHOLD_PERSONS - 1))
    candidates = np.flatnonzero(~hidden & (values > 0) & is_weak[ids])
    # Smallest first within a group; ties fall to the first row, whose order the query fixes.
    order = candidates[np.lexsort((candidates, values[candidates], ids[candidates]))]
    first = np.unique(ids[order], return_index=True)[1]
    more[order[first]] = True
    return more
