"""The gate: malformed requests, addresses, roles. Numbers of faults are those of docs/requirements.md."""

import json
from pathlib import Path
from typing import Any

import pytest
from dash import Dash
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard import sitemap
from dashboard.access import EVERYONE, Role, declarations
from dashboard.gate import CALLBACK_ENDPOINT, MAX_BODY_BYTES
from dashboard.installation import Installation
from tests.dashboard.conftest import ORIGIN, PAGES_OUTPUT, act_as, page_request

UPDATE = "/_dash-update-component"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def audit_lines(home: Path) -> list[dict[str, Any]]:
    path = home / "audit.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def page_text(client: FlaskClient, path: str, search: str = "") -> str:
    answer = client.post(UPDATE, json=page_request(path, search))
    assert answer.status_code == 200, answer.data
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("body", ["[]", "null", "7", '"x"', "{}", "{", "", '{"output": "nobody.children"}'])
def test_fault_57_a_malformed_callback_body_is_a_400_without_a_traceback(client: FlaskClient, body: str) -> None:
    answer = client.post(UPDATE, data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.get_data(as_text=True) == "400 Bad Request\n"


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON, st.sampled_from(["inputs", "outputs", "state", "changedPropIds", "output"]))
def test_fault_57_no_part_of_a_body_can_break_the_server(client: FlaskClient, part: object, name: str) -> None:
    body = page_request("/nowhere") | {name: part}
    answer = client.post(UPDATE, json=body)
    assert answer.status_code in (200, 400)
    assert "Traceback" not in answer.get_data(as_text=True)


def test_fault_57_what_runs_in_the_browser_cannot_be_called_here(client: FlaskClient, app: Dash) -> None:
    [output] = [name for name, entry in app.callback_map.items() if "callback" not in entry]
    body = page_request("/") | {"output": output, "outputs": {"id": "_pages_dummy", "property": "children"}}
    assert client.post(UPDATE, json=body).status_code == 400


def test_fault_58_a_body_of_ten_megabytes_is_a_413(client: FlaskClient) -> None:
    answer = client.post(UPDATE, data=b"x" * 10 * 1024 * 1024, content_type="application/json")
    assert answer.status_code == 413
    just_under = client.post(UPDATE, data=b"x" * (MAX_BODY_BYTES - 1), content_type="application/json")
    assert just_under.status_code == 400


@pytest.mark.parametrize(
    ("search", "key"),
    [
        ("?subsidy=1e308", "subsidy"),
        ("?subsidy=NaN", "subsidy"),
        ("?city=a&city=b", "city"),
        ("?year=-1", "year"),
        ("?year=2018&year=2018", "year"),
        ("?town=1", "town"),
        ("?lang=fr", "lang"),
        ("?theme=<script>", "theme"),
        ("?city=nowhere", "nowhere"),
        ("?year=2099", "2099"),
        ("?town=999999999999", "999999999999"),
        ("?" + "x" * 3000, "cb-face"),
    ],
)
def test_faults_42_43_an_address_that_cannot_be_followed_says_why(client: FlaskClient, search: str, key: str) -> None:
    page = page_text(client, "/", search)
    assert "cb-face" in page
    assert key in page
    assert client.get("/" + search).status_code == 400


def test_fault_44_a_query_does_not_become_an_argument_of_the_page(client: FlaskClient) -> None:
    for name in ("pathname", "path_template", "_query", "screen"):
        assert "cb-face" in page_text(client, "/", f"?{name}=x")
        assert client.get(f"/?{name}=x").status_code == 400


def test_unknown_addresses_are_404_with_a_face(client: FlaskClient) -> None:
    assert client.get("/nowhere").status_code == 404
    assert "cb-face" in page_text(client, "/nowhere", "?lang=en")


def test_fault_45_a_division_outside_the_own_ones_is_refused_and_audited(
    client: FlaskClient, place: Installation, home: Path
) -> None:
    act_as(client, Role.CLERK)
    folder = next(iter(place.cities.values()))
    own, other = (town.code for town in folder.divisions.towns[:2])
    search = f"?city={folder.city.code}&town={other}"
    before = len(audit_lines(home))
    assert client.get("/" + search).status_code == 403
    page = page_text(client, "/", search)
    assert "cb-face" in page
    assert "cb-headline" not in page
    [first, second] = audit_lines(home)[before:]
    assert first["what"] == second["what"] == f"division {other}"
    assert first["role"] == "clerk"
    assert client.get(f"/?city={folder.city.code}&town={own}").status_code == 200


def test_fault_59_everything_that_can_be_called_is_declared(app: Dash) -> None:
    assert {name for name, entry in app.callback_map.items() if "callback" in entry} <= set(declarations.callbacks)
    open_routes = {endpoint for endpoint, roles in declarations.endpoints.items() if roles is None}
    assert open_routes == {
        "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
        "/_favicon.ico",
        "_dash_assets.static",
        "health",
        "show_entrance",
        "enter",
        "leave",
    }


@pytest.mark.parametrize("role", list(Role))
def test_fault_59_every_route_answers_only_the_declared_roles(client: FlaskClient, app: Dash, role: Role) -> None:
    act_as(client, role)
    seen = 0
    for rule in app.server.url_map.iter_rules():
        method = "POST" if "POST" in (rule.methods or ()) else "GET"
        address = rule.rule.replace("<string:package_name>", "dash").replace("<path:fingerprinted_path>", "none.js")
        address = address.replace("<path:path>", "nowhere").replace("<path:filename>", "none.css")
        answer = client.open(address, method=method, headers={"Origin": ORIGIN})
        is_declared = rule.endpoint in declarations.endpoints
        roles = declarations.endpoints.get(rule.endpoint)
        is_allowed = is_declared and (roles is None or role in roles)
        page = sitemap.page_at(address)
        if page is not None and role not in page.roles:
            is_allowed = False
        assert (answer.status_code == 403) == (not is_allowed), rule.rule
        seen += 1
    assert seen >= len(declarations.endpoints)


@pytest.mark.parametrize("role", list(Role))
def test_fault_59_every_callback_answers_only_the_declared_roles(client: FlaskClient, app: Dash, role: Role) -> None:
    act_as(client, role)
    for output, entry in app.callback_map.items():
        if "callback" not in entry:
            continue
        names = output[2:-2].split("...") if output.startswith("..") else [output]
        outputs = [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in names]
        body = {
            "output": output,
            "outputs": outputs if output.startswith("..") else outputs[0],
            "inputs": [item | {"value": "/nowhere"} for item in entry["inputs"]],
            "state": [item | {"value": None} for item in entry["state"]],
            "changedPropIds": [],
        }
        status = client.post(UPDATE, json=body).status_code
        assert (status == 403) == (role not in declarations.callback_roles(output)), output


@pytest.mark.parametrize("role", list(Role))
def test_fault_59_every_page_shows_figures_only_to_the_declared_roles(client: FlaskClient, role: Role) -> None:
    act_as(client, role)
    pages = sitemap.all_pages()
    assert len(pages) >= 6
    for page in pages:
        is_allowed = role in page.roles
        shown = page_text(client, page.path)
        assert ("cb-topbar" in shown) == is_allowed, page.key
        assert ("cb-face" in shown) == (not is_allowed), page.key
        assert client.get(page.path).status_code == (200 if is_allowed else 403)


def test_an_undeclared_callback_answers_nobody(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(declarations.callbacks, PAGES_OUTPUT, frozenset())
    assert client.post(UPDATE, json=page_request("/")).status_code == 403


def test_an_undeclared_route_answers_nobody(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(declarations.endpoints, "/_dash-layout")
    assert client.get("/_dash-layout").status_code == 403


def test_a_route_declared_for_some_refuses_the_others(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(declarations.endpoints, "/_dash-layout", frozenset({Role.OPERATOR}))
    for role in EVERYONE:
        act_as(client, role)
        assert client.get("/_dash-layout").status_code == (200 if role is Role.OPERATOR else 403)


def test_changing_requests_come_from_our_own_pages(client: FlaskClient) -> None:
    refused = client.post("/role", data={"role": "operator"}, headers={"Origin": "http://elsewhere.example"})
    assert refused.status_code == 403
    cross = client.post(UPDATE, json=page_request("/"), headers={"Sec-Fetch-Site": "cross-site"})
    assert cross.status_code == 403
    accepted = client.post("/role?back=/tiers", data={"role": "operator"}, headers={"Origin": ORIGIN})
    assert (accepted.status_code, accepted.headers["Location"]) == (303, "/tiers")


@pytest.mark.parametrize("back", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", ""])
def test_the_switch_sends_nobody_to_another_host(client: FlaskClient, back: str) -> None:
    answer = client.post("/role", query_string={"back": back}, data={"role": "leader"}, headers={"Origin": ORIGIN})
    assert answer.headers["Location"] == "/"


def test_the_switch_knows_only_roles(client: FlaskClient) -> None:
    assert client.post("/role", data={"role": "king"}, headers={"Origin": ORIGIN}).status_code == 400


def test_the_demo_answers_this_machine_only(client: FlaskClient) -> None:
    assert client.get("/", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403
    assert client.get("/", base_url="http://rebound.example").status_code == 403


def test_a_failing_page_leaves_a_face_and_no_traceback(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("dashboard.pagekit.frame", fail)
    # An address that no other test asks for.
    answer = client.post(UPDATE, json=page_request("/", "?year=2016&lang=en&theme=dark"))
    assert answer.status_code == 500
    page = answer.get_data(as_text=True)
    assert "This page failed" in page
    assert "ZeroDivisionError" not in page


def test_the_callback_endpoint_is_the_one_that_dash_registers(app: Dash) -> None:
    assert CALLBACK_ENDPOINT in {rule.endpoint for rule in app.server.url_map.iter_rules()}
