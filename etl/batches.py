"""Batches: one immutable folder per file version, checked and pseudonymised. A generation is a function of these."""

import hashlib
import json
import os
import shutil
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from insurance.values import Model
from warehouse.files import fsync_file, fsync_folder

ROWS_NAME = "rows.parquet"
SET_ASIDE_NAME = "set_aside.parquet"
DESCRIPTION_NAME = "batch.json"


class Batch(Model):
    """What is known of one file version after reading and checking."""

    batch_id: str
    city: str
    feed: str
    kind: str
    file_name: str
    content_sha256: str
    identity: tuple[str, ...]  # what the file is about
    version: tuple[str, ...]  # orders the versions of one identity
    encoding: str
    is_synthetic: bool  # invented: the inbox says so, or identifiers of a division that does not exist
    synthetic_persons: int | None  # size of the invented city, where the inbox says
    received_at: datetime
    rows_read: int
    rows_set_aside: int  # by the checks of the row alone; the merge may set more aside
    read_fen: int
    set_aside_fen: int
    rows_unreadable_amount: int
    declared_rows: int | None
    declared_fen: int | None
    unexplained_fen: int  # declared less readable
    unknown_columns: tuple[str, ...]
    rows_sha256: str = ""  # of the rows and the rows set aside as they were stored; empty before they are

    @property
    def identity_key(self) -> tuple[str, str, tuple[str, ...]]:
        """Same key: versions of the same file."""
        return self.city, self.feed, self.identity

    @property
    def order_key(self) -> tuple[str, str, tuple[str, ...], tuple[str, ...], str, str]:
        """Order of the batches within a generation: never the order of arrival."""
        return self.city, self.feed, sortable(self.version), self.identity, self.file_name, self.batch_id


def sortable(version: tuple[str, ...]) -> tuple[str, ...]:
    """Version parts so that numbers compare as numbers: digits padded to one width."""
    return tuple(part.zfill(20) if part.isdigit() else part for part in version)


class BatchStore:
    """The batches below one CANBAO_HOME."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "batches"

    def path(self, batch_id: str) -> Path:
        """Folder of a batch."""
        return self.folder / batch_id

    def has(self, batch_id: str) -> bool:
        """Whether the batch is there and says what it is: its description is written last."""
        try:
            self.read(batch_id)
        except (OSError, ValueError):
            return False
        return True

    def is_sound(self, batch_id: str) -> bool:
        """Whether the batch is there and its rows are the ones that were written."""
        if not self.has(batch_id):
            return False
        stated = self.read(batch_id).rows_sha256
        try:
            return not stated or stated == _files_sha256(self.path(batch_id))
        except OSError:
            return False

    def read(self, batch_id: str) -> Batch:
        """The description of a batch."""
        return Batch.model_validate_json((self.path(batch_id) / DESCRIPTION_NAME).read_bytes())

    def write(self, batch: Batch, rows: pa.Table, set_aside: pa.Table) -> None:
        """Store a batch in one atomic step: a folder under a temporary name, made durable, then renamed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = self.folder / f".{batch.batch_id}.{os.getpid()}"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        repetitive = [f.name for f in rows.schema if f.name in ("channel", "tier", "category", "division", "event")]
        pq.write_table(
            rows,
            temporary / ROWS_NAME,
            compression="zstd",
            compression_level=1,
            use_dictionary=repetitive,  # a dictionary of identifiers costs time and saves nothing
            write_statistics=False,
        )
        pq.write_table(set_aside, temporary / SET_ASIDE_NAME, compression="zstd", compression_level=1)
        description = batch.model_dump(mode="json") | {"rows_sha256": _files_sha256(temporary)}
        (temporary / DESCRIPTION_NAME).write_text(
            json.dumps(description, ensure_ascii=False, indent=1), encoding="utf-8"
        )
        for name in (ROWS_NAME, SET_ASIDE_NAME, DESCRIPTION_NAME):
            fsync_file(temporary / name)
        if not self.has(batch.batch_id):
            shutil.rmtree(self.path(batch.batch_id), ignore_errors=True)  # a damaged one
        try:
            os.replace(temporary, self.path(batch.batch_id))
        except OSError:
            if not self.has(batch.batch_id):  # else another worker read a copy of the same file a moment earlier
                raise
            shutil.rmtree(temporary, ignore_errors=True)
        fsync_folder(self.folder)

    def remove_leftovers(self) -> None:
        """Remove what a crashed load left under temporary names. Call only while holding the lock."""
        for leftover in self.folder.glob(".*"):
            shutil.rmtree(leftover, ignore_errors=True)


def _files_sha256(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in (ROWS_NAME, SET_ASIDE_NAME):
        with open(folder / name, "rb") as handle:
            digest.update(hashlib.file_digest(handle, "sha256").digest())
    return digest.hexdigest()


def newest_versions(batches: list[Batch]) -> list[Batch]:
    """The batches in use: of each identity the newest version, in `order_key` order.

    An empty file never takes the place of one with rows: it is loaded, warned about, and changes nothing.
    """
    newest: dict[tuple[str, str, tuple[str, ...]], Batch] = {}
    for batch in batches:
        held = newest.get(batch.identity_key)
        if held is None or _rank(batch) > _rank(held):
            newest[batch.identity_key] = batch
    return sorted(newest.values(), key=lambda batch: batch.order_key)


def _rank(batch: Batch) -> tuple[bool, tuple[str, ...], str, str]:
    return batch.rows_read > 0, sortable(batch.version), batch.file_name, batch.batch_id
