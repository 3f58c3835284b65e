"""Publication: build the database aside, make it durable, record it in the manifest, then move the pointer."""

import json
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from etl.merge.build import Ingredients, Progress, build_database
from warehouse.files import fsync_file, fsync_folder
from warehouse.generations import DATABASE_NAME, DESCRIPTION_NAME, NoGenerationError, Warehouse
from warehouse.manifest import Manifest


class PublicationError(Exception):
    """The warehouse could not be built; the generation in use stays."""


@dataclass(frozen=True)
class Publication:
    """What was published."""

    generation_id: str
    content_hash: str
    is_new: bool  # false: the generation in use rests on the same ingredients


def publish(home: Path, ingredients: Ingredients, recipe_hash: str, progress: Progress) -> Publication:
    """Publish a generation from `ingredients`; a generation with the same recipe is not built again.

    recipe_hash: hash of batches, city folders and as-of days. Steps, each durable before the next: database, its
    description, its place under its own name, the manifest's line, the pointer. A crash leaves the old pointer.
    """
    warehouse = Warehouse(home)
    manifest = Manifest(home)
    published = manifest.generations()
    current_id = warehouse.pointer()
    for entry in reversed(published):
        if entry["generation_id"] == current_id and entry["recipe_hash"] == recipe_hash and _is_sound(warehouse):
            return Publication(entry["generation_id"], entry["content_hash"], is_new=False)
    remove_leftovers(home)
    now = datetime.now(UTC)
    generation_id = f"{now:%Y%m%dT%H%M%S%f}-{recipe_hash[:8]}"
    building = warehouse.folder / f".building-{os.getpid()}"
    building.mkdir(parents=True)
    content_hash = _build(building / DATABASE_NAME, ingredients, progress)
    _describe(building / DATABASE_NAME, generation_id, current_id or "", content_hash)
    shutil.rmtree(building / "spill", ignore_errors=True)
    description = {
        "id": generation_id,
        "published_at": now.isoformat(),
        "database_bytes": (building / DATABASE_NAME).stat().st_size,
        "content_hash": content_hash,
        "manifest_head": manifest.head(),
    }
    (building / DESCRIPTION_NAME).write_text(json.dumps(description, indent=1), encoding="utf-8")
    fsync_file(building / DATABASE_NAME)
    fsync_file(building / DESCRIPTION_NAME)
    os.replace(building, warehouse.folder / generation_id)
    fsync_folder(warehouse.folder)
    manifest.append(
        {
            "event": "published",
            "generation_id": generation_id,
            "based_on": current_id or "",
            "recipe_hash": recipe_hash,
            "content_hash": content_hash,
            "published_at": now.isoformat(),
            "as_of_on": {city: day.isoformat() for city, day in sorted(ingredients.as_of_on.items())},
            "synthetic": sorted({batch.city for batch in ingredients.batches if batch.is_synthetic}),
            "batches": [batch.batch_id for batch in ingredients.batches],
            "rows_read": sum(batch.rows_read for batch in ingredients.batches),
            "read_fen": sum(batch.read_fen for batch in ingredients.batches),
        }
    )
    warehouse.make_current(generation_id)
    return Publication(generation_id, content_hash, is_new=True)


def _build(path: Path, ingredients: Ingredients, progress: Progress) -> str:
    """Build the database. The engine's own words are told only where they cannot quote a row."""
    try:
        return build_database(path, ingredients, progress)
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise PublicationError(f"the warehouse could not be written: {error}") from None
    except duckdb.Error as error:
        raise PublicationError(
            f"the warehouse could not be built ({type(error).__name__}): python -m etl verify names damaged batches"
        ) from None


def remove_leftovers(home: Path) -> None:
    """Remove half-built generations of crashed loads. Call only while holding the lock."""
    for leftover in (home / "generations").glob(".building-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _is_sound(warehouse: Warehouse) -> bool:
    try:
        generation = warehouse.current()
    except NoGenerationError:
        return False
    return warehouse.current_alarm is None and generation.id == warehouse.pointer()


def _describe(database: Path, generation_id: str, based_on: str, content_hash: str) -> None:
    """Write the identity into the database itself, so that a swapped file is noticed."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("INSERT INTO meta_generation VALUES (?, ?, ?)", [generation_id, based_on, content_hash])
