"""The dashboard's command line: `python -m dashboard serve` and `python -m dashboard token new|revoke|list`."""

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from configuration.problems import ConfigurationError
from configuration.settings import Settings
from dashboard.access import Role
from dashboard.serving import RefusedToServeError, ServeOptions, serve
from dashboard.tokens import TokenFile, TokenRecord, tokens_path


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Returns the exit status: 0 done, 2 refused with a sentence on stderr."""
    options = _parser().parse_args(arguments)
    try:
        settings = Settings.from_environment(os.environ)
        if options.command == "serve":
            serve(settings, _serve_options(options))
        else:
            _token(TokenFile(tokens_path(settings.home, os.environ)), options)
    except (ConfigurationError, RefusedToServeError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyError as error:
        print(f"there is no token {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dashboard", description="Serve canbao's pages.")
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="run the web server")
    serving.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    serving.add_argument("--port", type=int, default=8050)
    serving.add_argument("--workers", type=int, default=2)
    serving.add_argument("--tls-cert", type=Path, help="certificate chain, PEM")
    serving.add_argument("--tls-key", type=Path, help="key of the certificate, PEM")
    serving.add_argument("--trusted-proxy", help="address of the proxy that ends TLS; nobody else may connect")
    token = commands.add_parser("token", help="issue, revoke and list tokens")
    actions = token.add_subparsers(dest="action", required=True)
    new = actions.add_parser("new", help="issue a token and show it once")
    new.add_argument("--role", type=Role, choices=list(Role), required=True)
    new.add_argument("--division", action="append", default=[], help="12-digit code a clerk is bound to; repeatable")
    new.add_argument("--days", type=int, default=90, help="how long it is valid (1 to 366)")
    new.add_argument("--note", default="", help="whom or what it is for")
    revoke = actions.add_parser("revoke", help="close a token for good")
    revoke.add_argument("id")
    actions.add_parser("list", help="show all tokens, without their secrets")
    return parser


def _serve_options(options: argparse.Namespace) -> ServeOptions:
    return ServeOptions(
        host=options.host,
        port=options.port,
        workers=options.workers,
        tls_cert=options.tls_cert,
        tls_key=options.tls_key,
        trusted_proxy=options.trusted_proxy,
    )


def _token(tokens: TokenFile, options: argparse.Namespace) -> None:
    if options.action == "new":
        token, record = tokens.new(options.role, tuple(options.division), options.days, options.note)
        print(f"{token}\nShown once: keep it now. Valid until {record.expires_at:%Y-%m-%d}.")
    elif options.action == "revoke":
        tokens.revoke(options.id)
        print(f"{options.id} is revoked.")
    else:
        for record in tokens.records():
            print(_line(record))


def _line(record: TokenRecord) -> str:
    state = "revoked" if record.is_revoked else "valid" if record.is_valid(datetime.now(UTC)) else "expired"
    divisions = ",".join(record.divisions) or "-"
    return f"{record.id}  {record.role:<8}  {state:<7}  {record.expires_at:%Y-%m-%d}  {divisions}  {record.note}"


if __name__ == "__main__":
    sys.exit(main())
