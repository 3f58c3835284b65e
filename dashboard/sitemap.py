"""Which pages there are: key, path, and the roles that may open them. Pages enter themselves when they are imported."""

from dataclasses import dataclass

from dashboard.access import Role


@dataclass(frozen=True)
class Page:
    """A page of the product."""

    key: str
    path: str
    roles: frozenset[Role]
    order: int


_pages: dict[str, Page] = {}


def put(page: Page) -> None:
    """Enter `page`. Raises ValueError when its key or path belongs to another one."""
    for other in _pages.values():
        if (other.key == page.key) != (other.path == page.path):
            raise ValueError(f"page {page.key} at {page.path} collides with {other.key} at {other.path}")
    _pages[page.key] = page


def all_pages() -> list[Page]:
    """Pages in the order of the navigation."""
    return sorted(_pages.values(), key=lambda page: page.order)


def page_of(key: str) -> Page:
    """The page named `key`; KeyError when there is none."""
    return _pages[key]


def page_at(path: str) -> Page | None:
    """The page at `path`, None for an unknown address."""
    wanted = path.rstrip("/") or "/"
    return next((page for page in _pages.values() if page.path == wanted), None)
