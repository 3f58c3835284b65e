"""Pseudonyms: keyed hashes of identifiers. The key has its own file, never in the database, never in SQL.

Every use has its own prefix, so that a pseudonym, the hash of a name and the hash of a raw row cannot be compared.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

import numpy as np
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
        return self._digests([message])[0]

    @property
    def fingerprint(self) -> str:
        """What the manifest keeps to recognise the key: it does not reveal it."""
        return f"{self.algorithm}:{self.digest(FINGERPRINT_TEXT).hex()[:16]}"

    def identify(self, identities: pa.StringArray, names: pa.StringArray | None = None) -> tuple[pa.Array, pa.Array]:
        """(pseudonyms, name hashes) of normal identifiers; null stays null.

        pseudonyms: UUID, 128 bits, the first half of the keyed hash. name hashes: int64, made with the second half,
        which is stored nowhere: equal names of different persons look different.
        """
        encoded = identities.dictionary_encode()
        digests = self._digests([b"person\0" + text.encode() for text in encoded.dictionary.to_pylist()])
        pseudonyms = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(16), len(digests), [None, pa.py_buffer(b"".join([digest[:16] for digest in digests]))]
        ).take(encoded.indices)
        name_hashes = pa.nulls(len(identities), pa.int64())
        if names is not None:
            name_hashes = self._name_hashes(digests, encoded.indices, names)
        return pa.ExtensionArray.from_storage(pa.uuid(), pseudonyms), name_hashes

    def _digests(self, messages: list[bytes]) -> list[bytes]:
        """`digest` of many messages: the loop that a load spends most of its time in."""
        copy_inner, copy_outer = self._inner.copy, self._outer.copy
        digests = []
        for message in messages:
            inner = copy_inner()
            inner.update(message)
            outer = copy_outer()
            outer.update(inner.digest())
            digests.append(outer.digest())
        return digests

    def _name_hashes(self, digests: list[bytes], indices: pa.Array, names: pa.StringArray) -> pa.Array:
        hash_new, algorithm = hashlib.new, self._digest_name
        secrets_of = [digest[16:] for digest in digests]
        blob = b"".join(
            [
                hash_new(algorithm, secrets_of[index] + name.encode()).digest()[:8]
                if index is not None and name
                else bytes(8)
                for index, name in zip(indices.to_pylist(), names.to_pylist(), strict=True)
            ]
        )
        values = np.frombuffer(blob, dtype=np.int64)
        return pa.array(values, mask=values == 0)

    def numbers(self, texts: pa.StringArray) -> pa.Array:
        """Keyed hashes (int64) of person numbers of the national platform."""
        encoded = texts.dictionary_encode()
        digests = self._digests([b"number\0" + text.encode() for text in encoded.dictionary.to_pylist()])
        values = np.frombuffer(b"".join([digest[:8] for digest in digests]), dtype=np.int64)
        return pa.array(values).take(encoded.indices)

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
