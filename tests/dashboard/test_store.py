"""The one door to data: what it answers, to whom, and what it does when the database changes or goes away."""

import shutil
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import text

from dashboard.access import ForbiddenError, Role, Viewer
from dashboard.identity import demo_viewer
from dashboard.installation import Installation
from dashboard.queries import AtLeast, AtMost
from dashboard.store import PERMISSIONS, Store
from tests.mart_world import write_mart_world
from warehouse.generations import NoGenerationError, Warehouse
from warehouse.schema import metadata

LEADER = Viewer(Role.LEADER)
OPERATOR = Viewer(Role.OPERATOR)


@pytest.fixture(scope="module")
def store(home: Path) -> Store:
    return Store(Warehouse(home))


@pytest.fixture(scope="module")
def city(store: Store) -> str:
    """A city of the generation."""
    return str(store.read(LEADER, "meta_cities", ["city"], [], {}).frame["city"].iloc[0])


def sql(store: Store, statement: str) -> list[tuple[object, ...]]:
    with store.generation()[0].engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def test_grand_totals_are_exact(store: Store, city: str) -> None:
    where = {"city": city, "campaign_year": 2018}
    frame = store.read(LEADER, "mart_coverage", [], ["paid_persons", "due_persons"], where).frame
    [expected] = sql(
        store,
        f"SELECT sum(paid_persons), sum(due_persons) FROM mart_coverage WHERE city = '{city}' AND campaign_year = 2018",
    )
    assert tuple(frame.iloc[0][["paid_persons", "due_persons"]]) == expected
    assert not frame["is_hidden"].iloc[0]


def test_years_of_a_city_are_exact_beside_each_other(store: Store, city: str) -> None:
    frame = store.read(LEADER, "mart_coverage", ["campaign_year"], ["paid_persons"], {"city": city}).frame
    rows = sql(
        store,
        f"SELECT campaign_year, sum(paid_persons) FROM mart_coverage WHERE city = '{city}' GROUP BY 1 ORDER BY 1",
    )
    assert list(zip(frame["campaign_year"], frame["paid_persons"], strict=True)) == rows


def test_parts_of_a_city_are_rounded_and_small_ones_hidden(store: Store, city: str) -> None:
    frame = store.read(LEADER, "mart_blockers", ["town_code", "blocker"], ["persons"], {"city": city}).frame
    assert frame["is_hidden"].any()
    shown = frame.loc[~frame["is_hidden"], "persons"]
    assert len(shown)
    assert (shown % 5 == 0).all()
    assert frame.loc[frame["is_hidden"], "persons"].isna().all()


def test_a_cell_has_one_answer_whichever_way_it_is_asked_for(store: Store, city: str) -> None:
    by = ["town_code", "division_code"]
    base = {"city": city, "campaign_year": 2018}
    whole = store.read(LEADER, "mart_blockers", [*by, "blocker"], ["persons"], base).frame
    for town in whole["town_code"].unique():
        where = base | {"town_code": town}
        part = store.read(LEADER, "mart_blockers", ["division_code", "blocker"], ["persons"], where).frame
        expected = whole[whole["town_code"] == town].drop(columns="town_code").reset_index(drop=True)
        pd.testing.assert_frame_equal(part, expected)


def test_filters_by_value_collection_and_range(store: Store, city: str) -> None:
    low, high = date(2017, 11, 30), date(2018, 1, 1)
    base: dict[str, object] = {"city": city}

    def total(filters: dict[str, object]) -> int:
        frame = store.read(LEADER, "mart_progress_daily", [], ["paid_persons"], base | filters).frame
        return int(frame["paid_persons"].iloc[0])

    counted = f"SELECT sum(paid_persons) FROM mart_progress_daily WHERE city = '{city}'"
    [(until,)] = sql(store, f"{counted} AND paid_on <= '{high}'")
    [(since,)] = sql(store, f"{counted} AND paid_on >= '{low}'")
    assert abs(total({"paid_on": AtMost(high)}) - int(str(until))) <= 2
    assert abs(total({"paid_on": AtLeast(low)}) - int(str(since))) <= 2
    years = base | {"campaign_year": [2017, 2018]}
    both = store.read(LEADER, "mart_progress_daily", ["campaign_year"], ["paid_persons"], years)
    assert both.frame["campaign_year"].tolist() == [2017, 2018]


def test_days_are_timestamps_and_labels_do_not_split(store: Store, city: str) -> None:
    by = ["paid_on", "days_to_deadline"]
    where = {"city": city, "campaign_year": 2018}
    labelled = store.read(LEADER, "mart_progress_daily", by, ["paid_persons"], where).frame
    plain = store.read(LEADER, "mart_progress_daily", ["paid_on"], ["paid_persons"], where).frame
    assert str(labelled["paid_on"].dtype).startswith("datetime64")
    pd.testing.assert_frame_equal(labelled.drop(columns="days_to_deadline"), plain)


def test_months_sum_their_days_before_small_cells_are_hidden(store: Store, city: str) -> None:
    frame = store.read(
        LEADER, "mart_channel_daily", ["paid_month"], ["paid_persons"], {"city": city, "campaign_year": 2018}
    ).frame
    rows = sql(
        store,
        "SELECT date_trunc('month', paid_on), sum(paid_persons) FROM mart_channel_daily "
        f"WHERE city = '{city}' AND campaign_year = 2018 GROUP BY 1 ORDER BY 1",
    )
    assert len(rows) > 1
    assert [str(month.date()) for month in frame["paid_month"]] == [str(month)[:10] for month, _ in rows]
    for shown, (_, persons) in zip(frame["paid_persons"], rows, strict=True):
        assert abs(shown - persons) <= 2


def test_an_unknown_subsidy_makes_the_sum_unknown(store: Store) -> None:
    for city, year, missing in sql(
        store, "SELECT city, campaign_year, count(*) - count(subsidy_fen) FROM mart_exposure GROUP BY 1, 2"
    ):
        where = {"city": city, "campaign_year": year}
        frame = store.read(LEADER, "mart_exposure", [], ["subsidy_fen"], where).frame
        assert pd.isna(frame["subsidy_fen"].iloc[0]) == (missing != 0)


def test_only_open_columns_and_named_tables_answer(store: Store) -> None:
    with pytest.raises(ValueError, match="row_hash"):
        store.read(OPERATOR, "load_set_aside", ["row_hash"], [], {})
    with pytest.raises(ValueError, match="person_key"):
        store.read(OPERATOR, "load_set_aside", [], [], {"person_key": 1})
    for name in metadata.tables:
        if name.startswith(("raw_", "core_")):
            assert name not in PERMISSIONS
            with pytest.raises(ForbiddenError):
                store.read(OPERATOR, name, [], ["rows"], {})


@pytest.mark.parametrize("role", list(Role))
def test_every_table_answers_only_its_roles(store: Store, role: Role) -> None:
    for name in metadata.tables:
        is_allowed = role in PERMISSIONS.get(name, frozenset())
        try:
            store.read(Viewer(role), name, [], ["rows"], {})
        except ForbiddenError:
            assert not is_allowed
        else:
            assert is_allowed


def test_a_clerk_sees_the_own_town_exactly_and_no_other(store: Store, place: Installation) -> None:
    clerk = demo_viewer(place, "clerk")
    folder = next(iter(place.cities.values()))
    own, other = folder.divisions.towns[:2]
    where = {"city": folder.city.code, "campaign_year": 2018}
    frame = store.read(clerk, "mart_blockers", ["blocker"], ["persons"], where | {"town_code": own.code}).frame
    exact = sql(
        store,
        f"SELECT blocker, sum(persons) FROM mart_blockers WHERE town_code = '{own.code}' AND campaign_year = 2018 "
        "GROUP BY 1 ORDER BY 1",
    )
    assert list(zip(frame["blocker"], frame["persons"], strict=True)) == exact
    for division in (other.code, folder.divisions.children(other.code)[0].code):
        column = "town_code" if division == other.code else "division_code"
        with pytest.raises(ForbiddenError):
            store.read(clerk, "mart_blockers", ["blocker"], ["persons"], where | {column: division})
    everywhere = store.read(clerk, "mart_blockers", ["town_code", "blocker"], ["persons"], where).frame
    leader = store.read(LEADER, "mart_blockers", ["town_code", "blocker"], ["persons"], where).frame
    pd.testing.assert_frame_equal(everywhere, leader)


def test_a_new_generation_is_seen_without_a_restart(tmp_path: Path) -> None:
    first = write_mart_world(tmp_path, 1, scale=0.005)
    store = Store(Warehouse(tmp_path))
    before = store.read(LEADER, "mart_coverage", [], ["paid_persons"], {}).frame
    second = write_mart_world(tmp_path, 2, scale=0.005, published_at=datetime(2018, 3, 22, 6, 10))
    after = store.read(LEADER, "mart_coverage", [], ["paid_persons"], {}).frame
    assert store.generation()[0].id == second != first
    assert before["paid_persons"].iloc[0] != after["paid_persons"].iloc[0]


def test_a_database_that_goes_away_leaves_the_last_answers_marked_stale(tmp_path: Path) -> None:
    write_mart_world(tmp_path, 1, scale=0.005)
    store = Store(Warehouse(tmp_path))
    good = store.read(LEADER, "mart_coverage", [], ["paid_persons"], {})
    shutil.rmtree(tmp_path / "generations")
    (tmp_path / "CURRENT").unlink()
    stale = store.read(LEADER, "mart_coverage", [], ["paid_persons"], {})
    assert (good.is_stale, stale.is_stale) == (False, True)
    pd.testing.assert_frame_equal(good.frame, stale.frame)


def test_without_any_generation_there_is_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(NoGenerationError):
        Store(Warehouse(tmp_path)).read(LEADER, "mart_coverage", [], ["paid_persons"], {})
