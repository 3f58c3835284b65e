"""Small cells: nothing hidden comes back by subtraction, and nothing is hidden or changed without need."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from dashboard.suppression import THRESHOLD_PERSONS, Cells, protect, round_to_base

COUNTS = st.lists(st.integers(0, 60), min_size=2, max_size=12)
FEW_SMALL = st.one_of(st.integers(0, 12), st.integers(10, 400))
GRID = st.integers(2, 4).flatmap(
    lambda wide: st.lists(st.lists(FEW_SMALL, min_size=wide, max_size=wide), min_size=2, max_size=4)
)


def line(counts: list[int]) -> pd.DataFrame:
    """One dimension, its counts and money at 180 yuan a head."""
    frame = pd.DataFrame({"town": range(len(counts)), "persons": counts, "fen": [count * 18_000 for count in counts]})
    return frame.astype({"persons": "Int64", "fen": "Int64"})


LINE_CELLS = Cells({"town": []}, ["persons"], {"fen": "persons"})


@given(COUNTS)
def test_hidden_siblings_are_never_alone_and_leave_ten_values_each(counts: list[int]) -> None:
    _, hidden = protect(line(counts), LINE_CELLS)
    flags = hidden["persons"].to_numpy()
    values = np.array(counts)
    assert (flags[(values > 0) & (values < THRESHOLD_PERSONS)]).all()
    assert not flags[values == 0].any()
    visible = values[~flags & (values > 0)]
    if flags.any() and len(visible):
        assert flags.sum() >= 2
        # Whoever knew the sum exactly: each hidden cell lies between 1 and sum − (cells − 1).
        assert values[flags].sum() - flags.sum() + 1 >= THRESHOLD_PERSONS
        assert values[flags].max() <= visible.min() or visible.min() >= THRESHOLD_PERSONS


@given(COUNTS)
def test_what_is_shown_is_rounded_and_money_gives_no_more_away(counts: list[int]) -> None:
    shown, hidden = protect(line(counts), LINE_CELLS)
    for count, persons, fen, is_hidden in zip(counts, shown["persons"], shown["fen"], hidden["persons"], strict=True):
        if is_hidden:
            assert persons is pd.NA
            assert fen is pd.NA
        else:
            assert persons % 5 == 0
            assert abs(persons - count) <= 2
            assert fen == persons * 18_000


@given(COUNTS, st.randoms(use_true_random=False))
def test_a_cell_has_the_same_answer_in_any_order_of_rows(counts: list[int], random: np.random.Generator) -> None:
    distinct = sorted(set(counts))
    shuffled = list(distinct)
    random.shuffle(shuffled)
    answers = [
        dict(zip(order, protect(line(order), LINE_CELLS)[0]["persons"].astype("object").fillna(-1), strict=True))
        for order in (distinct, shuffled)
    ]
    assert answers[0] == answers[1]


@settings(max_examples=60)
@given(GRID)
@example([[0, 1], [253, 0]])
def test_two_dimensions_and_their_totals_do_not_give_a_small_count_back(rows: list[list[int]]) -> None:
    table = np.array(rows)
    assume(table.sum() >= 100)  # the whole city is published exactly, and no city has fewer
    flags, shown = protected_grid(table)
    totals = [
        (np.ones(table.shape), (table.sum(), table.sum())),
        *[(mask(table, row=i), margin(table.sum(axis=1), i)) for i in range(table.shape[0])],
        *[(mask(table, column=j), margin(table.sum(axis=0), j)) for j in range(table.shape[1])],
    ]
    rules = [(weights.ravel(), bounds) for weights, bounds in totals if bounds is not None]
    limits = [
        (1, None) if flags.flat[k] else (max(shown.flat[k] - 2, 0), shown.flat[k] + 2 if shown.flat[k] else 0)
        for k in range(table.size)
    ]
    above = np.array([sign * weights for weights, _ in rules for sign in (1, -1)])
    edges = np.array([edge for _, (low, high) in rules for edge in (high, -low)])
    for k in np.flatnonzero(flags.ravel() & (table.ravel() < THRESHOLD_PERSONS)):
        goal = np.eye(table.size)[k]
        least, most = (float(linprog(g, A_ub=above, b_ub=edges, bounds=limits).fun or 0) for g in (goal, -goal))
        assert -most - least >= 1


def protected_grid(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Flags and shown values of a two-dimensional table."""
    height, width = table.shape
    frame = pd.DataFrame(
        {"a": np.repeat(range(height), width), "b": np.tile(range(width), height), "persons": table.ravel()}
    )
    cells = Cells({"a": ["b"], "b": ["a"], "*": []}, ["persons"], {})
    shown, hidden = protect(frame.astype({"persons": "Int64"}), cells)
    values = shown["persons"].fillna(0).to_numpy(int).reshape(table.shape)
    return hidden["persons"].to_numpy().reshape(table.shape), values


def margin(totals: np.ndarray, index: int) -> tuple[int, int] | None:
    """What the published table of one dimension says about a total: lowest and highest, None when hidden."""
    shown, hidden = protect(line([int(total) for total in totals]), LINE_CELLS)
    if hidden["persons"].iloc[index]:
        return None
    value = int(shown["persons"].iloc[index])
    return (max(value - 2, 0), value + 2) if value else (0, 0)


def mask(table: np.ndarray, *, row: int | None = None, column: int | None = None) -> np.ndarray:
    """Ones in one row or one column."""
    weights = np.zeros(table.shape)
    if row is not None:
        weights[row, :] = 1
    if column is not None:
        weights[:, column] = 1
    return weights


def test_a_lone_small_part_of_a_published_row_takes_another_part_with_it() -> None:
    frame = pd.DataFrame({"village": ["v"], "due": [1000], "on_time": [700], "late": [4], "unpaid": [296]}).astype(
        dict.fromkeys(["due", "on_time", "late", "unpaid"], "Int64")
    )
    counts = ["due", "on_time", "late", "unpaid"]
    _, hidden = protect(frame, Cells({"village": []}, counts, {}, (("on_time", "late", "unpaid"),)))
    assert hidden.iloc[0].to_dict() == {"due": False, "on_time": False, "late": True, "unpaid": True}


def test_bookkeeping_stays_to_the_fen() -> None:
    shown, hidden = protect(line([3, 4, 13, 27]), Cells({"town": []}, ["persons"], {"fen": "persons"}, (), False))
    assert hidden["fen"].tolist() == [True, True, True, False]
    assert shown["fen"].iloc[3] == 27 * 18_000


@pytest.mark.parametrize(("count", "shown"), [(10, 10), (12, 10), (13, 15), (17, 15), (18, 20), (0, 0)])
def test_rounding_to_base_five(count: int, shown: int) -> None:
    assert round_to_base(np.array([count])).tolist() == [shown]
