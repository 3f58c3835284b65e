"""Every page in a real browser: it loads, fits, keeps its address, and asks nobody else."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page

from dashboard.devserver import open_page
from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

PATHS = ["/", "/channels", "/tiers", "/coverage", "/liability", "/loads"]
WIDTHS = [390, 1366, 1920]
MOST_COLD_BYTES = 1_500_000


def query(page: Page) -> dict[str, list[str]]:
    """Parameters of the page's address."""
    return parse_qs(urlsplit(page.url).query)


@pytest.mark.parametrize("path", PATHS)
def test_page_loads_without_errors_and_asks_no_other_host(server: str, watched: Watched, path: str) -> None:
    open_page(watched.page, server + path)
    assert watched.page.locator("h1").count() == 1
    assert watched.errors == []
    assert watched.hosts == {urlsplit(server).netloc}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_scrolls_sideways(server: str, watched: Watched, width: int, lang: str) -> None:
    watched.page.set_viewport_size({"width": width, "height": 844})
    for path in PATHS:
        open_page(watched.page, f"{server}{path}?lang={lang}")
        excess = watched.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert excess <= 0, f"{path} at {width} px in {lang} is {excess} px too wide"


def test_language_switch_changes_words_and_address(server: str, watched: Watched) -> None:
    open_page(watched.page, f"{server}/")
    chinese = watched.page.locator("h1").inner_text()
    watched.page.locator(".cb-topbar__link").first.click()
    watched.page.wait_for_function("before => document.querySelector('h1').innerText !== before", arg=chinese)
    assert query(watched.page) == {"lang": ["en"]}
    assert "days left" in watched.page.locator("h1").inner_text()
    assert watched.page.locator(".cb-frame").get_attribute("lang") == "en"


def test_theme_switch_changes_colours_and_address(server: str, watched: Watched) -> None:
    open_page(watched.page, f"{server}/")
    ground = "getComputedStyle(document.querySelector('.cb-frame')).backgroundColor"
    before = watched.page.evaluate(ground)
    watched.page.locator(".cb-topbar__link").last.click()
    watched.page.wait_for_selector(".cb-frame[data-theme=dark]")
    assert query(watched.page) == {"theme": ["dark"]}
    assert watched.page.evaluate(ground) != before


def test_choices_survive_reload_navigation_and_back(server: str, watched: Watched) -> None:
    page = watched.page
    open_page(page, f"{server}/?lang=en")
    now = page.locator("h1").inner_text()
    page.locator(".cb-menu__toggle", has_text="2018 campaign").click()
    page.locator(".dropdown-item", has_text="2017 campaign").click()
    page.wait_for_function("before => document.querySelector('h1').innerText !== before", arg=now)
    assert query(page) == {"lang": ["en"], "year": ["2017"]}
    earlier = page.locator("h1").inner_text()
    page.reload()
    page.wait_for_selector("h1")
    assert page.locator("h1").inner_text() == earlier
    page.locator(".cb-nav a", has_text="Channels").click()
    page.wait_for_url("**/channels?*")
    assert query(page) == {"lang": ["en"], "year": ["2017"]}
    page.go_back()
    page.wait_for_function("words => document.querySelector('h1')?.innerText === words", arg=earlier)
    page.go_back()
    page.wait_for_function("words => document.querySelector('h1')?.innerText === words", arg=now)


def test_overview_is_light_on_the_wire(server: str, watched: Watched) -> None:
    session = watched.page.context.new_cdp_session(watched.page)
    session.send("Network.enable")
    received: list[float] = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    open_page(watched.page, f"{server}/")
    watched.page.wait_for_load_state("networkidle")
    assert sum(received) > 300_000  # the scripts did come over the wire
    assert sum(received) <= MOST_COLD_BYTES


def test_tables_sort_by_keyboard_and_unknown_stays_last(server: str, watched: Watched) -> None:
    open_page(watched.page, f"{server}/channels?lang=en")
    table = watched.page.locator("table", has_text="Persons paid").last
    head = table.locator("th", has=watched.page.locator("button", has_text="Persons paid"))
    numbers = "cells => cells.map(cell => Number(cell.getAttribute('data-sort')))"
    falling = table.locator("tbody td:nth-child(2)").evaluate_all(numbers)
    assert head.get_attribute("aria-sort") == "descending"
    assert falling == sorted(falling, reverse=True)
    head.locator("button").focus()
    watched.page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert table.locator("tbody td:nth-child(2)").evaluate_all(numbers) == sorted(falling)


def test_synthetic_data_say_so_on_every_page(server: str, watched: Watched) -> None:
    for path in PATHS:
        open_page(watched.page, f"{server}{path}?lang=en")
        assert watched.page.locator(".cb-badge").inner_text() == "SYNTHETIC"
