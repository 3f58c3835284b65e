"""What lies in an inbox: which files are safe to read, complete, and known to a feed."""

import io
import json
import os
import re
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from configuration.feed import Feed
from configuration.reason_texts import finding
from etl.reading.rows import RefusedFileError, repeated_names
from etl.reasons import FileReason

SYNTHETIC_MARKER = "SYNTHETIC.json"
UNFINISHED_SUFFIXES = (".tmp", ".part", ".crdownload", ".filepart")
SETTLE_SECONDS = 2.0
MAX_UNPACKED_BYTES = 4 * 2**30
MAX_RATIO = 200
# Everything that zipfile raises for archives that are damaged, encrypted or packed in a way it does not know.
BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, LookupError)


@dataclass(frozen=True)
class InboxFile:
    """A file in the inbox, or one entry of an archive in it."""

    city: str
    path: Path
    name: str  # name of the file, or of the entry
    entry: str | None = None  # inside an archive

    @property
    def size(self) -> int:
        """Bytes on disk, of an entry those of its archive; 0 when the file has gone."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def read(self) -> bytes:
        """Its bytes. Raises RefusedFileError when they cannot be read or unpacked, FileNotFoundError when gone."""
        try:
            if self.entry is None:
                return self.path.read_bytes()
            with zipfile.ZipFile(self.path) as archive:
                return archive.read(self.entry)
        except FileNotFoundError:
            raise
        except BROKEN_ARCHIVE as error:
            if self.entry is None:
                why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else type(error).__name__
                raise RefusedFileError(FileReason.UNREADABLE_FILE, "not_readable", why=why) from None
            raise RefusedFileError(FileReason.UNSAFE_ARCHIVE, "damaged_archive") from None


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
    strangers: list[str] = field(default_factory=list)  # names in the inbox that are no city's folder


def scan_inbox(inbox: Path, cities: dict[str, tuple[Feed, ...]]) -> Scan:
    """Everything below INBOX/<city>, for each known city, in the order of names."""
    files: list[InboxFile] = []
    refusals: list[Refusal] = []
    unfinished: list[str] = []
    synthetic: dict[str, int | None] = {}
    for city in sorted(cities):
        folder = inbox / city
        if folder.is_symlink():
            refusals.append(Refusal(city, city, FileReason.UNSAFE_PATH, finding("linked_folder")))
            continue
        if not folder.is_dir():
            continue
        if (folder / SYNTHETIC_MARKER).is_file():
            synthetic[city] = _marked_persons(folder / SYNTHETIC_MARKER)
        paths = sorted(_walk(folder))
        young = _young(paths)
        if young:
            time.sleep(SETTLE_SECONDS)
        for path in paths:
            name = printable(path.name)
            if path.is_symlink():
                refusals.append(Refusal(city, name, FileReason.UNSAFE_PATH, finding("link")))
            elif _has_changed(path, young.get(path)) or _waits_for_marker(path, cities[city]):
                unfinished.append(name)
            elif path.suffix.lower() == ".zip":
                _unpack(city, path, files, refusals)
            else:
                files.append(InboxFile(city, path, name))
    strangers = _strangers(inbox, cities)
    return Scan(files, refusals, unfinished, synthetic, strangers)


def printable(name: str) -> str:
    """A file's name that can be stored and shown: control characters and bytes that are no text are written out."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def _strangers(inbox: Path, cities: Iterable[str]) -> list[str]:
    """What lies in the inbox beside the folders of the cities: nobody would ever read it."""
    names = [path.name for path in inbox.iterdir() if not path.name.startswith(".")]
    return sorted(printable(name) for name in names if name not in set(cities))


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


def _young(paths: list[Path]) -> dict[Path, os.stat_result]:
    """State of the files that changed a moment ago."""
    young = {}
    for path in paths:
        with suppress(FileNotFoundError):
            state = path.lstat()
            if not path.is_symlink() and time.time() - state.st_mtime < SETTLE_SECONDS:
                young[path] = state
    return young


def _has_changed(path: Path, before: os.stat_result | None) -> bool:
    """Whether a young file has changed since `before`, or has gone; an old one (None) has not changed."""
    if not path.exists():
        return True
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
    except BROKEN_ARCHIVE:
        refusals.append(Refusal(city, printable(path.name), FileReason.UNSAFE_ARCHIVE, finding("damaged_archive")))
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
            problem = finding("unsafe_name", name=printable(entry.filename))
    if repeated := sorted(repeated_names([entry.filename for entry in entries])):
        problem = finding("repeated_name", name=printable(repeated[0]))
    if problem:
        refusals.append(Refusal(city, printable(path.name), FileReason.UNSAFE_ARCHIVE, problem))
        return
    for entry in entries:
        own_name = PurePosixPath(entry.filename.replace("\\", "/")).name
        files.append(InboxFile(city, path, printable(own_name), entry.filename))
