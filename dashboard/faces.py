"""Faces for when there is no page to show: what happened, and the next step. In words, with the shell's look."""

from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import texts
from dashboard.access import Role
from dashboard.addresses import AddressError, join
from dashboard.markup import attributes


def refused(language: str, theme: str, error: AddressError) -> Component:
    """The address says something that cannot be followed (faults 42–44)."""
    return _face(language, theme, "refused", detail=texts.text(language, error.key, **error.values))


def forbidden(language: str, theme: str, *, is_demo: bool) -> Component:
    """The viewer's role may not see this (fault 45)."""
    children: list[Component] = [role_switch(language, "/")] if is_demo else []
    return _face(language, theme, "forbidden", children=children)


def unknown(language: str, theme: str) -> Component:
    """No page at this address."""
    return _face(language, theme, "unknown")


def nothing_loaded(language: str, theme: str, *, is_demo: bool) -> Component:
    """No generation yet, and how to load one."""
    command = "make run" if is_demo else "python -m etl load INBOX"
    children: list[Component] = [html.Pre(html.Code(command), className="cb-face__command")]
    return _face(language, theme, "nothing_loaded", children=children, has_way_back=False)


def no_database(language: str, theme: str) -> Component:
    """The warehouse does not answer and nothing is remembered."""
    return _face(language, theme, "no_database")


def broken(language: str, theme: str) -> Component:
    """Something failed on this side."""
    return _face(language, theme, "broken")


def role_switch(language: str, back: str, current: Role | None = None) -> Component:
    """The demo's buttons for every role; each sends the viewer back to the address `back`."""
    buttons = [
        html.Button(
            texts.text(language, f"shell.role.{role.value}"),
            type="submit",
            name="role",
            value=role.value,
            className="cb-role" + (" cb-role--current" if role is current else ""),
            **attributes(aria_pressed="true" if role is current else "false"),
        )
        for role in Role
    ]
    return html.Form(buttons, action=join_back("/role", back), method="POST", className="cb-roles")


def join_back(path: str, back: str) -> str:
    """`path` with the address to return to."""
    return f"{path}?{urlencode({'back': back})}"


def _face(
    language: str,
    theme: str,
    key: str,
    *,
    detail: str = "",
    children: list[Component] | None = None,
    has_way_back: bool = True,
) -> Component:
    way_back = dcc.Link(
        texts.text(language, "shell.face.way_back"),
        href=join("/", {"lang": _other_than(language, texts.LANGUAGES[0]), "theme": _other_than(theme, "light")}),
        className="cb-face__link",
    )
    parts: list[Component] = [
        html.P(texts.text(language, "shell.brand"), className="cb-face__brand"),
        html.H1(texts.text(language, f"shell.face.{key}.title"), className="cb-face__title"),
        *([html.P(detail, className="cb-face__detail")] if detail else []),
        html.P(texts.text(language, f"shell.face.{key}.next"), className="cb-face__next"),
        *(children or []),
        *([way_back] if has_way_back else []),
    ]
    return html.Div(
        html.Main(parts, className="cb-face", id="cb-main"),
        className="cb-frame cb-frame--face",
        lang="zh-CN" if language == "zh" else "en",
        **attributes(data_theme=theme),
    )


def _other_than(value: str, default: str) -> str | None:
    return None if value == default else value
