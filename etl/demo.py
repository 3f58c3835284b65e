"""The demo: every city that declares one, with invented files through the real loader, once."""

import argparse
import json
import shutil
from pathlib import Path

from configuration.cities import CityFolder, load_cities
from configuration.settings import Settings
from etl.load import folder_hash, load
from etl.progress import Progress
from etl.synth import command as synth_command
from warehouse.files import write_atomically
from warehouse.generations import NoGenerationError, Warehouse
from warehouse.manifest import Manifest

HISTORY_YEARS = 2
SEED = 2018


def prepare_demo(settings: Settings, persons: int | None, progress: Progress) -> bool:
    """Make and load the demo unless it is there already; returns whether anything was done.

    persons: residents of all cities together, shared as the cities' own sizes are; None: the cities' own sizes.
    Raises ValueError outside demo mode: invented data never mix with real ones.
    """
    if not settings.is_demo:
        raise ValueError("the demo needs CANBAO_DEMO=1, and a CANBAO_HOME of its own")
    folders = {code: f for code, f in load_cities(settings.cities_folders).items() if f.city.demo}
    recipe = {
        "persons": _sizes(folders, persons),
        "seed": SEED,
        "history_years": HISTORY_YEARS,
        "cities": {code: folder_hash(folder.path) for code, folder in folders.items()},
    }
    done = settings.home / "demo" / "done.json"
    if done.is_file() and json.loads(done.read_text(encoding="utf-8")) == recipe and _is_published(settings.home):
        return False
    if any(e["event"] == "loaded" and not e["synthetic"] for e in Manifest(settings.home).entries()):
        raise ValueError(f"{settings.home} holds data that are not invented; choose another CANBAO_HOME for the demo")
    work = settings.home / "demo" / "files"
    shutil.rmtree(work, ignore_errors=True)
    for name in ("batches", "generations"):
        shutil.rmtree(settings.home / name, ignore_errors=True)
    for name in ("manifest.jsonl", "CURRENT"):
        (settings.home / name).unlink(missing_ok=True)
    for code, size in recipe["persons"].items():  # type: ignore[attr-defined]
        options = argparse.Namespace(
            city=code, persons=size, seed=SEED, out=work, as_of=None, history_years=HISTORY_YEARS, json=False
        )
        synth_command.run(options)
    load(settings, work / "inbox", progress)
    write_atomically(done, json.dumps(recipe, indent=1).encode())
    return True


def _sizes(folders: dict[str, CityFolder], persons: int | None) -> dict[str, int]:
    own = {code: folder.city.demo.persons for code, folder in folders.items() if folder.city.demo}
    if persons is None:
        return own
    total = sum(own.values())
    return {code: max(500, round(persons * size / total)) for code, size in own.items()}


def _is_published(home: Path) -> bool:
    try:
        Warehouse(home).current()
    except NoGenerationError:
        return False
    return True
