"""The application: Dash with its pages, behind the gate, for one installation."""

import importlib
import pkgutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import dash
from dash import Dash, html
from flask import Flask, g
from werkzeug.middleware.proxy_fix import ProxyFix

from configuration.cities import load_cities
from configuration.settings import Settings
from dashboard import compression, doors, faces, gate, health, security, texts
from dashboard.access import EVERYONE, declarations
from dashboard.addresses import languages_of
from dashboard.audit import Audit
from dashboard.clock import BusinessClock, system_now
from dashboard.installation import EXTENSION, Installation
from dashboard.store import Store
from dashboard.tokens import TokenFile, tokens_path
from warehouse.generations import Warehouse

ROOT = Path(__file__).resolve().parent.parent
PAGES_PACKAGE = "pages"
# Pages are modules of the package `pages` when Dash takes a module of the root for its own name.
APP_NAME = "wsgi"
_PAGES_OUTPUT = "_pages_content.children"


class CanbaoApp(Dash):
    """Dash, with a document that knows its language and theme before any script runs."""

    def interpolate_index(self, **parts: Any) -> str:  # type: ignore[override]
        """The document of every page; the colours of the theme are there from the first paint."""
        language, theme = languages_of(str(g.get("page_search", "")))
        spoken = "zh-CN" if language == "zh" else "en"
        title = texts.text(language, "shell.brand")
        return (
            f'<!DOCTYPE html>\n<html lang="{spoken}" data-theme="{theme}">\n<head>\n'
            f"{parts['metas']}\n<title>{title}</title>\n{parts['favicon']}\n{parts['css']}\n"
            f"</head>\n<body>\n{parts['app_entry']}\n"
            f"<footer>{parts['config']}\n{parts['scripts']}\n{parts['renderer']}</footer>\n</body>\n</html>\n"
        )


def installation_from_environment(env: Mapping[str, str]) -> Installation:
    """The installation that the environment describes. Raises ConfigurationError.

    CANBAO_TOKENS: file of tokens (default below CANBAO_HOME); CANBAO_TRUSTED_PROXY: the one address that may connect;
    CANBAO_STARTED_AT: the instant from which the demo's clock advances, the same for all workers.
    """
    settings = Settings.from_environment(env)
    started = env.get("CANBAO_STARTED_AT")
    return Installation(
        home=settings.home,
        cities=load_cities(settings.cities_folders),
        store=Store(Warehouse(settings.home)),
        clock=BusinessClock(settings.is_demo, datetime.fromisoformat(started) if started else system_now()),
        audit=Audit(settings.home / "audit.jsonl"),
        is_demo=settings.is_demo,
        tokens=None if settings.is_demo else TokenFile(tokens_path(settings.home, env)),
        trusted_proxy=env.get("CANBAO_TRUSTED_PROXY") or None,
    )


def create_app(place: Installation) -> Dash:
    """The application for `place`. One a process: callbacks of pages belong to the first application that is made."""
    server = Flask(APP_NAME, static_folder=None)
    server.extensions[EXTENSION] = place
    server.config["MAX_CONTENT_LENGTH"] = gate.MAX_BODY_BYTES
    if place.trusted_proxy is not None:
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    app = CanbaoApp(
        APP_NAME,
        server=False,
        use_pages=True,
        pages_folder="",
        assets_folder=str(ROOT / "assets"),
        suppress_callback_exceptions=True,
        include_pages_meta=False,
        update_title="",
        title="canbao",
    )
    app.server = server
    gate.declare_framework_routes()
    gate.install(server, app)
    app.init_app(server)
    security.install(server, app)
    compression.install(server)
    health.install(server)
    doors.install(server)
    _import_pages()
    dash.register_page(  # type: ignore[no-untyped-call]
        f"{PAGES_PACKAGE}.not_found_404", path="/404", layout=_unknown_address
    )
    app.layout = html.Div(dash.page_container)
    _settle(app, server)
    return app


def _import_pages() -> None:
    """Import every module of the package of pages. By name: the arrow between rooms points from pages to here."""
    package = importlib.import_module(PAGES_PACKAGE)
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
        importlib.import_module(f"{PAGES_PACKAGE}.{module.name}")


def _unknown_address(**_query: object) -> Any:
    return faces.unknown(*languages_of(str(g.get("page_search", ""))))


def _settle(app: Dash, server: Flask) -> None:
    """Let Dash do what it puts off until the first request, so that the gate knows all callbacks before that."""
    with server.test_client() as client:
        client.get("/health", base_url="https://localhost", environ_base={"REMOTE_ADDR": "127.0.0.1"})
    framework = [output for output in app.callback_map if _PAGES_OUTPUT in output]
    declarations.declare_callbacks(framework, EVERYONE)
