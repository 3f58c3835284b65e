"""Tiers, Coverage, Liability and Loads: drawn for every city, language and role that may see them."""

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashboard import texts
from dashboard.access import BACK_OFFICE, EVERYONE, STAFF, Role
from dashboard.installation import Installation
from tests.dashboard.conftest import ORIGIN, act_as, page_request
from tests.dashboard.test_shell import texts_of

ROLES = {"/tiers": EVERYONE, "/coverage": EVERYONE, "/liability": STAFF, "/loads": BACK_OFFICE}
CASES = [(path, role) for path, roles in ROLES.items() for role in sorted(roles)]
FAILURES = [texts.text("en", f"shell.face.{face}.title") for face in ("broken", "forbidden")]
HAN = re.compile("[\u4e00-\u9fff]")


def draw(client: FlaskClient, path: str, search: str, role: Role = Role.LEADER) -> str:
    act_as(client, role)
    answer = client.post("/_dash-update-component", json=page_request(path, search), headers={"Origin": ORIGIN})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return str(answer.get_data(as_text=True))


def words(drawn: str) -> list[str]:
    """Every text that a person reads in a drawn page."""
    found: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("children", "text", "ticktext", "hovertext", "title") and isinstance(value, str):
                    found.append(value)
                elif key == "data-table":
                    found.extend(texts_of(json.loads(value)))
                else:
                    walk(value)
        elif isinstance(node, list):
            for value in node:
                found.append(value) if isinstance(value, str) else walk(value)

    walk(json.loads(drawn))
    return found


@pytest.mark.parametrize(("path", "role"), CASES)
def test_every_role_sees_a_page_and_no_failure(client: FlaskClient, place: Installation, path: str, role: Role) -> None:
    for city in place.cities:
        said = words(draw(client, path, f"?city={city}&lang=en", role))
        assert not [text for text in said if text in FAILURES], (city, said)
        assert len(said) > 20


@pytest.mark.parametrize("path", list(ROLES))
def test_no_hole_shows(client: FlaskClient, place: Installation, path: str) -> None:
    for city, folder in place.cities.items():
        town = folder.divisions.towns[0].code
        for search in (f"?city={city}", f"?city={city}&town={town}", f"?city={city}&year=2016&lang=en"):
            said = words(draw(client, path, search))
            broken = [text for text in said if re.search(r"\bnan\b|<NA>|\bNone\b|\{\w+\}|\bNaT\b", text)]
            assert not broken, (search, broken)


def test_a_city_without_tiers_shows_its_price_and_how_sure_it_is(client: FlaskClient, place: Installation) -> None:
    single = next(code for code, folder in place.cities.items() if not folder.city.tiers)
    said = words(draw(client, "/tiers", f"?city={single}&lang=en"))
    assert any("No tiers here" in text for text in said) or "No tiers here" in said
    assert texts.text("en", "sourced.certainty_assumed") in said


def test_unknown_benefits_are_named_and_no_number_is_given(client: FlaskClient, place: Installation) -> None:
    unknown = next(code for code, f in place.cities.items() if f.policies[2018].effective().inpatient.unknown_names())
    names = place.cities[unknown].policies[2018].inpatient.unknown_names()
    said = words(draw(client, "/liability", f"?city={unknown}&year=2018&lang=en"))
    assert f"{len(names)} values" in said
    assert sum(text.startswith(("Deductible", "Annual cap", "Share paid", "Bands")) for text in said) == len(names)
    assert texts.text("en", "liability.assumptions_title") not in said


def test_known_benefits_come_with_every_assumption(client: FlaskClient, place: Installation) -> None:
    known = next(code for code, f in place.cities.items() if not f.policies[2018].inpatient.unknown_names())
    said = words(draw(client, "/liability", f"?city={known}&year=2018&lang=en"))
    for key in ("assumptions_title", "benefits_title", "left_out_title", "outpatient", "catastrophic"):
        assert texts.text("en", f"liability.{key}") in said
    assert said.count(texts.text("en", "sourced.certainty_assumed")) >= 8


def test_public_viewers_see_coverage_without_the_rosters(client: FlaskClient, place: Installation) -> None:
    city = next(iter(place.cities))
    title = texts.text("en", "coverage.reason_deceased")
    assert title in words(draw(client, "/coverage", f"?city={city}&lang=en"))
    assert title not in words(draw(client, "/coverage", f"?city={city}&lang=en", Role.PUBLIC))


def test_loads_show_the_identity(client: FlaskClient, place: Installation) -> None:
    said = words(draw(client, "/loads", f"?city={next(iter(place.cities))}&lang=en"))
    for part in ("read", "loaded", "duplicate", "set_aside"):
        assert texts.text("en", f"loads.identity_{part}") in said


@pytest.mark.parametrize("area", ["tiers", "coverage", "liability", "loads", "sourced"])
def test_both_languages_say_the_same_things(area: str) -> None:
    catalogues = {
        language: {key: text for key, text in texts.catalogue(language).items() if key.startswith(f"{area}.")}
        for language in texts.LANGUAGES
    }
    assert catalogues["zh"].keys() == catalogues["en"].keys()
    for key, chinese in catalogues["zh"].items():
        english = catalogues["en"][key]
        assert set(re.findall(r"\{(\w+)\}", chinese)) == set(re.findall(r"\{(\w+)\}", english)), key
        assert not HAN.search(english), key
