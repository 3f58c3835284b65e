"""The manifest: a hash-chained list of everything that was loaded, revoked and published, outside the database.

The database cannot testify for itself: a truncated log opens without an error and with fewer rows. The manifest says
what must be there; `verify` compares. Each line carries the hash of the line before it.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from warehouse.files import fsync_folder

CHAIN_START = "0" * 64


class ManifestError(Exception):
    """The manifest's chain is broken: a line was changed, removed or cut."""


class Manifest:
    """The manifest of one CANBAO_HOME."""

    def __init__(self, home: Path) -> None:
        self.path = home / "manifest.jsonl"

    def entries(self) -> Iterator[dict[str, Any]]:
        """Entries in order, the chain checked. Raises ManifestError at the first broken line."""
        if not self.path.exists():
            return
        previous = CHAIN_START
        with open(self.path, encoding="utf-8") as handle:
            for number, line in enumerate(handle, 1):
                try:
                    record = json.loads(line)
                    entry, stated = record["entry"], record["hash"]
                except (ValueError, KeyError, TypeError):
                    raise ManifestError(f"{self.path}:{number}: the line is damaged or cut short") from None
                if record.get("previous") != previous or _hash(previous, entry) != stated:
                    raise ManifestError(f"{self.path}:{number}: the chain of hashes is broken here")
                previous = stated
                yield entry

    def append(self, *entries: dict[str, Any]) -> None:
        """Add `entries` durably. The chain is checked first, so that nothing is written behind a break."""
        previous = self.head()
        lines = []
        for entry in entries:
            stated = _hash(previous, entry)
            record = {"previous": previous, "hash": stated, "entry": entry}
            lines.append(json.dumps(record, ensure_ascii=False, sort_keys=True) + "\n")
            previous = stated
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path, "a", encoding="utf-8") as handle:
            handle.writelines(lines)
            handle.flush()
            os.fsync(handle.fileno())
        fsync_folder(self.path.parent)

    def generations(self) -> list[dict[str, Any]]:
        """Entries of published generations, oldest first."""
        return [entry for entry in self.entries() if entry["event"] == "published"]

    def head(self) -> str:
        """Hash of the last line; the start of the chain when there is none."""
        return self.hashes()[-1]

    def hashes(self) -> list[str]:
        """Hashes of the chain from its start, one more than there are lines."""
        found = [CHAIN_START]
        for entry in self.entries():
            found.append(_hash(found[-1], entry))
        return found


def _hash(previous: str, entry: dict[str, Any]) -> str:
    body = json.dumps(entry, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()
