"""Answers compressed, and files that never change kept: compressed once a process, kept a year by browsers."""

from threading import Lock

from flask import Flask, Request, Response, request
from flask_compress import Compress

KEPT_BYTES = 32 * 1024 * 1024
_SUITES = "/_dash-component-suites/"
_ASSETS = "/assets/"
_IMMUTABLE = "public, max-age=31536000, immutable"


class CompressedFiles:
    """What was compressed already, by address; only addresses that name one content for good are kept."""

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: str) -> bytes | None:
        """The compressed body of `key`, None when it is not kept."""
        return self._bodies.get(key)

    def set(self, key: str, body: bytes) -> None:
        """Keep `body`, if its address never changes meaning and there is room."""
        with self._lock:
            if key.endswith(" kept") and key not in self._bodies and self._bytes + len(body) <= KEPT_BYTES:
                self._bodies[key] = body
                self._bytes += len(body)


def install(server: Flask) -> None:
    """Compress what `server` answers."""
    server.config.update(
        COMPRESS_ALGORITHM=["gzip"],
        COMPRESS_STREAMS=False,
        COMPRESS_CACHE_BACKEND=CompressedFiles,
        COMPRESS_CACHE_KEY=_key,
    )
    Compress(server)
    # Registered last and therefore run first: a streamed file would pass the compression by.
    server.after_request(_prepare)


def _key(asked: Request) -> str:
    return f"{asked.full_path} kept" if _is_kept(asked) else asked.path


def _is_kept(asked: Request) -> bool:
    """Component bundles carry a fingerprint in their name, assets their time of change in the query."""
    is_fingerprinted = asked.path.startswith(_SUITES) and ".v" in asked.path
    is_stamped = asked.path.startswith(_ASSETS) and "m" in asked.args
    return asked.method == "GET" and (is_fingerprinted or is_stamped)


def _prepare(response: Response) -> Response:
    if response.status_code != 200 or not _is_kept(request):
        return response
    response.direct_passthrough = False
    response.set_data(response.get_data())
    response.headers["Cache-Control"] = _IMMUTABLE
    return response
