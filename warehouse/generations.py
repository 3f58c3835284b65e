"""Generations: immutable databases, one per publication, and the pointer to the one that is read.

Readers open a generation read-only under its own path: they never wait for a load and never see half of one. When the
pointer names a generation that is missing or corrupt, the newest sound one before it is served and the alarm says so.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from warehouse.files import write_atomically

POINTER_NAME = "CURRENT"
DATABASE_NAME = "warehouse.duckdb"
DESCRIPTION_NAME = "generation.json"


class NoGenerationError(Exception):
    """Nothing has been published yet, or nothing that was published can be read."""


@dataclass(frozen=True)
class Generation:
    """One publication."""

    id: str
    path: Path  # folder
    published_at: datetime
    database_bytes: int  # size at publication; another size now means damage

    @cached_property
    def engine(self) -> Engine:
        """A read-only SQLAlchemy engine on this generation."""
        url = URL.create("duckdb", database=str(self.path / DATABASE_NAME))
        return create_engine(url, connect_args={"read_only": True}, poolclass=QueuePool, pool_size=4, max_overflow=4)

    def is_sound(self) -> bool:
        """Whether the database is there in the published size and opens."""
        database = self.path / DATABASE_NAME
        if not database.is_file() or database.stat().st_size != self.database_bytes:
            return False
        try:
            with self.engine.connect() as connection:
                found = connection.execute(text("SELECT generation_id FROM meta_generation")).scalar()
        except SQLAlchemyError:
            return False
        return found == self.id


class Warehouse:
    """The generations below one CANBAO_HOME."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / "generations"
        self.current_alarm: str | None = None
        self._pointer_seen: tuple[int, int] | None = None
        self._current: Generation | None = None

    def current(self) -> Generation:
        """The generation to read. Cheap when nothing changed: one stat of the pointer."""
        pointer = self._pointer_stat()
        if self._current is None or pointer != self._pointer_seen:
            self._current = self._resolve()
            self._pointer_seen = pointer
        return self._current

    def generation(self, generation_id: str) -> Generation:
        """An earlier generation. Raises NoGenerationError when it is not there."""
        if not generation_id or not generation_id.replace("-", "").isalnum():
            raise NoGenerationError("a generation's id holds letters, digits and '-' only")
        folder = self.folder / generation_id
        try:
            description = json.loads((folder / DESCRIPTION_NAME).read_text(encoding="utf-8"))
            return Generation(
                id=description["id"],
                path=folder,
                published_at=datetime.fromisoformat(description["published_at"]),
                database_bytes=description["database_bytes"],
            )
        except (OSError, ValueError, KeyError):
            raise NoGenerationError(f"generation {generation_id} is missing or damaged") from None

    def generation_ids(self) -> list[str]:
        """Ids of all generations on disk, oldest first (ids begin with the time of publication)."""
        if not self.folder.is_dir():
            return []
        return sorted(p.name for p in self.folder.iterdir() if (p / DESCRIPTION_NAME).is_file())

    def pointer(self) -> str | None:
        """What CURRENT says, unchecked."""
        path = self.home / POINTER_NAME
        return path.read_text(encoding="utf-8").strip() if path.is_file() else None

    def make_current(self, generation_id: str) -> None:
        """Point readers to `generation_id`, in one atomic step."""
        write_atomically(self.home / POINTER_NAME, f"{generation_id}\n".encode())

    def _pointer_stat(self) -> tuple[int, int] | None:
        try:
            stat = (self.home / POINTER_NAME).stat()
        except FileNotFoundError:
            return None
        return stat.st_mtime_ns, stat.st_ino

    def _resolve(self) -> Generation:
        wanted = self.pointer()
        self.current_alarm = None
        earlier = [i for i in reversed(self.generation_ids()) if wanted is None or i < wanted]
        candidates = ([wanted] if wanted else []) + earlier
        for candidate in candidates:
            try:
                generation = self.generation(candidate)
            except NoGenerationError:
                continue
            if generation.is_sound():
                if candidate != wanted:
                    self.current_alarm = f"generation {wanted or '?'} is missing or damaged; {candidate} is served"
                return generation
        raise NoGenerationError("no generation has been published" if not candidates else "no readable generation")
