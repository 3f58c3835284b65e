"""Running the web server, after checking that nobody can read figures who should not."""

import os
from dataclasses import dataclass
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces

from configuration.settings import Settings
from dashboard.app import tokens_path
from dashboard.clock import system_now
from dashboard.identity import is_loopback
from dashboard.tokens import TokenFile

BACKLOG_CONNECTIONS = 512


class RefusedToServeError(Exception):
    """Serving like this would open the figures; the message says what to do."""


@dataclass(frozen=True)
class ServeOptions:
    """What `serve` was asked for."""

    host: str
    port: int
    workers: int = 2
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_proxy: str | None = None


def serve(settings: Settings, options: ServeOptions) -> None:
    """Serve until interrupted. Raises RefusedToServeError."""
    check(settings, options, tokens_path(settings.home, os.environ))
    os.environ["CANBAO_STARTED_AT"] = system_now().isoformat()
    if options.trusted_proxy is not None:
        os.environ["CANBAO_TRUSTED_PROXY"] = options.trusted_proxy
    scheme = "https" if options.tls_cert else "http"
    print(f"canbao: {scheme}://{options.host}:{options.port}/", flush=True)
    Granian(
        "wsgi:server",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=options.workers,
        backlog=BACKLOG_CONNECTIONS,
        ssl_cert=options.tls_cert,
        ssl_key=options.tls_key,
        respawn_failed_workers=True,
        log_access=False,
    ).serve()


def check(settings: Settings, options: ServeOptions, tokens: Path) -> None:
    """Refuse what would let strangers in. Raises RefusedToServeError with what to do instead."""
    if (options.tls_cert is None) != (options.tls_key is None):
        raise RefusedToServeError("--tls-cert and --tls-key belong together: give both.")
    if settings.is_demo:
        if not is_loopback(options.host):
            raise RefusedToServeError(
                f"The demo lets everyone act as any role, so it listens on this machine only, not on {options.host}. "
                "Use --host 127.0.0.1, or unset CANBAO_DEMO and issue tokens (python -m dashboard token new)."
            )
        return
    if not any(record.is_valid(system_now()) for record in TokenFile(tokens).records()):
        raise RefusedToServeError(
            f"There is no valid token in {tokens}, so nobody could enter. "
            "Issue one first: python -m dashboard token new --role operator"
        )
    if not is_loopback(options.host) and options.tls_cert is None and options.trusted_proxy is None:
        raise RefusedToServeError(
            f"Tokens would cross the network in the clear on {options.host}. Give --tls-cert and --tls-key, "
            "or name the proxy that ends TLS with --trusted-proxy."
        )
