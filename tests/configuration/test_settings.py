"""Settings of the installation from environment variables."""

import os
from pathlib import Path

import pytest

from configuration.problems import ConfigurationError
from configuration.settings import BUILT_IN_CITIES, Settings


def test_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_environment({"CANBAO_KEY": ""})
    assert settings.home == tmp_path / "var"
    assert settings.cities_folders == (BUILT_IN_CITIES,)
    assert (settings.key_path, settings.pseudonym, settings.is_demo) == (None, "hmac-sha256", False)


def test_everything_set(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    env = {
        "CANBAO_HOME": str(tmp_path / "home"),
        "CANBAO_CITIES": os.pathsep.join([str(tmp_path / "a"), str(tmp_path / "b")]),
        "CANBAO_KEY": str(tmp_path / "keys" / "pseudonym"),
        "CANBAO_PSEUDONYM": "hmac-sm3",
        "CANBAO_DEMO": "0",
    }
    settings = Settings.from_environment(env)
    assert settings.cities_folders == (BUILT_IN_CITIES, tmp_path / "a", tmp_path / "b")
    assert settings.key_path == tmp_path / "keys" / "pseudonym"
    assert settings.pseudonym == "hmac-sm3"


def test_key_inside_home_is_refused(tmp_path: Path) -> None:
    env = {"CANBAO_HOME": str(tmp_path), "CANBAO_KEY": str(tmp_path / "x" / ".." / "key")}
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environment(env)
    (problem,) = caught.value.problems
    assert str(problem) == f"environment: CANBAO_KEY: found {tmp_path}/key; must lie outside CANBAO_HOME ({tmp_path})"


def test_key_of_the_demo_may_lie_inside(tmp_path: Path) -> None:
    env = {"CANBAO_HOME": str(tmp_path), "CANBAO_DEMO": "1"}
    assert Settings.from_environment(env).key_path == tmp_path / "demo" / "key"
    env["CANBAO_KEY"] = str(tmp_path / "own")
    assert Settings.from_environment(env).key_path == tmp_path / "own"


def test_link_into_home_is_inside_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "link").symlink_to(home)
    with pytest.raises(ConfigurationError, match="must lie outside CANBAO_HOME"):
        Settings.from_environment({"CANBAO_HOME": str(home), "CANBAO_KEY": str(tmp_path / "link" / "key")})


def test_all_wrong_settings_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    env = {
        "CANBAO_HOME": str(tmp_path / "file"),
        "CANBAO_CITIES": str(tmp_path / "nowhere"),
        "CANBAO_PSEUDONYM": "md5",
        "CANBAO_DEMO": "yes",
    }
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environment(env)
    assert [problem.key for problem in caught.value.problems] == [
        "CANBAO_HOME",
        "CANBAO_CITIES",
        "CANBAO_DEMO",
        "CANBAO_PSEUDONYM",
    ]
