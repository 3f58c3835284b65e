"""Headers that keep a page to this server: no script but ours, no frame, no other host."""

from dash import Dash
from flask import Flask, Response, request


def install(server: Flask, app: Dash) -> None:
    """Add the headers to everything `server` answers."""

    def add(response: Response) -> Response:
        headers = response.headers
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["X-Frame-Options"] = "DENY"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if response.mimetype == "text/html":
            headers["Content-Security-Policy"] = content_security_policy(app)
        if request.is_secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = "no-store"
        return response

    server.after_request(add)


def content_security_policy(app: Dash) -> str:
    """The policy of our documents. Inline scripts run only by the hash of what Dash itself writes into the page."""
    hashes = " ".join(app.csp_hashes())
    rules = {
        "default-src": "'self'",
        "script-src": f"'self' {hashes}",
        "style-src": "'self' 'unsafe-inline'",  # charts and components set styles on their elements
        "img-src": "'self' data: blob:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
