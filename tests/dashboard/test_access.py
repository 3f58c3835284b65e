"""Tokens, the entrance, and what `serve` refuses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from configuration.settings import Settings
from dashboard.__main__ import main
from dashboard.access import Role
from dashboard.identity import TOKEN_COOKIE, with_divisions_below
from dashboard.installation import EXTENSION, Installation
from dashboard.loopback import is_loopback
from dashboard.serving import RefusedToServeError, ServeOptions, check
from dashboard.tokens import TokenFile
from tests.dashboard.conftest import ORIGIN, page_request

UPDATE = "/_dash-update-component"


@pytest.fixture
def tokens(tmp_path: Path) -> TokenFile:
    return TokenFile(tmp_path / "tokens.json")


@pytest.fixture
def guarded(serving: dict[str, Any], place: Installation, tokens: TokenFile) -> Installation:
    """The server as it stands outside the demo."""
    real = replace(place, is_demo=False, tokens=tokens)
    serving[EXTENSION] = real
    return real


def settings_for(home: Path, *, is_demo: bool) -> Settings:
    return Settings.from_environment({"CANBAO_HOME": str(home), "CANBAO_DEMO": "1" if is_demo else "0"})


def test_a_token_is_kept_only_as_a_hash_and_found_by_its_secret(tokens: TokenFile) -> None:
    token, record = tokens.new(Role.OPERATOR, (), 30, "duty room")
    kept = tokens.path.read_text(encoding="utf-8")
    assert token.partition(".")[2] not in kept
    assert tokens.path.stat().st_mode & 0o077 == 0
    assert tokens.find(token) == record
    for wrong in ("", token[:-1], token + "x", "00000000." + token.partition(".")[2], "x" * 5000):
        assert tokens.find(wrong) is None


def test_a_revoked_token_opens_nothing_at_once_in_another_process(tokens: TokenFile) -> None:
    token, record = tokens.new(Role.ANALYST, (), 30, "")
    other_process = TokenFile(tokens.path)
    assert other_process.find(token) is not None
    tokens.revoke(record.id)
    assert other_process.find(token) is None
    with pytest.raises(KeyError):
        tokens.revoke("ffffffff")


def test_a_token_expires(tokens: TokenFile) -> None:
    _, record = tokens.new(Role.ANALYST, (), 1, "")
    now = datetime.now(UTC)
    assert record.is_valid(now)
    assert not record.is_valid(now + timedelta(days=1, seconds=1))


@pytest.mark.parametrize(
    ("role", "divisions", "days"),
    [(Role.CLERK, (), 30), (Role.LEADER, ("1",), 30), (Role.LEADER, (), 0), (Role.LEADER, (), 400)],
)
def test_tokens_have_bounds(tokens: TokenFile, role: Role, divisions: tuple[str, ...], days: int) -> None:
    with pytest.raises(ValueError, match="token"):
        tokens.new(role, divisions, days, "")


def test_without_a_token_there_is_only_the_entrance(client: FlaskClient, guarded: Installation) -> None:
    page = client.get("/tiers?lang=en")
    assert (page.status_code, page.headers["Location"]) == (303, "/enter?back=%2Ftiers%3Flang%3Den")
    assert client.post(UPDATE, json=page_request("/")).status_code == 401
    assert client.get("/_dash-layout").status_code == 401
    assert client.post("/role", data={"role": "operator"}, headers={"Origin": ORIGIN}).status_code == 401
    entrance = client.get(page.headers["Location"])
    assert entrance.status_code == 200
    assert "access token" in entrance.get_data(as_text=True)
    assert client.get("/health").status_code == 200


def test_the_entrance_takes_a_token_and_the_way_out_forgets_it(
    client: FlaskClient, guarded: Installation, tokens: TokenFile
) -> None:
    token, record = tokens.new(Role.ANALYST, (), 30, "")
    wrong = client.post("/enter", data={"token": "nonsense"}, headers={"Origin": ORIGIN})
    assert wrong.status_code == 401
    entered = client.post("/enter?back=/tiers", data={"token": token}, headers={"Origin": ORIGIN})
    assert (entered.status_code, entered.headers["Location"]) == (303, "/tiers")
    cookie = entered.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    shown = client.post(UPDATE, json=page_request("/")).get_data(as_text=True)
    assert "cb-topbar" in shown
    assert "cb-role" not in shown
    tokens.revoke(record.id)
    assert client.post(UPDATE, json=page_request("/")).status_code == 401
    left = client.post("/leave", headers={"Origin": ORIGIN})
    assert f"{TOKEN_COOKIE}=;" in left.headers["Set-Cookie"]


def test_outside_the_demo_the_switch_does_nothing(
    client: FlaskClient, guarded: Installation, tokens: TokenFile
) -> None:
    token, _ = tokens.new(Role.LEADER, (), 30, "")
    client.set_cookie(TOKEN_COOKIE, token)
    answer = client.post("/role", data={"role": "operator"}, headers={"Origin": ORIGIN})
    assert answer.status_code == 404
    client.set_cookie("canbao_role", "operator")
    assert "shell.acting_as" not in client.post(UPDATE, json=page_request("/")).get_data(as_text=True)


def test_a_clerk_of_one_city_sees_no_other(client: FlaskClient, guarded: Installation, tokens: TokenFile) -> None:
    own, other = list(guarded.cities.values())[:2]
    token, _ = tokens.new(Role.CLERK, (own.divisions.towns[0].code,), 30, "")
    client.set_cookie(TOKEN_COOKIE, token)
    assert client.get("/").status_code == 200
    assert client.get(f"/?city={own.city.code}").status_code == 200
    assert client.get(f"/?city={other.city.code}").status_code == 403
    assert client.get("/?city=nowhere").status_code == 400


def test_divisions_bind_everything_below_them(place: Installation) -> None:
    folder = next(iter(place.cities.values()))
    town = folder.divisions.towns[0]
    below = {village.code for village in folder.divisions.children(town.code)}
    assert with_divisions_below([town.code], place.cities.values()) == below | {town.code}
    assert with_divisions_below(["000000000000"], place.cities.values()) == frozenset()


def test_behind_a_proxy_only_the_proxy_may_connect_and_only_over_tls(
    client: FlaskClient, guarded: Installation, serving: dict[str, Any]
) -> None:
    serving[EXTENSION] = replace(guarded, trusted_proxy="192.0.2.9")
    secure = {"base_url": "https://canbao.example"}
    assert client.get("/health", environ_base={"REMOTE_ADDR": "192.0.2.9"}, **secure).status_code == 200
    assert client.get("/health", environ_base={"REMOTE_ADDR": "192.0.2.8"}, **secure).status_code == 403
    assert client.get("/health", environ_base={"REMOTE_ADDR": "192.0.2.9"}).status_code == 403


def test_the_demo_is_served_to_this_machine_only(tmp_path: Path, tokens: TokenFile) -> None:
    check(settings_for(tmp_path, is_demo=True), ServeOptions("127.0.0.1", 8050), tokens.path)
    with pytest.raises(RefusedToServeError, match=r"--host 127\.0\.0\.1"):
        check(settings_for(tmp_path, is_demo=True), ServeOptions("0.0.0.0", 8050), tokens.path)


def test_serving_others_needs_a_valid_token_and_tls_or_a_proxy(tmp_path: Path, tokens: TokenFile) -> None:
    real = settings_for(tmp_path, is_demo=False)
    certified = ServeOptions("0.0.0.0", 8050, tls_cert=tmp_path / "c", tls_key=tmp_path / "k")
    with pytest.raises(RefusedToServeError, match="token new"):
        check(real, certified, tokens.path)
    _, record = tokens.new(Role.OPERATOR, (), 30, "")
    check(real, certified, tokens.path)
    check(real, ServeOptions("0.0.0.0", 8050, trusted_proxy="192.0.2.9"), tokens.path)
    with pytest.raises(RefusedToServeError, match="--trusted-proxy"):
        check(real, ServeOptions("0.0.0.0", 8050), tokens.path)
    with pytest.raises(RefusedToServeError, match="both"):
        check(real, ServeOptions("0.0.0.0", 8050, tls_cert=tmp_path / "c"), tokens.path)
    tokens.revoke(record.id)
    with pytest.raises(RefusedToServeError, match="token new"):
        check(real, certified, tokens.path)


def test_the_command_line_issues_lists_and_revokes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CANBAO_HOME", str(tmp_path))
    monkeypatch.delenv("CANBAO_DEMO", raising=False)
    assert main(["token", "new", "--role", "clerk"]) == 2
    assert "divisions" in capsys.readouterr().err
    assert main(["token", "new", "--role", "operator", "--note", "duty room"]) == 0
    token = capsys.readouterr().out.splitlines()[0]
    assert main(["token", "list"]) == 0
    listed = capsys.readouterr().out
    assert token.partition(".")[0] in listed
    assert token.partition(".")[2] not in listed
    assert "duty room" in listed
    assert main(["token", "revoke", token.partition(".")[0]]) == 0
    assert main(["token", "revoke", "ffffffff"]) == 2
    assert TokenFile(tmp_path / "tokens.json").find(token) is None
    assert main(["serve", "--host", "0.0.0.0"]) == 2
    assert "token" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", True), ("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("[::1]", True),
     ("0.0.0.0", False), ("192.0.2.7", False), ("localhost.example", False), ("", False)],
)  # fmt: skip
def test_what_counts_as_this_machine(host: str, expected: bool) -> None:
    assert is_loopback(host) == expected
