"""Headers that every answer carries: what a page may load, who may frame it, what leaks."""

from flask import Flask, Response

# Everything comes from the site itself; no inline script, no inline style.
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)


def install(app: Flask, *, secure: bool) -> None:
    """Set the headers after each request; ``secure`` adds HSTS."""

    def add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if response.mimetype == "text/html":
            headers.setdefault("Cache-Control", "no-store, private")
            headers.add("Vary", "Accept-Language")
        return response

    app.after_request(add)
