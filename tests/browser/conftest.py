"""One small real home, one server and one browser for all browser tests; every test gets a page of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from configuration.settings import Settings
from dashboard.devserver import running_browser, running_server
from etl.demo import prepare_demo
from etl.progress import Progress

PERSONS = 6_000  # both cities together


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CANBAO_HOME with both cities: invented files, loaded by the real loader."""
    folder: Path = tmp_path_factory.mktemp("browser_home")
    settings = Settings.from_environment({"CANBAO_HOME": str(folder), "CANBAO_DEMO": "1"})
    prepare_demo(settings, PERSONS, Progress())
    return folder


@pytest.fixture(scope="session")
def paid_persons(home: Path) -> dict[str, int]:
    """Persons paid in each city's newest campaign, as the command line counts them."""
    environment = {**os.environ, "CANBAO_HOME": str(home), "CANBAO_DEMO": "1"}
    command = [sys.executable, "-m", "etl", "totals", "--json"]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    collected: list[dict[str, Any]] = json.loads(said)["collected"]
    newest = max(row["campaign_year"] for row in collected)
    paid: dict[str, int] = {}
    for row in collected:
        if row["campaign_year"] == newest:
            paid[row["city"]] = paid.get(row["city"], 0) + row["persons"]
    return paid


@pytest.fixture(scope="session")
def server(home: Path) -> Iterator[str]:
    """Address of the running server."""
    with running_server(home) as address:
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
    context = browser.new_context(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
    watching = Watched(context.new_page())
    watching.page.on(
        "console", lambda message: watching.errors.append(message.text) if message.type == "error" else None
    )
    watching.page.on("pageerror", lambda error: watching.errors.append(str(error)))
    watching.page.on("request", lambda request: watching.hosts.add(request.url.split("/")[2]))
    yield watching
    context.close()
