"""/health: which generation is served, how old it is, and whether something is wrong with it."""

from typing import Any

from flask import Flask, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from dashboard.access import declarations
from dashboard.installation import Installation, installation
from warehouse.generations import NoGenerationError


def install(server: Flask) -> None:
    """Add the route. It is open: it names no city, no figure and no person."""

    def health() -> tuple[Response, int]:
        report, status = describe(installation())
        return jsonify(report), status

    server.add_url_rule("/health", "health", health)
    declarations.declare_endpoint("health", None)


def describe(place: Installation) -> tuple[dict[str, Any], int]:
    """The report and its HTTP status: 503 when there is nothing to read."""
    try:
        generation, is_stale = place.store.generation()
    except (NoGenerationError, OSError, SQLAlchemyError) as error:
        return {"status": "no generation", "alarm": type(error).__name__}, 503
    alarm = place.store.warehouse.current_alarm
    status = "stale" if is_stale else "alarm" if alarm else "ok"
    report = {
        "status": status,
        "generation_id": generation.id,
        "published_at": generation.published_at.isoformat(),
        "age_seconds": place.clock.age_seconds(generation.published_at),
        "alarm": alarm,
    }
    return report, 200
