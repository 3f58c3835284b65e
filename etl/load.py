"""A load: inbox → batches → generation, under the lock, with nothing lost and nothing guessed."""

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import date, datetime
from multiprocessing import get_context
from pathlib import Path

from configuration.cities import CityFolder, load_cities
from configuration.problems import ConfigurationError, file_problem
from configuration.reason_texts import finding
from configuration.settings import Settings
from etl.batches import Batch, BatchStore, newest_versions, sortable
from etl.inbox import InboxFile, Refusal, scan_inbox
from etl.installation import (
    Installation,
    as_of_days,
    batches_in_use,
    known_batch_ids,
    open_installation,
    refusals_standing,
)
from etl.lock import loader_lock
from etl.merge.build import Ingredients
from etl.progress import Progress
from etl.pseudonym import Pseudonymiser, read_key
from etl.publish import Publication, publish, remove_leftovers
from etl.read_file import Reading, ReadResult, read_file
from etl.reasons import FileReason
from etl.rereading import outdated_ids, refuse_lost_campaigns, subject_of
from warehouse.manifest import ManifestError

SMALL_LOAD_BYTES = 8 * 2**20  # below this, starting worker processes costs more than it saves
SMALLEST_COPY_BYTES = 1024
WORKERS = 2


@dataclass(frozen=True)
class LoadReport:
    """What a load did."""

    new: list[Batch]
    known: int  # files whose content was loaded before
    refusals: list[Refusal]
    unfinished: list[str]
    superseded: list[tuple[Batch, Batch]]  # (in use before, the newer version in use now)
    reread: int  # files read anew because what says how to read them has changed
    publication: Publication | None
    warnings: list[str] = field(default_factory=list)


def load(
    settings: Settings, inbox: Path, progress: Progress, as_of_on: date | None = None, is_year_confirmed: bool = False
) -> LoadReport:
    """Load everything new below `inbox` and publish. Raises LockHeldError, KeyProblemError, ManifestError."""
    with loader_lock(settings.home, f"load {inbox}"):
        site = open_installation(settings)
        site.store.remove_leftovers()
        remove_leftovers(settings.home)
        scan = scan_inbox(inbox, {code: folder.feeds for code, folder in site.folders.items()})
        before = newest_versions([site.store.read(i) for i in known_batch_ids(site) if site.store.has(i)])
        days = as_of_days(site, as_of_on)
        files, copies = without_copies(scan.files, site.folders)
        results = _read_all(files, site, days, scan.synthetic_persons, is_year_confirmed, progress)
        refusals = list(scan.refusals) + [r.refusal for r in results if r.refusal]
        read = {result.batch.batch_id: result.batch for result in results if result.batch}
        copies += sum(1 for result in results if result.batch) - len(read)
        batches, ties = _without_ties(list(read.values()), before)
        refusals += ties
        loaded = known_batch_ids(site)
        new = [batch for batch in batches if batch.batch_id not in loaded]
        outdated = outdated_ids(site, loaded, new)
        _refuse_missing(site, loaded - outdated)
        refuse_lost_campaigns(site, outdated)
        _record(site, new, refusals, outdated)
        publication = publish_in_use(site, days, progress)
        after = {batch.identity_key: batch for batch in batches_in_use(site)}
        return LoadReport(
            new=new,
            known=copies + sum(1 for batch in batches if batch.batch_id in loaded),
            refusals=refusals,
            unfinished=[*scan.unfinished, *(r.gone_name for r in results if r.gone_name)],
            superseded=[
                (batch, after[batch.identity_key])
                for batch in before
                if batch.identity_key in after and after[batch.identity_key].content_sha256 != batch.content_sha256
            ],
            reread=len(outdated),
            publication=publication,
            warnings=[
                *(f"{b.file_name}: no rows; it replaces nothing" for b in new if b.rows_read == 0),
                *(f"{name}: no city has this code; nothing in it is read" for name in scan.strangers),
            ],
        )


def without_copies(files: list[InboxFile], folders: Mapping[str, CityFolder]) -> tuple[list[InboxFile], int]:
    """Fault 2: of files with the same content the one with the least name, and how many copies were left out.

    A name that gives another benefit year, or belongs to another feed, makes the same content another file.
    """
    by_size: dict[tuple[str, str, int], list[InboxFile]] = {}
    for file in files:
        by_size.setdefault((file.city, file.path.suffix, file.size), []).append(file)
    kept: list[InboxFile] = []
    for group in by_size.values():
        seen: set[tuple[str, bytes]] = set()
        for file in sorted(group, key=lambda f: f.name):
            # Only files of one size can be copies; small ones (headers only) are not worth a look.
            digest = _digest(file) if len(group) > 1 and file.entry is None else b""
            subject = subject_of(folders[file.city], file.name)
            if digest and (subject, digest) in seen and file.size > SMALLEST_COPY_BYTES:
                continue
            seen.add((subject, digest))
            kept.append(file)
    return kept, len(files) - len(kept)


def _digest(file: InboxFile) -> bytes:
    """Hash of the content; empty for a file that cannot be read, which is told when it is its turn."""
    try:
        return hashlib.sha256(file.path.read_bytes()).digest()
    except OSError:
        return b""


def _refuse_missing(site: Installation, loaded: set[str]) -> None:
    """Fault 67: never publish without batches that were loaded once; say which files bring them back."""
    missing = [
        f"{entry['city']}/{entry['file_name']}"
        for entry in site.manifest.entries()
        if entry["event"] == "loaded" and entry["batch_id"] in loaded and not site.store.has(entry["batch_id"])
    ]
    if missing:
        raise ManifestError(
            f"{len(missing)} files loaded earlier are missing below {site.home}: an old backup? Put them into the "
            f"inbox and load again: {', '.join(missing[:20])}"
        )


def publish_in_use(site: Installation, days: Mapping[str, date], progress: Progress) -> Publication:
    """Publish the generation of the batches in use."""
    batches = batches_in_use(site)
    if gone := sorted({batch.city for batch in batches} - set(site.folders)):
        raise ConfigurationError(
            [file_problem(site.home, f"files of {city} are loaded: its folder must be there") for city in gone]
        )
    refusals = refusals_standing(site, batches)
    ingredients = Ingredients(batches, site.store, site.folders, days, refusals)
    recipe = {
        "batches": [batch.batch_id for batch in batches],
        "as_of_on": {city: day.isoformat() for city, day in sorted(days.items())},
        "cities": {code: folder_hash(folder.path) for code, folder in sorted(site.folders.items())},
        "refused": sorted(f"{r.city} {r.file_name} {r.content_sha256}" for r in refusals),
    }
    recipe_hash = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()
    return publish(site.home, ingredients, recipe_hash, progress.step)


def folder_hash(path: Path) -> str:
    """Hash of a city's folder: another rule or division makes another generation."""
    digest = hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file() and p.suffix in (".yaml", ".csv")):
        digest.update(f"{file.relative_to(path)}\n".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _without_ties(read: list[Batch], before: list[Batch]) -> tuple[list[Batch], list[Refusal]]:
    """Fault 3: of two files with the same identity and version but other content, the later to arrive is refused."""
    held = {(batch.identity_key, sortable(batch.version)): batch for batch in before}
    kept: list[Batch] = []
    ties: list[Refusal] = []
    for batch in sorted(read, key=lambda b: (b.received_at, b.file_name)):
        key = (batch.identity_key, sortable(batch.version))
        other = held.get(key)
        if other and other.content_sha256 != batch.content_sha256 and other.rows_read and batch.rows_read:
            detail = finding("same_version", other=other.file_name)
            ties.append(
                Refusal(
                    batch.city, batch.file_name, FileReason.VERSION_TIE, detail, batch.feed, batch.content_sha256
                )
            )
            continue
        held[key] = batch
        kept.append(batch)
    return kept, ties


def _record(site: Installation, new: list[Batch], refusals: list[Refusal], outdated: set[str]) -> None:
    """Write what was read into the manifest, in one durable step."""
    now = datetime.now().isoformat(timespec="microseconds")
    entries: list[dict[str, object]] = []
    existing = list(site.manifest.entries())
    if not any(entry["event"] == "key" for entry in existing):
        entries.append({"event": "key", "fingerprint": site.pseudonymiser.fingerprint, "at": now})
    for batch in sorted(new, key=lambda b: b.order_key):
        entries.append(
            {
                "event": "loaded", "batch_id": batch.batch_id, "city": batch.city, "feed": batch.feed,
                "file_name": batch.file_name, "rows_read": batch.rows_read, "read_fen": batch.read_fen,
                "content_sha256": batch.content_sha256, "synthetic": batch.is_synthetic, "at": now,
            }
        )  # fmt: skip
    entries += [{"event": "revoked", "batch_id": batch_id, "at": now} for batch_id in sorted(outdated)]
    told = {(e["city"], e["file_name"], e["content_sha256"]) for e in existing if e["event"] == "refused"}
    for refusal in refusals:
        if (refusal.city, refusal.file_name, refusal.content_sha256) not in told:
            entries.append(
                {
                    "event": "refused", "city": refusal.city, "feed": refusal.feed, "file_name": refusal.file_name,
                    "reason": str(refusal.reason), "detail": refusal.detail,
                    "content_sha256": refusal.content_sha256, "at": now,
                }
            )  # fmt: skip
    if entries:
        site.manifest.append(*entries)


def _read_all(
    files: list[InboxFile],
    site: Installation,
    days: Mapping[str, date],
    synthetic: Mapping[str, int | None],
    is_year_confirmed: bool,
    progress: Progress,
) -> list[ReadResult]:
    """Read every file, in worker processes when there is much to read."""
    received_at = datetime.now()
    readings = {
        city: Reading(
            store=site.store,
            folder=folder,
            pseudonymiser=site.pseudonymiser,
            read_on=days[city],
            received_at=received_at,
            is_synthetic=city in synthetic,
            synthetic_persons=synthetic.get(city),
            is_year_confirmed=is_year_confirmed,
        )
        for city, folder in site.folders.items()
    }
    total = sum(file.size for file in files)
    progress.begin("read", total)
    if total < SMALL_LOAD_BYTES:
        results = []
        for file in files:
            results.append(read_file(file, readings[file.city]))
            progress.advance(results[-1].file_bytes)
        return results
    return _read_in_workers(files, site.settings, readings, progress)


_WORKER: dict[str, Reading] = {}


def _read_in_workers(
    files: list[InboxFile], settings: Settings, readings: dict[str, Reading], progress: Progress
) -> list[ReadResult]:
    shared = [Shared(city, r.read_on, r.received_at, r.is_synthetic, r.synthetic_persons, r.is_year_confirmed)
              for city, r in readings.items()]  # fmt: skip
    results: list[ReadResult] = []
    # spawn, not fork: Arrow's threads do not survive a fork
    with ProcessPoolExecutor(WORKERS, get_context("spawn"), _start_worker, (settings, shared)) as pool:
        largest_first = sorted(files, key=lambda file: -file.size)
        futures: list[Future[ReadResult]] = [pool.submit(_read_in_worker, file) for file in largest_first]
        try:
            for future in as_completed(futures):
                results.append(future.result())
                progress.advance(results[-1].file_bytes)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return results


@dataclass(frozen=True)
class Shared:
    """What a worker process is told of one city."""

    city: str
    read_on: date
    received_at: datetime
    is_synthetic: bool
    synthetic_persons: int | None
    is_year_confirmed: bool


def _start_worker(settings: Settings, shared: list[Shared]) -> None:
    site_key = settings.key_path
    assert site_key is not None
    pseudonymiser = Pseudonymiser(read_key(site_key), settings.pseudonym)
    folders = load_cities(settings.cities_folders)
    for told in shared:
        _WORKER[told.city] = Reading(
            store=BatchStore(settings.home),
            folder=folders[told.city],
            pseudonymiser=pseudonymiser,
            read_on=told.read_on,
            received_at=told.received_at,
            is_synthetic=told.is_synthetic,
            synthetic_persons=told.synthetic_persons,
            is_year_confirmed=told.is_year_confirmed,
        )


def _read_in_worker(file: InboxFile) -> ReadResult:
    return read_file(file, _WORKER[file.city])


