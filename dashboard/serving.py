"""Running the web server, after checking that nobody can read figures who should not."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from configuration.settings import Settings
from dashboard.clock import system_now
from dashboard.loopback import is_loopback
from dashboard.tokens import TokenFile, tokens_path

BACKLOG_CONNECTIONS = 512
THREADS_A_WORKER = 8


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
    refuse_busy_port(options.host, options.port)
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
        backpressure=THREADS_A_WORKER,
        blocking_threads=THREADS_A_WORKER,
        log_level=LogLevels.error,
        ssl_cert=options.tls_cert,
        ssl_key=options.tls_key,
        respawn_failed_workers=True,
        log_access=False,
    ).serve()


def refuse_busy_port(host: str, port: int) -> None:
    """Refuse a port that is taken: the server shares ports, so two would answer in turn without a word.

    Raises RefusedToServeError.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise RefusedToServeError(
                f"Port {port} on {host} is taken or not allowed; choose another one: --port {port + 10} "
                f"(make run PORT={port + 10})."
            ) from None


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
