"""Every page in a real browser, on a small home that the real loader made: true figures, no hole, no other host."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page

from dashboard.devserver import open_page
from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

PATHS = ["/", "/channels", "/tiers", "/coverage", "/liability", "/loads"]
WIDTHS = [390, 1366, 1920]
MARKS = {"zh": "模拟数据", "en": "SYNTHETIC"}
# Days from the day of each notice to its deadline (H14, W10).
DAYS_LEFT = {"haikou": 16, "wendeng": 41}
MOST_COLD_BYTES = 1_500_000
HOLES = re.compile(r"\b(nan|none|null|undefined|NaT|<NA>)\b", re.IGNORECASE)


def query(page: Page) -> dict[str, list[str]]:
    """Parameters of the page's address."""
    return parse_qs(urlsplit(page.url).query)


@pytest.mark.parametrize("city", DAYS_LEFT)
@pytest.mark.parametrize("lang", MARKS)
def test_every_page_is_whole_marked_and_as_wide_as_the_window(
    server: str, watched: Watched, city: str, lang: str
) -> None:
    for path in PATHS:
        open_page(watched.page, f"{server}{path}?city={city}&lang={lang}")
        assert watched.page.locator("h1").count() == 1
        assert watched.page.locator(".cb-badge").inner_text() == MARKS[lang], path
        # What is folded away is read too; figures are drawn as text.
        said = watched.page.evaluate("document.querySelector('.cb-frame').textContent")
        assert not HOLES.search(said), (path, HOLES.search(said))
        for width in WIDTHS:
            watched.page.set_viewport_size({"width": width, "height": 844})
            # Figures follow the window a moment later.
            watched.page.wait_for_function(
                "() => document.documentElement.scrollWidth <= window.innerWidth", timeout=5_000
            )
    assert watched.errors == []
    assert watched.hosts == {urlsplit(server).netloc}


@pytest.mark.parametrize("city", DAYS_LEFT)
def test_overview_says_what_the_command_line_counts(
    server: str, watched: Watched, city: str, paid_persons: dict[str, int]
) -> None:
    open_page(watched.page, f"{server}/?city={city}&lang=en")
    sentence = watched.page.locator("h1").inner_text()
    assert sentence.startswith(f"{DAYS_LEFT[city]} days left")
    assert f"{paid_persons[city]:,} have paid in all" in sentence
    open_page(watched.page, f"{server}/channels?city={city}&lang=en")
    assert f"{paid_persons[city]:,} people have paid" in watched.page.locator("h1").inner_text()


def test_liability_names_what_the_notice_leaves_unknown(server: str, watched: Watched) -> None:
    open_page(watched.page, f"{server}/liability?city=haikou&lang=en")
    unknown = watched.page.locator(".cb-card", has_text="Values that no source states")
    named = unknown.locator("dt").all_inner_texts()
    assert len(named) == 10
    assert sum("Deductible" in name for name in named) >= 3
    assert f"{len(named)} values" in watched.page.locator("h1").inner_text()
    open_page(watched.page, f"{server}/liability?city=wendeng&lang=en")
    assert "¥" in watched.page.locator("h1").inner_text()


def test_language_and_theme_switch_change_the_page_and_its_address(server: str, watched: Watched) -> None:
    page = watched.page
    open_page(page, f"{server}/tiers")
    chinese = page.locator("h1").inner_text()
    page.locator(".cb-topbar__link").first.click()
    page.wait_for_function("before => document.querySelector('h1').innerText !== before", arg=chinese)
    assert query(page) == {"lang": ["en"]}
    assert page.locator(".cb-frame").get_attribute("lang") == "en"
    ground = "getComputedStyle(document.querySelector('.cb-frame')).backgroundColor"
    before = page.evaluate(ground)
    page.locator(".cb-topbar__link").last.click()
    page.wait_for_selector(".cb-frame[data-theme=dark]")
    assert query(page) == {"lang": ["en"], "theme": ["dark"]}
    assert page.evaluate(ground) != before


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


def test_tables_sort_and_open_by_keyboard(server: str, watched: Watched) -> None:
    page = watched.page
    open_page(page, f"{server}/coverage?lang=en")
    table = page.locator("table", has_text="Town / village")
    towns = "rows => rows.filter(row => !row.classList.contains('cb-below')).map(row => row.cells[0].innerText)"
    due = "rows => rows.map(row => row.cells[2].innerText).filter(text => /\\d/.test(text))"
    head = table.locator("th", has_text="Due")
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    counts = [int(text.replace(",", "")) for text in table.locator("tbody tr:not(.cb-total)").evaluate_all(due)]
    assert counts == sorted(counts, reverse=True)
    assert len(counts) > 5
    assert table.locator("tbody tr").last.get_attribute("class") == "cb-total"
    names = table.locator("tbody tr").evaluate_all(towns)
    opener = table.locator("button.cb-open").first
    opener.focus()
    page.keyboard.press("Enter")
    assert opener.get_attribute("aria-expanded") == "true"
    assert table.locator("tbody tr.cb-below").count() > 1
    assert table.locator("tbody tr").evaluate_all(towns) == names
    page.keyboard.press("Space")
    assert table.locator("tbody tr.cb-below").count() == 0


def test_a_table_is_drawn_anew_in_another_language(server: str, watched: Watched) -> None:
    page = watched.page
    open_page(page, f"{server}/coverage?lang=en")
    page.locator("button.cb-open").first.click()
    page.locator(".cb-topbar__link").first.click()
    page.wait_for_selector(".cb-frame[lang=zh-CN]")
    assert page.locator("table", has_text="Town / village").count() == 0
    assert page.locator("button.cb-open").count() > 5
    assert page.locator("tr.cb-below").count() == 0


def test_a_failing_answer_shows_its_face(server: str, watched: Watched) -> None:
    page = watched.page
    face = (
        '{"multi":true,"response":{"_pages_content":{"children":{"props":{"children":"A face","className":"cb-face"},'
        '"type":"Div","namespace":"dash_html_components"}},"_pages_store":{"data":{"title":"x"}}}}'
    )
    page.route(
        "**/_dash-update-component?*",
        lambda route: route.fulfill(status=500, content_type="application/json", body=face),
    )
    page.goto(f"{server}/")
    page.wait_for_selector(".cb-face")
    assert page.locator(".cb-face").inner_text() == "A face"


def test_overview_is_light_on_the_wire(server: str, watched: Watched) -> None:
    session = watched.page.context.new_cdp_session(watched.page)
    session.send("Network.enable")
    received: list[float] = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    open_page(watched.page, f"{server}/")
    watched.page.wait_for_load_state("networkidle")
    assert sum(received) > 300_000  # the scripts did come over the wire
    assert sum(received) <= MOST_COLD_BYTES
