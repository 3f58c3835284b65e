"""How a page joins the product: one call that gives it an address, its roles, its context and the frame around it."""

import logging
from collections.abc import Callable

import dash
from dash.development.base_component import Component
from flask import g
from sqlalchemy.exc import SQLAlchemyError

from dashboard import faces, sitemap, texts
from dashboard.access import ForbiddenError, Role
from dashboard.addresses import AddressError, languages_of
from dashboard.context import PageContext, build_context
from dashboard.installation import installation
from dashboard.shell import frame
from warehouse.generations import NoGenerationError

logger = logging.getLogger(__name__)

Body = Callable[[PageContext], list[Component]]
_bodies: dict[str, Body] = {}


def add_page(module: str, key: str, path: str, roles: frozenset[Role], body: Body, order: int) -> None:
    """Enter the page `key` at `path`, open to `roles`; `body` composes its cards.

    The address is read here and not from the keyword arguments that Dash makes of it, because a query could override
    path variables there (fault 44); whatever is wrong with an address ends in a message, never in a server error.
    """
    page = sitemap.Page(key=key, path=path, roles=roles, order=order)
    sitemap.put(page)
    _bodies[key] = body

    def layout(**_query: object) -> Component:
        return render(page, body, _search())

    def title(**_variables: object) -> str:
        language, _ = languages_of(_search())
        return texts.text(language, "shell.title", page=texts.text(language, f"shell.nav.{key}"))

    dash.register_page(  # type: ignore[no-untyped-call]
        module, path=path, name=key, title=title, order=order, layout=layout
    )


def render(page: sitemap.Page, body: Body, search: str) -> Component:
    """The whole page at `search` for the viewer of this request, or the face of why there is none.

    A face of our own failure goes out with its status (assets/faces.js lets Dash draw it all the same), so that
    whoever watches the server sees it too.
    """
    place = installation()
    language, theme = languages_of(search)
    try:
        context = build_context(place, page, search, g.viewer)
        framed = compose(context, body)
        g.is_page_sound = not context.marks.is_stale
        return framed
    except AddressError as error:
        return faces.refused(language, theme, error)
    except ForbiddenError as error:
        place.audit.note("refused", g.viewer, error.what)
        return faces.forbidden(language, theme, is_demo=place.is_demo)
    except NoGenerationError:
        return faces.nothing_loaded(language, theme, is_demo=place.is_demo)
    except (SQLAlchemyError, OSError):
        logger.exception("the warehouse does not answer")
        g.page_status = 503
        return faces.no_database(language, theme)
    except Exception:
        # The last line of defence: the viewer gets a face, the log gets the cause, nobody gets a traceback.
        logger.exception("page %s failed", page.key)
        g.page_status = 500
        return faces.broken(language, theme)


def compose(context: PageContext, body: Body | None = None) -> Component:
    """The page of `context` (its own body when none is given) in its frame. Raises what the page raises."""
    return frame(context, (body or _bodies[context.page.key])(context))


def _search() -> str:
    """The query of the address that Dash is drawing, or of the request itself outside a callback."""
    return str(g.get("page_search", ""))
