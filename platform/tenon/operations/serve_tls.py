"""Serve the site by TLS in a hall's network: gunicorn, one process, a certificate made here.

Waitress, which serves elsewhere, has no TLS; gunicorn does not run on Windows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

from flask import Flask, Response

from tenon.clock import utc_now
from tenon.operations.certificates import Certificate, ensure_certificate, local_names
from tenon.settings import Settings

THREADS = 8


def prepare(config: Settings, host: str, port: int) -> tuple[Settings, Certificate]:
    """Return the settings for TLS and the certificate; the address is the network's first one.

    An address that an operator set to https already is kept.
    """
    names = local_names(host)
    certificate = ensure_certificate(config.keys_folder, names, utc_now())
    if config.base_url.startswith("https://"):
        return config, certificate
    reached = next((name for name in names if name[0].isdigit() and name != "127.0.0.1"), names[0])
    return replace(config, base_url=f"https://{reached}:{port}"), certificate


def serve(make: Callable[[], Flask], certificate: Certificate, host: str, port: int) -> None:
    """Serve until stopped; ``make`` gives the site in the process that serves it."""
    base: Any = import_module("gunicorn.app.base").BaseApplication  # not there on Windows

    class Server(base):  # type: ignore[misc]  # the base is untyped
        """gunicorn with settings of ours instead of a command line."""

        def load_config(self) -> None:
            """Set what differs from gunicorn's own."""
            for name, value in _options(certificate, host, port).items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            """Make the site; called in the process that serves."""
            app = make()
            app.after_request(_for_today)
            return app

    Server().run()


def _options(certificate: Certificate, host: str, port: int) -> dict[str, Any]:
    shown = f"[{host}]" if ":" in host else host
    return {
        "bind": f"{shown}:{port}",
        "workers": 1,
        "threads": THREADS,
        "worker_class": "gthread",
        "certfile": str(certificate.server),
        "keyfile": str(certificate.key),
        "timeout": 120,
        "loglevel": "warning",
    }


def _for_today(response: Response) -> Response:
    """Let browsers forget that this name had TLS: tomorrow it may be another machine's."""
    response.headers["Strict-Transport-Security"] = "max-age=0"
    return response
