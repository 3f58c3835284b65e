"""The gate: the first thing that every request meets, before Dash and before any page.

It lets through what was declared (dashboard/access.py) to those it was declared for, in a form that cannot break what
comes after; everything else is refused in one line without a traceback.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from dash import Dash
from flask import Flask, Request, Response, g, redirect, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, RequestEntityTooLarge, Unauthorized
from werkzeug.wrappers import Response as WsgiResponse

from dashboard import sitemap
from dashboard.access import EVERYONE, ForbiddenError, declarations
from dashboard.addresses import AddressError, local_path
from dashboard.answers import PageAnswers
from dashboard.context import build_context
from dashboard.faces import join_back
from dashboard.identity import host_of, identify
from dashboard.installation import Installation, installation
from dashboard.loopback import is_loopback
from warehouse.generations import NoGenerationError

MAX_BODY_BYTES = 1024 * 1024
CALLBACK_ENDPOINT = "/_dash-update-component"
PAGE_ENDPOINTS = frozenset({"/", "/<path:path>"})
# Routes of Dash itself. Scripts and styles are open: the page that asks for a token needs them, and they hold no data.
FRAMEWORK_ROUTES: Mapping[str, bool] = {  # endpoint → open without a viewer
    "/": False,
    "/<path:path>": False,
    "/_dash-layout": False,
    "/_dash-dependencies": False,
    CALLBACK_ENDPOINT: False,
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": True,
    "/_favicon.ico": True,
    "_dash_assets.static": True,
}
_ADDRESS = "_pages_location"


def declare_framework_routes() -> None:
    """Declare what Dash brings along; anything it adds beyond this stays closed."""
    for endpoint, is_open in FRAMEWORK_ROUTES.items():
        declarations.declare_endpoint(endpoint, None if is_open else EVERYONE)


def install(server: Flask, app: Dash) -> None:
    """Put the gate before everything that `server` answers."""
    answers = PageAnswers()

    def check() -> WsgiResponse | None:
        place = installation()
        _check_network(place, request)
        if (request.content_length or 0) > MAX_BODY_BYTES:
            raise RequestEntityTooLarge
        endpoint = request.endpoint
        if endpoint is None:
            return None  # no such route: the server's own 404 or 405
        if endpoint not in declarations.endpoints:
            raise Forbidden
        if request.method == "POST" and not is_same_origin(request):
            raise Forbidden
        roles = declarations.endpoints[endpoint]
        g.page_search = f"?{request.query_string.decode('latin-1')}"
        if roles is None:
            return None
        viewer = identify(place, request)
        if viewer is None:
            if request.method == "GET" and endpoint in PAGE_ENDPOINTS:
                return redirect(join_back("/enter", local_path(request.full_path.rstrip("?"))), 303)
            raise Unauthorized
        g.viewer = viewer
        if viewer.role not in roles:
            place.audit.note("refused", viewer, f"route {endpoint}")
            raise Forbidden
        if endpoint == CALLBACK_ENDPOINT:
            return _checked_callback(app, place, answers)
        if endpoint in PAGE_ENDPOINTS:
            g.page_status = _status_of(place)
        return None

    server.before_request(check)
    answers.install(server)
    server.after_request(_with_page_status)
    server.register_error_handler(HTTPException, _in_one_line)
    server.register_error_handler(Exception, lambda error: _failed(server, error))


def is_same_origin(asked: Request) -> bool:
    """Whether a changing request comes from a page of this server. Browsers send Origin with every POST."""
    origin = asked.headers.get("Origin")
    if origin is None:
        return asked.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")
    return urlsplit(origin).netloc == asked.host


def checked_output(app: Dash, body: object) -> str:
    """The callback that a request body names, when the body has the form that Dash relies on. Raises BadRequest."""
    if not isinstance(body, dict) or not isinstance(body.get("output"), str):
        raise BadRequest("a callback's request needs an output")
    output: str = body["output"]
    declared = app.callback_map.get(output)
    if declared is None or "callback" not in declared:  # those without run in the browser
        raise BadRequest("no such callback")
    _check_values(body.get("inputs"), declared["inputs"])
    _check_values(body.get("state", []), declared["state"])
    changed = body.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(item, str) for item in changed):
        raise BadRequest("changedPropIds is a list of names")
    if not _are_outputs(output, body.get("outputs")):
        raise BadRequest("outputs do not fit the callback")
    return output


def _check_network(place: Installation, asked: Request) -> None:
    """In the demo only this machine; behind a proxy only that proxy, and only over TLS."""
    if place.is_demo and not (is_loopback(asked.remote_addr or "") and is_loopback(host_of(asked))):
        raise Forbidden
    if place.trusted_proxy is not None:
        sender = asked.environ.get("werkzeug.proxy_fix.orig", {}).get("REMOTE_ADDR", asked.remote_addr)
        if sender != place.trusted_proxy or not asked.is_secure:
            raise Forbidden


def _checked_callback(app: Dash, place: Installation, answers: PageAnswers) -> Response | None:
    """Refuse what is malformed or not declared for the viewer; a page that was asked for before is answered at once."""
    body = request.get_json()
    output = checked_output(app, body)
    if g.viewer.role not in declarations.callback_roles(output):
        place.audit.note("refused", g.viewer, f"callback {output}")
        raise Forbidden
    address = {item["property"]: item.get("value") or "" for item in body["inputs"] if _is_address(item)}
    if not all(isinstance(value, str) for value in address.values()):
        raise BadRequest("an address is text")
    if "search" not in address:
        return None
    g.page_search = address["search"]
    try:
        return answers.find(output, address.get("pathname", ""), address["search"])
    except (NoGenerationError, SQLAlchemyError, OSError):
        return None  # the page itself says what is wrong


def _is_address(item: object) -> bool:
    return isinstance(item, dict) and item["id"] == _ADDRESS


def _check_values(given: object, declared: list[Mapping[str, Any]]) -> None:
    if not isinstance(given, list) or len(given) != len(declared):
        raise BadRequest("inputs do not fit the callback")
    for item, wanted in zip(given, declared, strict=True):
        if isinstance(item, list):
            is_sound = str(wanted["id"]).startswith("{") and all(_is_property(part) for part in item)
        else:
            is_pattern = str(wanted["id"]).startswith("{")
            is_sound = _is_property(item) and (is_pattern or item["id"] == wanted["id"])
            is_sound = is_sound and item["property"] == wanted["property"]
        if not is_sound:
            raise BadRequest("inputs do not fit the callback")


def _are_outputs(output: str, given: object) -> bool:
    if not (output.startswith("..") and output.endswith("..")):
        return _is_output(output, given)
    names = output[2:-2].split("...")
    if not isinstance(given, list) or len(given) != len(names):
        return False
    return all(_is_output(name, item) for name, item in zip(names, given, strict=True))


def _is_output(name: str, given: Any) -> bool:
    if name.startswith("{"):  # a pattern stands for any number of components
        return isinstance(given, list) and all(_is_property(item) for item in given)
    # Dash marks outputs that several callbacks share with a hash behind an at sign.
    return _is_property(given) and f"{given['id']}.{given['property']}" == name.partition("@")[0]


def _is_property(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("id"), (str, dict)) and isinstance(item.get("property"), str)


def _status_of(place: Installation) -> int:
    """The status that the address deserves; the same document answers with a face that says why."""
    page = sitemap.page_at(request.path)
    if page is None:
        return 404
    try:
        build_context(place, page, g.page_search, g.viewer)
    except AddressError:
        return 400
    except ForbiddenError as error:
        place.audit.note("refused", g.viewer, error.what)
        return 403
    except (NoGenerationError, SQLAlchemyError, OSError):
        return 503
    return 200


def _with_page_status(response: Response) -> Response:
    if "page_status" in g and response.status_code == 200:
        response.status_code = g.page_status
    return response


def _in_one_line(error: HTTPException) -> WsgiResponse | HTTPException:
    if error.code is None or error.code < 400:
        return error
    return Response(f"{error.code} {error.name}\n", status=error.code, mimetype="text/plain")


def _failed(server: Flask, error: Exception) -> Response:
    server.logger.error("request failed", exc_info=error)
    return Response("500 Internal Server Error\n", status=500, mimetype="text/plain")
