"""How fast the pages are: `python -m benchmarks.pages`, on the data of CANBAO_HOME.

Three claims: the Overview is drawn cold (in a browser context that has nothing) within 1.5 s, it takes at most 1.5 MB
on the wire, and 95 % of the callbacks answer within 80 ms. A callback is the first question for an address: answers are
kept, so every address is asked once, in both languages, for every city and town, one after the other over one
connection, after every page of every city was seen in its default form. All on loopback; a busy machine measures
itself.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from configuration.cities import load_cities
from configuration.settings import Settings
from dashboard.addresses import join
from dashboard.devserver import DRAW_MILLISECONDS, running_browser, running_server
from dashboard.texts import LANGUAGES

PATHS = ("/", "/channels", "/tiers", "/coverage", "/liability", "/loads")
COLD_RUNS = 7
MOST_COLD_SECONDS = 1.5
MOST_WIRE_BYTES = 1_500_000
MOST_P95_SECONDS = 0.08
WARM_SECONDS = 30.0
# The hero chart has its lines, and the browser has painted them: two frames later.
_HERO_DRAWN = """() => new Promise(done => {
  const look = () => document.querySelector('.cb-grid .js-plotly-plot .scatterlayer .js-line') === null
    ? requestAnimationFrame(look)
    : requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() / 1000)));
  look();
})"""


@dataclass(frozen=True)
class Cold:
    """One cold visit of the Overview: seconds from the start of the navigation until the hero chart is painted."""

    seconds: float
    wire_bytes: int


@dataclass(frozen=True)
class Asked:
    """One callback: its page, how long it took, how much it sent (compressed)."""

    path: str
    seconds: float
    wire_bytes: int


def cold_visits(browser: Browser, address: str, runs: int) -> list[Cold]:
    """`runs` visits of the Overview, each in a context of its own."""
    found = []
    for _ in range(runs):
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        received: list[float] = []
        session.on("Network.loadingFinished", lambda event, seen=received: seen.append(event["encodedDataLength"]))
        page.set_default_timeout(DRAW_MILLISECONDS)
        page.goto(f"{address}/", wait_until="commit")
        seconds = float(page.evaluate(_HERO_DRAWN))
        page.wait_for_load_state("networkidle")
        found.append(Cold(seconds, round(sum(received))))
        context.close()
    return found


def callbacks(address: str, searches: list[str]) -> list[Asked]:
    """Every page at every one of `searches`, one after the other over one connection."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        return [_ask(connection, path, search) for search in searches for path in PATHS]
    finally:
        connection.close()


def all_searches(home_settings: Settings) -> Iterator[str]:
    """The query of every city, town and language, defaults written out, so that none was asked for by the warm-up."""
    for code, folder in load_cities(home_settings.cities_folders).items():
        for language in LANGUAGES:
            for town in (None, *(town.code for town in folder.divisions.towns)):
                yield join("", {"city": code, "town": town, "lang": language, "theme": "light"})


def main(arguments: list[str] | None = None) -> int:
    """Measure and report. Returns 1 when a claim does not hold."""
    options = _parser().parse_args(arguments)
    settings = Settings.from_environment(os.environ)
    with running_server(settings.home, workers=1) as address:
        warm_seconds = _warm_up(address, settings)
        asked = callbacks(address, list(all_searches(settings)))
        with running_browser() as browser:
            cold_visits(browser, address, 1)  # the browser's own start, and the files the server compresses once
            colds = cold_visits(browser, address, options.runs)
    report = _report(colds, asked) | {"warm_up_seconds": round(warm_seconds, 1), "load_average": os.getloadavg()[0]}
    print(json.dumps(report, indent=1))
    return 0 if report["holds"] else 1


def _ask(connection: HTTPConnection, path: str, search: str) -> Asked:
    body = json.dumps(
        {
            "output": ".._pages_content.children..._pages_store.data..",
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
    )
    headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip", "Cookie": "canbao_role=leader"}
    started = time.perf_counter()
    connection.request("POST", "/_dash-update-component", body, headers)
    response = connection.getresponse()
    received = response.read()
    seconds = time.perf_counter() - started
    if response.status != 200:
        raise RuntimeError(f"{path}{search} answers {response.status}")
    return Asked(path, seconds, len(received))


def _warm_up(address: str, settings: Settings) -> float:
    """Ask for every page of every city until a round is answered from memory; seconds that took."""
    started = time.perf_counter()
    searches = [join("", {"city": code}) for code in load_cities(settings.cities_folders)]
    while time.perf_counter() - started < WARM_SECONDS:
        if max(asked.seconds for asked in callbacks(address, searches)) < MOST_P95_SECONDS / 4:
            break
    return time.perf_counter() - started


def _report(colds: list[Cold], asked: list[Asked]) -> dict[str, object]:
    cold_seconds = statistics.median(cold.seconds for cold in colds)
    wire_bytes = max(cold.wire_bytes for cold in colds)
    p95_seconds = _quantile(asked, 0.95)
    pages = {path: [each for each in asked if each.path == path] for path in PATHS}
    return {
        "overview_cold_seconds_median": round(cold_seconds, 3),
        "overview_cold_seconds": sorted(round(cold.seconds, 3) for cold in colds),
        "overview_wire_bytes": wire_bytes,
        "callbacks": len(asked),
        "callback_p50_ms": round(_quantile(asked, 0.5) * 1000, 1),
        "callback_p95_ms": round(p95_seconds * 1000, 1),
        "pages": {
            path: {
                "p50_ms": round(_quantile(found, 0.5) * 1000, 1),
                "p95_ms": round(_quantile(found, 0.95) * 1000, 1),
                "max_ms": round(_quantile(found, 1.0) * 1000, 1),
                "most_bytes": max(each.wire_bytes for each in found),
            }
            for path, found in pages.items()
        },
        "holds": cold_seconds <= MOST_COLD_SECONDS
        and wire_bytes <= MOST_WIRE_BYTES
        and p95_seconds <= MOST_P95_SECONDS,
    }


def _quantile(asked: list[Asked], share: float) -> float:
    ordered = sorted(each.seconds for each in asked)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description="Measure the pages.")
    parser.add_argument("--runs", type=int, default=COLD_RUNS, help="cold visits of the Overview")
    return parser


if __name__ == "__main__":
    sys.exit(main())
