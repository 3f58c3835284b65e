"""What lies in an inbox: which files are safe to read, complete, and known to a feed."""

import io
import json
import os
import re
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from configuration.feed import Feed
from configuration.reason_texts import finding
from etl.reading.rows import RefusedFileError
from etl.reasons import FileReason

SYNTHETIC_MARKER = "SYNTHETIC.json"
UNFINISHED_SUFFIXES = (".tmp", ".part", ".crdownload", ".filepart")
SETTLE_SECONDS = 2.0
MAX_UNPACKED_BYTES = 4 * 2**30
MAX_RATIO = 200


@dataclass(frozen=True)
class InboxFile:
    """A file in the inbox, or one entry of an archive in it."""

    city: str
    path: Path
    name: str  # name of the file, or of the entry
    entry: str | None = None  # inside an archive

    @property
    def size(self) -> int:
        """Bytes on disk; of an entry, those of its archive."""
        return self.path.stat().st_size

    def read(self) -> bytes:
        """Its bytes. Raises RefusedFileError for an archive that is not safe to unpack."""
        if self.entry is None:
            return self.path.read_bytes()
        with zipfile.ZipFile(self.path) as archive:
            return archive.read(self.entry)


@dataclass(frozen=True)
class Refusal:
    """A file that is refused as a whole."""

    city: str
    file_name: str
    reason: FileReason
    detail: str  # a stored finding
    feed: str = ""
    content_sha256: str = ""


@dataclass(frozen=True)
class Scan:
    """files to read; refusals found on the way; unfinished: names of files still being written."""

    files: list[InboxFile]
    refusals: list[Refusal]
    unfinished: list[str]
    synthetic_persons: dict[str, int | None]  # cities whose inbox is marked as invented → how many residents


def scan_inbox(inbox: Path, cities: dict[str, tuple[Feed, ...]]) -> Scan:
    """Everything below INBOX/<city>, for each known city, in the order of names."""
    files: list[InboxFile] = []
    refusals: list[Refusal] = []
    unfinished: list[str] = []
    synthetic: dict[str, int | None] = {}
    for city in sorted(cities):
        folder = inbox / city
        if not folder.is_dir():
            continue
        if (folder / SYNTHETIC_MARKER).is_file():
            synthetic[city] = _marked_persons(folder / SYNTHETIC_MARKER)
        paths = sorted(_walk(folder))
        young = {path: path.stat() for path in paths if not path.is_symlink() and _is_young(path)}
        if young:
            time.sleep(SETTLE_SECONDS)
        for path in paths:
            if path.is_symlink():
                refusals.append(Refusal(city, path.name, FileReason.UNSAFE_PATH, finding("link")))
            elif _has_changed(path, young.get(path)) or _waits_for_marker(path, cities[city]):
                unfinished.append(path.name)
            elif path.suffix.lower() == ".zip":
                _unpack(city, path, files, refusals)
            else:
                files.append(InboxFile(city, path, path.name))
    return Scan(files, refusals, unfinished, synthetic)


def _marked_persons(path: Path) -> int | None:
    try:
        return int(json.loads(path.read_text(encoding="utf-8"))["persons"])
    except (ValueError, KeyError, TypeError):
        return None


def match_feed(name: str, feeds: tuple[Feed, ...]) -> tuple[Feed, re.Match[str]]:
    """The one feed whose pattern fits the whole name. Raises RefusedFileError for none or two."""
    found = [(feed, match) for feed in feeds if (match := re.fullmatch(feed.files.pattern, name))]
    if not found:
        raise RefusedFileError(FileReason.NO_FEED, "unknown_name", name=name)
    if len(found) > 1:
        names = ", ".join(feed.feed for feed, _ in found)
        raise RefusedFileError(FileReason.AMBIGUOUS_FEED, "several_feeds", name=name, feeds=names)
    return found[0]


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_symlink() or path.is_file():
            hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
            marker = path.name == SYNTHETIC_MARKER or path.suffix == ".done"
            if not hidden and not marker and path.suffix.lower() not in UNFINISHED_SUFFIXES:
                yield path


def _is_young(path: Path) -> bool:
    return time.time() - path.stat().st_mtime < SETTLE_SECONDS


def _has_changed(path: Path, before: os.stat_result | None) -> bool:
    """Whether a young file has changed since `before`; an old one (None) has not."""
    if before is None:
        return False
    now = path.stat()
    return (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns)


def _waits_for_marker(path: Path, feeds: tuple[Feed, ...]) -> bool:
    """Fault 4: some sources say themselves when a file is complete."""
    for feed in feeds:
        marker = feed.files.done_marker
        if marker and re.fullmatch(feed.files.pattern, path.name):
            return not path.with_name(path.name + marker).exists()
    return False


def _unpack(city: str, path: Path, files: list[InboxFile], refusals: list[Refusal]) -> None:
    """Entries of an archive as files of their own; an archive that is not safe is refused as a whole (fault 34)."""
    try:
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except zipfile.BadZipFile:
        refusals.append(Refusal(city, path.name, FileReason.UNSAFE_ARCHIVE, finding("damaged_archive")))
        return
    unpacked = sum(entry.file_size for entry in entries)
    limit = min(MAX_UNPACKED_BYTES, max(2**20, path.stat().st_size * MAX_RATIO))
    problem = None
    if unpacked > limit:
        problem = finding("unpacks_too_large", unpacked=unpacked, packed=path.stat().st_size)
    for entry in entries:
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        is_link = (entry.external_attr >> 16) & 0o170000 == 0o120000
        if name.is_absolute() or ".." in name.parts or is_link:
            problem = finding("unsafe_name", name=repr(entry.filename))
    if problem:
        refusals.append(Refusal(city, path.name, FileReason.UNSAFE_ARCHIVE, problem))
        return
    files.extend(InboxFile(city, path, PurePosixPath(e.filename).name, e.filename) for e in entries)
