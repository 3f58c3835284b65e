"""Roles outside the staff: the hall's screen and the public see two pages, rounded figures, nothing of the works."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashboard import sitemap, texts
from dashboard.access import EVERYONE, Role
from dashboard.installation import Installation
from tests.dashboard.conftest import act_as
from tests.dashboard.test_shell import by_class, nodes, page_of, words

OUTSIDERS = [Role.PUBLIC, Role.DISPLAY]
COUNTS = ("Due", "In time", "Late", "Unpaid")
# Titles of what only staff may see: rosters of the deceased and the like, blockers, money against the treasury.
STAFF_ONLY = [
    "coverage.not_due_title", "overview.blockers.title", "channels.money.title_matched", "loads.ledger_title",
    "liability.assumptions_title",
]  # fmt: skip


def tables_of(tree: Any) -> list[dict[str, Any]]:
    """What every table below `tree` tells the browser to draw."""
    return [json.loads(node["props"]["data-table"]) for node in nodes(tree) if "data-table" in node["props"]]


@pytest.mark.parametrize("role", OUTSIDERS)
def test_outsiders_are_offered_only_the_pages_for_everyone(client: FlaskClient, role: Role) -> None:
    act_as(client, role)
    public = {page.path for page in sitemap.all_pages() if page.roles == EVERYONE}
    assert public == {"/tiers", "/coverage"}
    links = [
        node for node in nodes(page_of(client, "/coverage")) if "cb-nav__link" in str(node["props"].get("className"))
    ]
    assert {link["props"]["href"].partition("?")[0] for link in links} == public


@pytest.mark.parametrize("role", OUTSIDERS)
def test_outsiders_read_nothing_that_is_for_staff(client: FlaskClient, place: Installation, role: Role) -> None:
    act_as(client, role)
    for city in place.cities:
        for path in ("/tiers", "/coverage"):
            said = words(page_of(client, path, f"?city={city}&lang=en"))
            assert "SYNTHETIC" in said
            for key in STAFF_ONLY:
                assert texts.text("en", key) not in said, (path, key)


@pytest.mark.parametrize("role", OUTSIDERS)
def test_counts_below_the_city_are_rounded_and_never_small(
    client: FlaskClient, place: Installation, role: Role
) -> None:
    act_as(client, role)
    checked = 0
    for city in place.cities:
        tree = page_of(client, "/coverage", f"?city={city}&lang=en")
        for table in tables_of(tree):
            named = [at for at, (label, is_number, _) in enumerate(table["columns"]) if is_number and label in COUNTS]
            rows = [cells for cells, *more in table["rows"] if not (len(more) > 1 and more[1])]
            rows += [cells for _, *more in table["rows"] if more for cells, *_ in more[0]]
            for cells in rows:
                for at in named:
                    count = cells[at][1]
                    if count is not None:
                        assert count % 5 == 0, (city, cells)
                        checked += 1
    assert checked > 200


def test_the_addresses_of_others_say_only_that_they_are_closed(client: FlaskClient) -> None:
    act_as(client, Role.PUBLIC)
    for path in ("/", "/channels", "/liability", "/loads"):
        tree = page_of(client, path, "?lang=en")
        assert by_class(tree, "cb-face")
        assert tables_of(tree) == []
