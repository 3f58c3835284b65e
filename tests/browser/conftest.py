"""One server and one browser for all browser tests; every test gets a page of its own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from dashboard.devserver import running_browser, running_server
from tests.mart_world import write_mart_world

SCALE = 0.05  # of the cities' demo size: large enough that whole towns are not hidden


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with both cities' marts."""
    home = tmp_path_factory.mktemp("browser_home")
    write_mart_world(home, seed=7, scale=SCALE)
    return home


@pytest.fixture(scope="session")
def server(world: Path) -> Iterator[str]:
    """Address of the running server."""
    with running_server(world) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, launched once."""
    with running_browser() as launched:
        yield launched


@dataclass
class Watched:
    """A page, and what went wrong or over the wire while it was open."""

    page: Page
    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    """A fresh context, so that every test starts with a cold cache and no cookies."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    watching = Watched(context.new_page())
    watching.page.on(
        "console", lambda message: watching.errors.append(message.text) if message.type == "error" else None
    )
    watching.page.on("pageerror", lambda error: watching.errors.append(str(error)))
    watching.page.on("request", lambda request: watching.hosts.add(request.url.split("/")[2]))
    yield watching
    context.close()
