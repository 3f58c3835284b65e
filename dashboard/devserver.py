"""A server and a browser of our own, for screenshots and browser tests. Nothing here runs in production."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 60
DRAW_MILLISECONDS = 60_000  # generous: test machines are shared, and a page that fails shows its face at once
# Every graph has its picture, and the page its foot.
FACE_SELECTOR = ".cb-face"
DRAWN = """() => document.querySelector('.cb-face') !== null || document.querySelector('.cb-footer') !== null
  && [...document.querySelectorAll('.dash-graph')].every(
    graph => graph.offsetParent === null || graph.querySelector('.main-svg') !== null)"""


@contextmanager
def running_server(home: Path, workers: int = 1) -> Iterator[str]:
    """Serve CANBAO_HOME `home` as a demo on a free port of this machine; yields its address.

    Raises RuntimeError with what the server said when it does not come up.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "CANBAO_HOME": str(home), "CANBAO_DEMO": "1"}
    command = [sys.executable, "-m", "dashboard", "serve", "--port", str(port), "--workers", str(workers)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(process, address)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Headless Chromium, as the system has it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def open_page(page: Page, address: str) -> None:
    """Go to `address` and wait until everything on it is drawn. Raises RuntimeError when there is only an excuse."""
    page.goto(address)
    page.wait_for_function(DRAWN, timeout=DRAW_MILLISECONDS)
    face = page.locator(FACE_SELECTOR)
    if face.count():
        raise RuntimeError(f"{address} shows no page: {face.inner_text()}")


def _wait_until_healthy(process: "subprocess.Popen[str]", address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"{address}/health", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    process.terminate()
    said = process.communicate(timeout=20)[0]
    raise RuntimeError(f"the server at {address} did not become healthy:\n{said}")
