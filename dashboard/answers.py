"""Whole pages kept: a page follows from generation, address, viewer and day, so the same question has the same answer.

Kept as they went over the wire. Answers that rest on remembered data, and faces of refusal, are never kept: a refusal
must reach the audit each time.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from flask import Flask, Response, g, request

from dashboard.access import Viewer
from dashboard.cache import RecentlyUsed
from dashboard.installation import installation

KEPT_ANSWERS = 96
_HEADERS = ("Content-Type", "Content-Encoding", "Vary")


@dataclass(frozen=True)
class AnswerKey:
    """Everything that a page's answer depends on."""

    generation: Path  # its folder: an id is unique in one home only
    alarm: str | None
    output: str
    path: str
    search: str
    viewer: Viewer
    today_on: date
    accepted_encoding: str


@dataclass(frozen=True)
class _Kept:
    body: bytes
    headers: tuple[tuple[str, str], ...]


@dataclass
class PageAnswers:
    """The answers kept by one process."""

    _kept: RecentlyUsed[_Kept] = field(default_factory=lambda: RecentlyUsed(KEPT_ANSWERS))

    def install(self, server: Flask) -> None:
        """Keep what goes out. To be installed before the compression, which then runs first."""
        server.after_request(self._keep)

    def find(self, output: str, path: str, search: str) -> Response | None:
        """The kept answer to the question of this request, None when it has to be computed."""
        place = installation()
        generation, is_stale = place.store.generation()
        if is_stale:
            return None
        g.answer_key = AnswerKey(
            generation.path,
            place.store.warehouse.current_alarm,
            output,
            path,
            search,
            g.viewer,
            # The demo's days advance with this one too, city by city.
            place.clock.now().date(),
            request.headers.get("Accept-Encoding", ""),
        )
        kept = self._kept.peek(g.answer_key)
        if kept is None:
            return None
        g.pop("answer_key")
        return Response(kept.body, headers=list(kept.headers))

    def _keep(self, response: Response) -> Response:
        if "answer_key" in g and g.get("is_page_sound", False) and response.status_code == 200:
            headers = tuple((name, response.headers[name]) for name in _HEADERS if name in response.headers)
            self._kept.put(g.answer_key, _Kept(response.get_data(), headers))
        return response
