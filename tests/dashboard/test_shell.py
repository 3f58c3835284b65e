"""The frame around the pages, the faces without one, and what goes over the wire."""

import gzip
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dash import Dash
from flask.testing import FlaskClient

from dashboard import sitemap
from dashboard.access import Role
from dashboard.clock import ZONE, BusinessClock
from dashboard.installation import EXTENSION, Installation
from dashboard.store import Store
from tests.dashboard.conftest import act_as, page_request
from tests.mart_world import write_mart_world
from warehouse.generations import Warehouse

UPDATE = "/_dash-update-component"


def page_of(client: FlaskClient, path: str, search: str = "") -> dict[str, Any]:
    answer = client.post(UPDATE, json=page_request(path, search))
    assert answer.status_code == 200
    content: dict[str, Any] = json.loads(answer.get_data(as_text=True))["response"]["_pages_content"]["children"]
    return content


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every component below `node`."""
    if isinstance(node, list):
        for child in node:
            yield from nodes(child)
    elif isinstance(node, dict) and "props" in node:
        yield node
        yield from nodes(node["props"].get("children"))


def by_class(tree: Any, name: str) -> list[dict[str, Any]]:
    return [node for node in nodes(tree) if name in str(node["props"].get("className", "")).split()]


def words(tree: Any) -> str:
    """All text below `tree`."""
    if isinstance(tree, str):
        return tree
    if isinstance(tree, list):
        return " ".join(words(child) for child in tree)
    if not isinstance(tree, dict) or "props" not in tree:
        return ""
    if table := tree["props"].get("data-table"):
        return " ".join(texts_of(json.loads(table)))
    return words(tree["props"].get("children", ""))


def texts_of(told: Any) -> Iterator[str]:
    """Every text in what a table tells the browser to draw."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, (list, dict)):
        for part in told.values() if isinstance(told, dict) else told:
            yield from texts_of(part)


@pytest.fixture
def other_home(serving: dict[str, Any], place: Installation, tmp_path: Path) -> Path:
    """The same server on an empty CANBAO_HOME."""
    serving[EXTENSION] = replace(place, home=tmp_path, store=Store(Warehouse(tmp_path)))
    return tmp_path


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_says_that_its_data_are_invented(client: FlaskClient, language: str) -> None:
    act_as(client, Role.ANALYST)
    mark = {"zh": "模拟数据", "en": "SYNTHETIC"}[language]
    for page in sitemap.all_pages():
        if Role.ANALYST in page.roles:
            tree = page_of(client, page.path, f"?lang={language}")
            assert words(by_class(tree, "cb-badge")) == mark, page.key


def test_real_data_carry_no_mark_of_invention(client: FlaskClient, other_home: Path) -> None:
    write_mart_world(other_home, 1, scale=0.003)
    path = next((other_home / "generations").iterdir()) / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE meta_cities SET is_synthetic = false")
    description = path.with_name("generation.json")
    stated = json.loads(description.read_text())
    description.write_text(json.dumps(stated | {"database_bytes": path.stat().st_size}))
    assert by_class(page_of(client, "/"), "cb-badge") == []


def test_the_controls_are_links_that_keep_the_rest_of_the_address(client: FlaskClient, place: Installation) -> None:
    second = list(place.cities.values())[1]
    town = second.divisions.towns[0].code
    search = f"?city={second.city.code}&year=2017&town={town}&lang=en&theme=dark"
    tree = page_of(client, "/", search)
    assert tree["props"]["data-theme"] == "dark"
    assert tree["props"]["lang"] == "en"
    links = {node["props"]["href"] for node in nodes(tree) if "href" in node["props"]}
    assert f"/tiers{search}" in links
    assert "/?lang=en&theme=dark" in links, "the first city starts afresh"
    assert f"/?city={second.city.code}&town={town}&lang=en&theme=dark" in links, "the default year is not written"
    assert f"/?city={second.city.code}&year=2017&lang=en&theme=dark" in links, "all towns"
    assert f"/?city={second.city.code}&year=2017&town={town}&theme=dark" in links, "the other language"
    assert len(by_class(tree, "cb-menu--changed")) == 3
    assert by_class(page_of(client, "/"), "cb-menu--changed") == []


def test_the_navigation_shows_what_the_role_may_open(client: FlaskClient) -> None:
    for role in (Role.LEADER, Role.CLERK):
        act_as(client, role)
        shown = by_class(page_of(client, "/"), "cb-nav__link")
        assert len(shown) == len([page for page in sitemap.all_pages() if role in page.roles])


def test_the_foot_says_where_the_figures_come_from(client: FlaskClient, place: Installation) -> None:
    foot = words(by_class(page_of(client, "/", "?lang=en"), "cb-footer"))
    generation = place.store.generation()[0]
    assert generation.id in foot
    assert f"{generation.published_at:%H:%M}" in foot
    assert "daily sources complete" in foot
    assert "rows set aside" in foot


def test_before_the_first_publication_the_page_says_how_to_load(client: FlaskClient, other_home: Path) -> None:
    tree = page_of(client, "/", "?lang=en&theme=dark")
    assert "make run" in words(by_class(tree, "cb-face"))
    assert tree["props"]["data-theme"] == "dark"
    assert client.get("/").status_code == 503
    health = client.get("/health")
    assert health.status_code == 503


def test_fault_62_the_previous_generation_is_served_with_an_alarm(client: FlaskClient, other_home: Path) -> None:
    first = write_mart_world(other_home, 1, scale=0.003)
    second = write_mart_world(other_home, 2, scale=0.003, published_at=datetime(2018, 3, 22, 6, 10))
    (other_home / "generations" / second / "warehouse.duckdb").write_bytes(b"damaged")
    tree = page_of(client, "/", "?lang=en")
    assert "damaged or missing" in words(by_class(tree, "cb-banner"))
    assert first in words(by_class(tree, "cb-footer"))
    health = client.get("/health").get_json()
    assert (health["status"], health["generation_id"]) == ("alarm", first)


def test_a_database_that_goes_away_shows_the_last_figures_and_says_so(client: FlaskClient, other_home: Path) -> None:
    write_mart_world(other_home, 1, scale=0.003)
    fresh = page_of(client, "/", "?lang=en")
    shutil.rmtree(other_home / "generations")
    (other_home / "CURRENT").unlink()
    stale = page_of(client, "/", "?lang=en")
    assert by_class(fresh, "cb-banner") == []
    assert "does not answer" in words(by_class(stale, "cb-banner"))
    assert words(by_class(stale, "cb-headline")) == words(by_class(fresh, "cb-headline"))
    assert client.get("/health").get_json()["status"] == "stale"


def test_a_page_is_computed_once_for_one_question(
    client: FlaskClient, other_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_mart_world(other_home, 1, scale=0.003)
    first = client.post(UPDATE, json=page_request("/", "?theme=dark")).data
    computed: list[object] = []

    def count(*_: object) -> None:
        computed.append(1)
        raise ZeroDivisionError

    monkeypatch.setattr("dashboard.pagekit.build_context", count)
    assert client.post(UPDATE, json=page_request("/", "?theme=dark")).data == first
    assert not computed
    act_as(client, Role.OPERATOR)
    assert client.post(UPDATE, json=page_request("/", "?theme=dark")).data != first
    assert computed


def test_a_new_publication_makes_new_pages(client: FlaskClient, other_home: Path) -> None:
    write_mart_world(other_home, 1, scale=0.003)
    first = words(page_of(client, "/"))
    second_id = write_mart_world(other_home, 2, scale=0.003, published_at=datetime(2018, 3, 22, 6, 10))
    second = words(page_of(client, "/"))
    assert second_id not in first
    assert second_id in second


def test_no_script_runs_that_is_not_ours(client: FlaskClient, app: Dash) -> None:
    answer = client.get("/?lang=en&theme=dark")
    policy = answer.headers["Content-Security-Policy"]
    scripts = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
    assert "unsafe" not in scripts
    assert all(hashed in scripts for hashed in app.csp_hashes())
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    document = answer.get_data(as_text=True)
    assert '<html lang="en" data-theme="dark">' in document
    assert 'src="http' not in document
    assert 'href="http' not in document


def test_files_that_never_change_are_compressed_once_and_kept(client: FlaskClient) -> None:
    document = client.get("/").get_data(as_text=True)
    sources = [part.split('"')[0] for part in document.split('src="')[1:]]
    assert len(sources) > 5
    for source in sources:
        answer = client.get(source, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200, source
        assert "immutable" in answer.headers["Cache-Control"], source
        assert answer.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(answer.data) == client.get(source).data
    assert not [source for source in sources if "package_data/plotly" in source]


def test_health_names_generation_and_age(client: FlaskClient, place: Installation) -> None:
    report = client.get("/health").get_json()
    assert report["status"] == "ok"
    assert report["generation_id"] == place.store.generation()[0].id
    assert report["age_seconds"] > 0
    assert report["alarm"] is None


def test_the_demo_clock_starts_on_the_as_of_day_and_moves_at_midnight() -> None:
    started = datetime(2026, 5, 4, 23, 30, tzinfo=ZONE)
    as_of_on = date(2018, 3, 20)
    later = {0: as_of_on, 29: as_of_on, 31: date(2018, 3, 21), 31 + 24 * 60: date(2018, 3, 22)}
    for minutes, expected in later.items():
        clock = BusinessClock(True, started, partial(datetime.__add__, started, timedelta(minutes=minutes)))
        assert clock.today(as_of_on) == expected


def test_outside_the_demo_the_day_is_the_servers_in_china() -> None:
    late_evening_utc = datetime.fromisoformat("2018-03-20T17:00:00+00:00")
    clock = BusinessClock(False, late_evening_utc, lambda: late_evening_utc)
    assert clock.today(date(2018, 1, 1)) == date(2018, 3, 21)
    assert clock.age_seconds(datetime(2018, 3, 21, 0, 0)) == 3600
