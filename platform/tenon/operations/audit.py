"""``tenon audit``: export signed heads of all history chains, and verify chains against them."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import click

from tenon import settings
from tenon.clock import utc_now
from tenon.db import Database
from tenon.history import services
from tenon.settings import Settings


def signing_key(config: Settings) -> bytes:
    """Return the key that signs heads; made on first use, never kept in the database."""
    file = config.keys_folder / "history_key"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32), encoding="ascii")
    return bytes.fromhex(file.read_text(encoding="ascii").strip())


@click.group()
def audit() -> None:
    """Prove that history was not rewritten."""


@audit.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_heads(file: Path) -> None:
    """Write the signed heads of all chains to FILE; keep it away from this machine."""
    config = settings.load()
    with Database(config.database_url).reading() as session:
        found = services.heads(session)
    export = services.sign(found, key=signing_key(config), now=utc_now())
    file.write_text(json.dumps(export, ensure_ascii=False), encoding="utf-8")
    click.echo(f"{len(found)} chains written to {file}")


@audit.command()
@click.argument("file", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(file: Path | None, *, as_json: bool) -> None:
    """Check every chain, and against the heads in FILE where given. Exit code 3: a chain broke."""
    config = settings.load()
    heads = None
    if file is not None:
        export = json.loads(file.read_text(encoding="utf-8"))
        try:
            heads = services.read_signed(export, key=signing_key(config))
        except (ValueError, KeyError) as error:
            raise click.ClickException(f"{file}: {error}") from None
    with Database(config.database_url).reading() as session:
        breaks = list(services.verify(session, heads))
    if as_json:
        rows = [{"chain": b.chain, "sequence": b.sequence, "what": b.what} for b in breaks]
        click.echo(json.dumps(rows))
    else:
        for item in breaks:
            click.echo(f"{item.chain} entry {item.sequence}: {item.what}")
        click.echo("history holds" if not breaks else f"{len(breaks)} breaks")
    if breaks:
        raise SystemExit(3)
