"""``tenon run``: from nothing to a served site by one command, safe to repeat.

Migrates, loads the demo set into an empty database, builds the index where it is missing, then
serves with the dispatcher in a thread. A second instance on the same folder is refused.
"""

from __future__ import annotations

import atexit
import errno
import shutil
import signal
import socket
import sys
import threading
from pathlib import Path

import click
from flask import Flask
from waitress.server import create_server

from tenon import schema, settings
from tenon.app import create_app
from tenon.collector import leave_alone_what_stays
from tenon.db import Database
from tenon.operations.database import bring_up_to_date
from tenon.operations.instance import AlreadyRunning, hold_instance
from tenon.operations.leaving import leave
from tenon.operations.logs import show_log
from tenon.operations.periodic import queue_due
from tenon.outbox.dispatcher import Dispatcher
from tenon.settings import Settings

NEEDED_BYTES = 300 * 1024 * 1024
THREADS = 8


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="Port to listen on.",
)
@click.option("--demo/--no-demo", default=True, help="Load the demo set into an empty database.")
@click.option("--tls", is_flag=True, help="Serve https with a certificate made here.")
def run(host: str, port: int, *, demo: bool, tls: bool) -> None:
    """Serve the site here, making whatever is missing first."""
    config = settings.load()
    show_log()
    try:
        _check_room(config)
        with hold_instance(config.var, f"{'https' if tls else 'http'}://{host}:{port}"):
            _check_port(host, port)
            _prepare(config, demo=demo)
            (_serve_tls if tls else _serve)(config, host, port)
        leave()
    except AlreadyRunning as error:
        raise click.ClickException(
            f"Tenon runs already on {config.var} ({error}). Stop it first, or set TENON_VAR to "
            "another folder."
        ) from None
    except Exception as error:
        if not disk_is_full(error):
            raise
        raise click.ClickException(_disk_message(config.var)) from None


def disk_is_full(error: BaseException | None) -> bool:
    """Whether an error, or one that it came from, says that the disk has no room left.

    SQLite, tantivy and FAISS each say so in their own way.
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            return True
        if any(words in str(error) for words in ("disk is full", "No space left on device")):
            return True
        error = error.__cause__ or error.__context__
    return False


def _check_room(config: Settings) -> None:
    config.var.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(config.var).free < NEEDED_BYTES:
        raise click.ClickException(_disk_message(config.var))


def _disk_message(folder: Path) -> str:
    free = shutil.disk_usage(folder).free // (1024 * 1024)
    return (
        f"The disk of {folder} has {free} MB left; Tenon wants {NEEDED_BYTES // 1024**2} MB. "
        "Make room and start again: what was begun is finished or begun anew."
    )


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"Cannot listen on {host}:{port} ({error.strerror}). "
                f"Choose another port: tenon run --port {port + 1}, or make run PORT={port + 1}"
            ) from None


def _prepare(config: Settings, *, demo: bool) -> None:
    """Migrate, fill and index; each step is skipped where it was done."""
    from tenon.demo.loading import load_demo_into_empty, refuse_demo_in_production  # noqa: PLC0415
    from tenon.matches.building import ensure_index  # noqa: PLC0415

    with Database(config.database_url) as database:
        bring_up_to_date(database)
        refuse_demo_in_production(database, config)
        if demo and not config.production:
            load_demo_into_empty(database, config)
        ensure_index(database, config)


def _make(config: Settings) -> tuple[Flask, Dispatcher | None]:
    """Return the site, and its dispatcher at work where it has one of its own."""
    app = create_app(config)
    dispatcher = None
    if config.dispatcher == "embedded":
        dispatcher = Dispatcher(app.extensions["tenon.database"], periodic=queue_due)
        app.extensions["tenon.dispatcher"] = dispatcher
        dispatcher.start()
    return app, dispatcher


def _serve_tls(config: Settings, host: str, port: int) -> None:
    """Serve by TLS, for phones in a hall; the certificate that they are to trust is named."""
    if sys.platform == "win32":
        raise click.ClickException("--tls does not work on Windows: put a proxy with TLS in front.")
    from tenon.operations import serve_tls  # noqa: PLC0415

    secure, certificate = serve_tls.prepare(config, host, port)

    def make() -> Flask:
        app, dispatcher = _make(secure)
        atexit.register(leave)  # the last one registered is called first
        if dispatcher is not None:
            atexit.register(dispatcher.stop)
        threading.Thread(target=_warm, args=(app,), daemon=True).start()
        return app

    _greet(secure, host, port, scheme="https")
    click.echo(f"Phones are to trust / 手机需信任: {certificate.authority}")
    click.echo(f"  {secure.base_url}/events/local-certificate")
    click.echo(f"Names / 地址: {', '.join(certificate.names)}")
    sys.stdout.flush()
    serve_tls.serve(make, certificate, host, port)


def _serve(config: Settings, host: str, port: int) -> None:
    app, dispatcher = _make(config)
    server = create_server(app, host=host, port=port, threads=THREADS, ident="tenon")
    _greet(config, host, port)
    threading.Thread(target=_warm, args=(app,), daemon=True).start()
    # As systemd and containers stop a process: the same way out as Ctrl+C. A shell that starts
    # it in the background has the latter ignored, and whoever sends it later means it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        server.run()
    except KeyboardInterrupt:
        click.echo("stopping")
    finally:
        server.close()
        if dispatcher is not None:
            dispatcher.stop()


def _warm(app: Flask) -> None:
    """Load the model and the index before the first visitor asks."""
    from tenon.matches.engine import warm  # noqa: PLC0415

    warm(app)
    leave_alone_what_stays()


def _greet(config: Settings, host: str, port: int, *, scheme: str = "http") -> None:
    from tenon.demo.loading import sign_ins  # noqa: PLC0415

    click.echo(f"\nTenon 榫卯 {schema.head()}: {scheme}://{host}:{port}\n")
    known = sign_ins(config)
    if known:
        click.echo("Demo sign-ins / 演示账号:")
        for item in known:
            click.echo(f"  {item['role']:<14} {item['email']:<32} {item['password']}")
        click.echo("")
    click.echo("Ctrl+C stops. / 按 Ctrl+C 停止。")
    sys.stdout.flush()
