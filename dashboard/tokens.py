"""Tokens: how viewers of a real installation are known. Random secrets, kept only as salted hashes.

A token is `<id>.<secret>`. The secret has 256 random bits, so one round of SHA-256 with a salt is enough; a slow hash
would only make every request slow. Tokens expire, can be revoked, and are bound to a role and, for clerks, to
divisions.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from pathlib import Path
from threading import Lock

from pydantic import TypeAdapter

from dashboard.access import Role
from insurance.values import Model
from warehouse.files import write_atomically


class TokenRecord(Model):
    """What is kept of a token."""

    id: str
    role: Role
    divisions: tuple[str, ...] = ()
    salt: str
    hash: str
    issued_at: datetime
    expires_at: datetime
    is_revoked: bool = False
    note: str = ""

    def is_valid(self, now: datetime) -> bool:
        """Whether the token opens anything at `now` (aware)."""
        return not self.is_revoked and now < self.expires_at


_RECORDS = TypeAdapter(tuple[TokenRecord, ...])


@dataclass
class TokenFile:
    """The file of tokens at `path`; read again whenever it changes, so that a revocation counts at once."""

    path: Path
    _seen: tuple[int, int] | None = None
    _records: dict[str, TokenRecord] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def new(self, role: Role, divisions: tuple[str, ...], days: int, note: str) -> tuple[str, TokenRecord]:
        """A new token and its record. The token is shown once and cannot be read back. ValueError for bad bounds."""
        if not 1 <= days <= 366:
            raise ValueError("a token lives between 1 and 366 days")
        if (role is Role.CLERK) != bool(divisions):
            raise ValueError("a clerk's token needs divisions, and only a clerk's has them")
        token_id, secret, salt = secrets.token_hex(4), secrets.token_urlsafe(32), secrets.token_hex(16)
        now = datetime.now(UTC)
        record = TokenRecord(
            id=token_id, role=role, divisions=divisions, salt=salt, hash=_hash(salt, secret), issued_at=now,
            expires_at=now + timedelta(days=days), note=note,
        )  # fmt: skip
        self._write([*self.records(), record])
        return f"{token_id}.{secret}", record

    def revoke(self, token_id: str) -> None:
        """Close the token for good. KeyError when there is none of that id."""
        records = self.records()
        if token_id not in {record.id for record in records}:
            raise KeyError(token_id)
        self._write([r.model_copy(update={"is_revoked": True}) if r.id == token_id else r for r in records])

    def records(self) -> list[TokenRecord]:
        """Every token ever issued, revoked and expired ones included, oldest first."""
        return list(self._current().values())

    def find(self, token: str) -> TokenRecord | None:
        """The valid record of `token`, None when it opens nothing."""
        token_id, _, secret = token.partition(".")
        record = self._current().get(token_id)
        if record is None or not compare_digest(record.hash, _hash(record.salt, secret)):
            return None
        return record if record.is_valid(datetime.now(UTC)) else None

    def _current(self) -> dict[str, TokenRecord]:
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            return {}
        seen = (stat.st_mtime_ns, stat.st_ino)
        with self._lock:
            if seen != self._seen:
                records = _RECORDS.validate_json(self.path.read_bytes())
                self._records, self._seen = {record.id: record for record in records}, seen
            return self._records

    def _write(self, records: list[TokenRecord]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        body = [record.model_dump(mode="json") for record in records]
        write_atomically(self.path, json.dumps(body, ensure_ascii=False, indent=1).encode())
        self.path.chmod(0o600)


def _hash(salt: str, secret: str) -> str:
    return hashlib.sha256(bytes.fromhex(salt) + secret.encode()).hexdigest()


def tokens_path(home: Path, env: Mapping[str, str]) -> Path:
    """Where the tokens of the installation stand."""
    return Path(env["CANBAO_TOKENS"]) if env.get("CANBAO_TOKENS") else home / "tokens.json"
