"""Pseudonyms: keyed hashes of identifiers. The key has its own file, never in the database, never in SQL.

Every use has its own prefix, so that a pseudonym, the hash of a name and the hash of a raw row cannot be compared.
A name is hashed together with its person, so that equal names of different persons look different.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ALGORITHMS = {"hmac-sha256": "sha256", "hmac-sm3": "sm3"}
KEY_BYTES = 32
BLOCK_BYTES = 64  # of both SHA-256 and SM3
FINGERPRINT_TEXT = b"canbao key fingerprint"


class KeyProblemError(Exception):
    """The key is missing, malformed or not the one the warehouse was made with. Nothing is loaded."""


class Pseudonymiser:
    """Keyed hashing with one key and one algorithm."""

    def __init__(self, key: bytes, algorithm: str) -> None:
        self._digest_name = ALGORITHMS[algorithm]
        self.algorithm = algorithm
        padded = key.ljust(BLOCK_BYTES, b"\0")
        # HMAC with both pads absorbed once: two copied states cost less than half of hmac.digest a row.
        self._inner = hashlib.new(self._digest_name, bytes(b ^ 0x36 for b in padded))
        self._outer = hashlib.new(self._digest_name, bytes(b ^ 0x5C for b in padded))
        self._cipher = AESGCM(hmac.digest(key, b"canbao raw rows", "sha256"))

    def digest(self, message: bytes) -> bytes:
        """HMAC of `message` (32 bytes)."""
        inner = self._inner.copy()
        inner.update(message)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()

    @property
    def fingerprint(self) -> str:
        """What the manifest keeps to recognise the key: it does not reveal it."""
        return f"{self.algorithm}:{self.digest(FINGERPRINT_TEXT).hex()[:16]}"

    def persons(self, identities: pa.StringArray) -> pa.Array:
        """Pseudonyms (UUID, 128 bits) of normal identifiers; null stays null."""
        encoded = identities.dictionary_encode()
        blob = b"".join(self.digest(b"person\0" + text.encode())[:16] for text in encoded.dictionary.to_pylist())
        storage = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(16), len(encoded.dictionary), [None, pa.py_buffer(blob)]
        )
        return pa.ExtensionArray.from_storage(pa.uuid(), storage.take(encoded.indices))

    def names(self, identities: Iterable[str | None], names: Iterable[str | None]) -> pa.Array:
        """Keyed hashes (int64) of names, each bound to its person."""
        return pa.array(
            [
                None
                if not identity or not name
                else int.from_bytes(self.digest(f"name\0{identity}\0{name}".encode())[:8], "big", signed=True)
                for identity, name in zip(identities, names, strict=True)
            ],
            pa.int64(),
        )

    def numbers(self, texts: pa.StringArray) -> pa.Array:
        """Keyed hashes (int64) of person numbers of the national platform."""
        encoded = texts.dictionary_encode()
        hashes = [
            int.from_bytes(self.digest(b"number\0" + text.encode())[:8], "big", signed=True)
            for text in encoded.dictionary.to_pylist()
        ]
        return pa.array(hashes, pa.int64()).take(encoded.indices)

    def row_hash(self, raw: bytes) -> str:
        """Keyed hash of a raw row: a bare hash of an identifier could be reversed by trying them all."""
        return self.digest(b"row\0" + raw).hex()[:32]

    def encrypt(self, raw: bytes) -> bytes:
        """The raw row, encrypted for the operator who holds the key (12-byte nonce first)."""
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, raw, None)

    def decrypt(self, sealed: bytes) -> bytes:
        """What `encrypt` sealed."""
        return self._cipher.decrypt(sealed[:12], sealed[12:], None)


def read_key(path: Path) -> bytes:
    """The key in the file at `path` (64 hexadecimal digits). Raises KeyProblemError with what to do."""
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        message = f"the key file {path} does not exist; make one with: python -m etl new-key {path}"
        raise KeyProblemError(message) from None
    except (ValueError, OSError) as error:
        raise KeyProblemError(f"the key file {path} cannot be read: {error}") from None
    if len(key) != KEY_BYTES:
        raise KeyProblemError(f"the key file {path} must hold {KEY_BYTES * 2} hexadecimal digits")
    return key


def write_new_key(path: Path) -> None:
    """Make a key that only its owner can read; an existing key is never overwritten."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(secrets.token_hex(KEY_BYTES) + "\n")
