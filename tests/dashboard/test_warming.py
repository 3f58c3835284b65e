"""Reading ahead, so that nobody waits for the first queries."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashboard import sitemap, warming
from dashboard.app import installation_from_environment
from dashboard.installation import EXTENSION, Installation
from dashboard.queries import read_base
from tests.dashboard.conftest import page_request
from warehouse.generations import NoGenerationError

UPDATE = "/_dash-update-component"


def fresh(home: Path) -> Installation:
    """An installation that has read nothing yet."""
    return installation_from_environment({"CANBAO_HOME": str(home), "CANBAO_DEMO": "1"})


def test_after_warming_pages_ask_the_database_nothing(
    client: FlaskClient, home: Path, serving: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = fresh(home)
    assert warming.warm(place) == 2 * len(place.cities) * len(sitemap.all_pages())
    asked: list[object] = []

    def count(engine: Any, table: Any, base: Any) -> Any:
        asked.append(base)
        return read_base(engine, table, base)

    monkeypatch.setattr("dashboard.store.read_base", count)
    serving[EXTENSION] = place
    for city in place.cities:
        for page in sitemap.all_pages():
            assert client.post(UPDATE, json=page_request(page.path, f"?city={city}&lang=en")).status_code == 200
    assert asked == []


def test_a_page_that_fails_does_not_stop_the_others(
    app: object, home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(context: Any) -> None:
        raise ZeroDivisionError(context.page.key)

    monkeypatch.setattr("dashboard.warming.compose", fail)
    tried = warming.warm(fresh(home))
    assert len([record for record in caplog.records if "cannot be warmed" in record.message]) == tried


def test_without_a_publication_there_is_nothing_to_warm(app: object, tmp_path: Path) -> None:
    with pytest.raises(NoGenerationError):
        warming.warm(fresh(tmp_path))
