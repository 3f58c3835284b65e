"""Screenshots of every page, size, language and theme: `python -m dashboard.screens --out screens`.

One city is shown in full, the others once a page. Besides the pictures it makes contact-sheet.png, on which all of them
can be compared at a glance, and the picture of the README, docs/overview.png.
"""

import argparse
import os
import sys
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Browser
from sqlalchemy import select

from configuration.settings import Settings
from dashboard.addresses import THEMES
from dashboard.devserver import open_page, running_browser, running_server
from dashboard.texts import LANGUAGES
from warehouse.generations import Warehouse
from warehouse.schema import meta_cities

SIZES = ((1920, 1080), (1366, 768), (390, 844))
USUAL_SIZE = SIZES[1]
COVER_SIZE = SIZES[0]
COVER = Path("docs/overview.png")
SHEET_NAME = "contact-sheet.png"
SHEET_COLUMN_PX = 360
PHONE_PX = 600


@dataclass(frozen=True)
class Shot:
    """One picture to take."""

    path: str
    size: tuple[int, int]
    language: str
    theme: str
    city: str

    @property
    def query(self) -> str:
        """The query of its address, defaults written out too: the page must take them."""
        return urlencode({"city": self.city, "lang": self.language, "theme": self.theme})

    @property
    def file_name(self) -> str:
        """A name that sorts by page, then size."""
        page = self.path.strip("/").replace("/", "-") or "overview"
        return "-".join((self.city, page, str(self.size[0]), self.language, self.theme)) + ".png"


def main(arguments: list[str] | None = None) -> int:
    """Take the pictures. Returns the exit status."""
    options = _parser().parse_args(arguments)
    home = Settings.from_environment(os.environ).home
    options.out.mkdir(parents=True, exist_ok=True)
    with running_server(home) as address, running_browser() as browser:
        paths = options.page or _paths(browser, address)
        others, city = _cities(home, options.city)
        plan = [
            Shot(path, size, language, theme, city)
            for path, size, language, theme in product(paths, SIZES, LANGUAGES, THEMES)
        ]
        plan += [Shot(path, USUAL_SIZE, LANGUAGES[0], THEMES[0], other) for path, other in product(paths, others)]
        for number, shot in enumerate(plan, 1):
            take(browser, address, shot, options.out / shot.file_name, is_whole_page=True)
            print(f"\r{number}/{len(plan)} {shot.file_name:<50}", end="", flush=True)
        print()
        _contact_sheet(browser, options.out, plan)
        take(browser, address, Shot("/", COVER_SIZE, LANGUAGES[0], THEMES[0], city), options.cover, is_whole_page=False)
    print(f"{len(plan)} pictures and {SHEET_NAME} in {options.out}, the README's picture in {options.cover}")
    return 0


def take(browser: Browser, address: str, shot: Shot, target: Path, *, is_whole_page: bool) -> None:
    """Save `shot` of the server at `address` as the PNG file `target`."""
    width, height = shot.size
    page = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
    try:
        open_page(page, f"{address}{shot.path}?{shot.query}")
        page.screenshot(path=target, full_page=is_whole_page)
    finally:
        page.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dashboard.screens", description="Screenshots of every page.")
    parser.add_argument("--out", type=Path, default=Path("screens"), help="folder of the pictures")
    parser.add_argument("--city", help="code of the city that is shown in full (default: the last one)")
    parser.add_argument("--page", action="append", help="path of a page; repeatable (default: all)")
    parser.add_argument("--cover", type=Path, default=COVER, help="file of the README's picture")
    return parser


def _cities(home: Path, chosen: str | None) -> tuple[list[str], str]:
    """The other cities at `home`, and the one to show in full. Raises ValueError for an unknown one."""
    with Warehouse(home).current().engine.connect() as connection:
        found = list(connection.execute(select(meta_cities.c.city).order_by(meta_cities.c.city)).scalars())
    city = chosen or found[-1]
    if city not in found:
        raise ValueError(f"no city {city} here: {', '.join(found)}")
    return [other for other in found if other != city], city


def _paths(browser: Browser, address: str) -> list[str]:
    """Paths of the pages, as the navigation shows them."""
    page = browser.new_page()
    try:
        open_page(page, f"{address}/")
        links = page.locator(".cb-nav a").all()
        return [urlsplit(link.get_attribute("href") or "/").path for link in links]
    finally:
        page.close()


def _contact_sheet(browser: Browser, folder: Path, plan: list[Shot]) -> None:
    """All pictures of `plan` on one, each as wide as a column, cut below the first screen."""
    style = (
        "body{margin:16px;display:grid;gap:16px;font:13px sans-serif;"
        f"grid-template-columns:repeat(4,{SHEET_COLUMN_PX}px)}}"
        "figure{margin:0}img{width:100%;height:240px;object-fit:cover;object-position:top;border:1px solid #ccc}"
        "img.phone{width:180px;height:390px}"
    )
    figures = "".join(_sheet_figure(shot) for shot in plan)
    sheet = folder / "contact-sheet.html"
    sheet.write_text(f"<!doctype html><meta charset=utf-8><style>{style}</style>{figures}", encoding="utf-8")
    page = browser.new_page(viewport={"width": 4 * (SHEET_COLUMN_PX + 16) + 16, "height": 900})
    try:
        page.goto(sheet.resolve().as_uri())
        page.screenshot(path=folder / SHEET_NAME, full_page=True)
    finally:
        page.close()


def _sheet_figure(shot: Shot) -> str:
    kind = "phone" if shot.size[0] < PHONE_PX else "desk"
    caption = shot.file_name.removesuffix(".png")
    return f'<figure><img class="{kind}" src="{shot.file_name}"><figcaption>{caption}</figcaption></figure>'


if __name__ == "__main__":
    sys.exit(main())
