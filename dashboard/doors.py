"""Routes by which viewers say who they are: the demo's switch of roles, and the entrance with a token."""

from html import escape
from urllib.parse import quote

from flask import Flask, Response, redirect, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response as WsgiResponse

from dashboard import texts
from dashboard.access import EVERYONE, Role, declarations
from dashboard.addresses import languages_of, local_path
from dashboard.identity import ROLE_COOKIE, TOKEN_COOKIE, demo_viewer
from dashboard.installation import installation

_ENTRANCE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{brand}</title><link rel="stylesheet" href="/assets/canbao.css">
<link rel="stylesheet" href="/assets/shell.css"></head>
<body><div class="cb-frame cb-frame--face" data-theme="{theme}"><main class="cb-face">
<p class="cb-face__brand">{brand}</p><h1 class="cb-face__title">{title}</h1><p class="cb-face__next">{next}</p>
<form class="cb-enter" method="post" action="/enter?back={back}"><label for="token">{label}</label>
<input id="token" name="token" type="password" autocomplete="off" required>
<button type="submit">{submit}</button></form>
{problem}</main></div></body></html>"""


def install(server: Flask) -> None:
    """Add the routes."""
    server.add_url_rule("/role", "switch_role", switch_role, methods=["POST"])
    server.add_url_rule("/enter", "show_entrance", show_entrance, methods=["GET"])
    server.add_url_rule("/enter", "enter", enter, methods=["POST"])
    server.add_url_rule("/leave", "leave", leave, methods=["POST"])
    declarations.declare_endpoint("switch_role", EVERYONE)
    for endpoint in ("show_entrance", "enter", "leave"):
        declarations.declare_endpoint(endpoint, None)


def switch_role() -> WsgiResponse:
    """Act as another role; in the demo only."""
    place = installation()
    if not place.is_demo:
        raise NotFound
    name = request.form.get("role", "")
    if name not in {role.value for role in Role}:
        raise BadRequest("no such role")
    answer = redirect(local_path(request.args.get("back", "/")), 303)
    _set_cookie(answer, ROLE_COOKIE, name)
    place.audit.note("role switched", demo_viewer(place, name), "demo switch")
    return answer


def show_entrance() -> Response:
    """Where a token is asked for."""
    return Response(_entrance(is_wrong=False), mimetype="text/html")


def enter() -> WsgiResponse:
    """Take a token, and remember it in a cookie that no script can read."""
    place = installation()
    token = request.form.get("token", "").strip()
    record = place.tokens.find(token) if place.tokens else None
    if record is None:
        place.audit.note("token refused", None, "entrance")
        return Response(_entrance(is_wrong=True), status=401, mimetype="text/html")
    answer = redirect(local_path(request.args.get("back", "/")), 303)
    _set_cookie(answer, TOKEN_COOKIE, token)
    return answer


def leave() -> WsgiResponse:
    """Forget the token."""
    answer = redirect("/enter", 303)
    answer.delete_cookie(TOKEN_COOKIE)
    return answer


def _set_cookie(answer: WsgiResponse, name: str, value: str) -> None:
    answer.set_cookie(name, value, httponly=True, samesite="Strict", secure=request.is_secure)


def _entrance(*, is_wrong: bool) -> str:
    back = local_path(request.args.get("back", "/"))
    search = back.partition("?")[2]
    language, theme = languages_of(search)
    words = {key: texts.text(language, f"shell.enter.{key}") for key in ("label", "submit", "wrong")}
    problem = f'<p class="cb-face__detail" role="alert">{escape(words["wrong"])}</p>' if is_wrong else ""
    return _ENTRANCE.format(
        lang="zh-CN" if language == "zh" else "en",
        theme=theme,
        brand=escape(texts.text(language, "shell.brand")),
        title=escape(texts.text(language, "shell.face.enter.title")),
        next=escape(texts.text(language, "shell.face.enter.next")),
        back=quote(back, safe=""),
        label=escape(words["label"]),
        submit=escape(words["submit"]),
        problem=problem,
    )
