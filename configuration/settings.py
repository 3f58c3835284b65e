"""Settings of the installation, from environment variables. docs/architecture.md says what lies below CANBAO_HOME."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from configuration.problems import ConfigurationError, Problem
from insurance.values import Model

PseudonymAlgorithm = Literal["hmac-sha256", "hmac-sm3"]
UNFIT_FOR_A_PATH = frozenset("*?[]{}'\"\n")  # the database engine reads them as patterns or quotes
BUILT_IN_CITIES = Path(__file__).resolve().parent.parent / "cities"


class Settings(Model):
    """Where data live, which cities there are, and how identifiers become pseudonyms."""

    home: Path  # absolute; CANBAO_HOME
    cities_folders: tuple[Path, ...]  # built-in cities first, then those of CANBAO_CITIES
    key_path: Path | None  # file with the key of the pseudonyms; None: nothing can be loaded yet
    pseudonym: PseudonymAlgorithm
    is_demo: bool  # invented data with a key of its own

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> "Settings":
        """Settings from CANBAO_HOME, CANBAO_CITIES, CANBAO_KEY, CANBAO_PSEUDONYM and CANBAO_DEMO.

        An empty variable counts as unset. Raises ConfigurationError with every wrong one.
        """
        problems: list[Problem] = []
        home = Path(env.get("CANBAO_HOME") or "var").expanduser().resolve()
        if found := sorted(UNFIT_FOR_A_PATH & set(str(home))):
            problems.append(_wrong("CANBAO_HOME", str(home), f"must not hold {' '.join(found)}"))
        if home.exists() and not home.is_dir():
            problems.append(_wrong("CANBAO_HOME", str(home), "must be a folder, or not exist yet"))
        parts = env.get("CANBAO_CITIES", "").split(os.pathsep)
        extra = tuple(Path(part).expanduser().resolve() for part in parts if part)
        for folder in extra:
            if not folder.is_dir():
                problems.append(_wrong("CANBAO_CITIES", str(folder), "must name folders that exist"))
        demo = env.get("CANBAO_DEMO") or "0"
        if demo not in ("0", "1"):
            problems.append(_wrong("CANBAO_DEMO", demo, "allowed: 0, 1"))
        is_demo = demo == "1"
        pseudonym = env.get("CANBAO_PSEUDONYM") or "hmac-sha256"
        if pseudonym not in get_args(PseudonymAlgorithm):
            allowed = f"allowed: {', '.join(get_args(PseudonymAlgorithm))}"
            problems.append(_wrong("CANBAO_PSEUDONYM", pseudonym, allowed))
        key_path = Path(env["CANBAO_KEY"]).expanduser().resolve() if env.get("CANBAO_KEY") else None
        if key_path is None and is_demo:
            key_path = home / "demo" / "key"
        elif key_path is not None and not is_demo and key_path.is_relative_to(home):
            # Whoever copies or backs up the data must not carry the key along with them.
            problems.append(_wrong("CANBAO_KEY", str(key_path), f"must lie outside CANBAO_HOME ({home})"))
        if problems:
            raise ConfigurationError(problems)
        return cls.model_validate(
            {
                "home": home,
                "cities_folders": (BUILT_IN_CITIES, *extra),
                "key_path": key_path,
                "pseudonym": pseudonym,
                "is_demo": is_demo,
            }
        )


def _wrong(variable: str, found: str, allowed: str) -> Problem:
    return Problem(file="environment", key=variable, found=found, allowed=allowed)
