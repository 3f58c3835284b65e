"""An opened CANBAO_HOME: settings, cities, key, batches, manifest; and what the manifest says is in use."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from configuration.cities import CityFolder, load_cities
from configuration.settings import Settings
from etl.batches import Batch, BatchStore, newest_versions
from etl.inbox import Refusal
from etl.pseudonym import KeyProblemError, Pseudonymiser, read_key, write_new_key
from etl.reasons import FileReason
from warehouse.generations import Warehouse
from warehouse.manifest import Manifest, ManifestError


@dataclass(frozen=True)
class Installation:
    """An opened CANBAO_HOME: settings, cities, key, store, manifest."""

    settings: Settings
    folders: dict[str, CityFolder]
    pseudonymiser: Pseudonymiser
    store: BatchStore
    manifest: Manifest

    @property
    def home(self) -> Path:
        """CANBAO_HOME."""
        return self.settings.home


def open_installation(settings: Settings) -> Installation:
    """Open for loading: a missing or wrong key, or a manifest that contradicts the data, stops everything here."""
    if settings.key_path is None:
        raise KeyProblemError("no key: set CANBAO_KEY to a key file outside CANBAO_HOME (python -m etl new-key PATH)")
    if settings.is_demo and not settings.key_path.exists():
        write_new_key(settings.key_path)
    pseudonymiser = Pseudonymiser(read_key(settings.key_path), settings.pseudonym)
    manifest = Manifest(settings.home)
    _check_manifest(settings.home, manifest)
    for entry in manifest.entries():
        if entry["event"] == "key" and entry["fingerprint"] != pseudonymiser.fingerprint:
            raise KeyProblemError(
                f"the key in {settings.key_path} is not the one this warehouse was made with "
                f"({entry['fingerprint'].split(':')[0]}); the same person would get two pseudonyms. Nothing was loaded."
            )
    folders = load_cities(settings.cities_folders)
    return Installation(settings, folders, pseudonymiser, BatchStore(settings.home), manifest)


def _check_manifest(home: Path, manifest: Manifest) -> None:
    """Fault 63: the manifest must reach at least as far as every generation on disk says it did."""
    hashes = set(manifest.hashes())
    warehouse = Warehouse(home)
    for generation_id in warehouse.generation_ids():
        try:
            text = (warehouse.folder / generation_id / "generation.json").read_text(encoding="utf-8")
            head = json.loads(text)["manifest_head"]
        except (ValueError, KeyError, TypeError):
            continue  # damaged: nobody can open that generation, and it testifies to nothing
        if head not in hashes:
            raise ManifestError(
                f"{manifest.path} was cut short or replaced: generation {generation_id} rests on lines that are gone. "
                "Restore the manifest from the backup; nothing was loaded."
            )


def as_of_days(site: Installation, as_of_on: date | None) -> dict[str, date]:
    """The business day of each city: as asked, else the demo's own, else today."""
    days = {}
    for code, folder in site.folders.items():
        demo = folder.city.demo if site.settings.is_demo else None
        days[code] = as_of_on or (demo.as_of_on if demo else date.today())
    return days


def known_batch_ids(site: Installation) -> set[str]:
    """Batches the manifest knows as loaded and not revoked."""
    known: set[str] = set()
    for entry in site.manifest.entries():
        if entry["event"] == "loaded":
            known.add(entry["batch_id"])
        elif entry["event"] == "revoked":
            known.discard(entry["batch_id"])
    return known


def batches_in_use(site: Installation) -> list[Batch]:
    """The newest version of everything that is loaded, in the order of a generation."""
    return newest_versions([site.store.read(batch_id) for batch_id in known_batch_ids(site)])


def refusals_standing(site: Installation, in_use: list[Batch]) -> list[Refusal]:
    """Files refused and not since delivered in a form that was taken (same name, other content)."""
    taken = {(batch.city, batch.file_name): batch.received_at.isoformat() for batch in in_use}
    standing: dict[tuple[str, str, str], Refusal] = {}
    for entry in site.manifest.entries():
        if entry["event"] == "refused":
            refusal = Refusal(
                entry["city"], entry["file_name"], FileReason(entry["reason"]), entry["detail"], entry["feed"],
                entry["content_sha256"],
            )
            standing[(refusal.city, refusal.file_name, refusal.content_sha256)] = refusal
            if entry["at"] < taken.get((refusal.city, refusal.file_name), ""):
                standing.pop((refusal.city, refusal.file_name, refusal.content_sha256))
    return list(standing.values())
