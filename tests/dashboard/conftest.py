"""One warehouse of invented marts and one application for all tests of the dashboard."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dash import Dash
from flask.testing import FlaskClient
from hypothesis import settings

from dashboard.access import Role
from dashboard.app import create_app, installation_from_environment
from dashboard.identity import ROLE_COOKIE
from dashboard.installation import EXTENSION, Installation
from tests.mart_world import write_mart_world

# A busy machine is no failure of a property.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

ORIGIN = "http://localhost"
PAGES_OUTPUT = ".._pages_content.children..._pages_store.data.."


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CANBAO_HOME with one generation."""
    folder: Path = tmp_path_factory.mktemp("home")
    write_mart_world(folder, 1, scale=0.03)
    return folder


@pytest.fixture(scope="session")
def place(home: Path) -> Installation:
    """A demo installation on that home."""
    return installation_from_environment({"CANBAO_HOME": str(home), "CANBAO_DEMO": "1"})


@pytest.fixture(scope="session")
def app(place: Installation) -> Dash:
    """The application; one a process, because callbacks of pages belong to the first."""
    return create_app(place)


@pytest.fixture
def serving(app: Dash, place: Installation) -> Iterator[dict[str, Any]]:
    """The extensions of the server: a test may put another installation there, and it is taken out again."""
    yield app.server.extensions
    app.server.extensions[EXTENSION] = place


@pytest.fixture
def client(app: Dash) -> FlaskClient:
    """A browser's requests, without the browser."""
    found: FlaskClient = app.server.test_client()
    return found


def act_as(client: FlaskClient, role: Role) -> None:
    """Set the demo's switch."""
    client.set_cookie(ROLE_COOKIE, role.value)


def page_request(path: str, search: str = "") -> dict[str, Any]:
    """The body that Dash sends when the address changes."""
    return {
        "output": PAGES_OUTPUT,
        "outputs": [
            {"id": "_pages_content", "property": "children"},
            {"id": "_pages_store", "property": "data"},
        ],
        "inputs": [
            {"id": "_pages_location", "property": "pathname", "value": path},
            {"id": "_pages_location", "property": "search", "value": search},
        ],
        "changedPropIds": ["_pages_location.pathname"],
    }
