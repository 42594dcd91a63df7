"""``tenon audit``: export signed heads of all history chains, and verify chains against them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
import sqlalchemy as sa
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy.orm import Session

from tenon import keys, settings
from tenon.accounts.models import User
from tenon.app import load_tasks
from tenon.clock import utc_now
from tenon.db import Database
from tenon.history import proof
from tenon.settings import Settings


def signing_key(config: Settings) -> Ed25519PrivateKey:
    """Return the key that signs heads; made on first use, never kept in the database."""

    def make() -> bytes:
        return Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    text = keys.read_or_make(config.keys_folder / "history_key.pem", make)
    key = serialization.load_pem_private_key(text, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise click.ClickException("history_key.pem is not an Ed25519 key")
    return key


def write_heads(
    session: Session, config: Settings, file: Path | None, *, now: datetime
) -> tuple[int, Path]:
    """Write the signed heads of all chains, whole or not at all; return how many, and where.

    Without ``file`` they go to var/heads, named by the day.
    """
    if file is None:
        file = config.var / "heads" / f"{now.astimezone(UTC):%Y-%m-%d}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
    export = proof.take(session, now=now)
    signed = json.dumps(proof.sign(export, key=signing_key(config)), ensure_ascii=False)
    draft = file.with_name(f".{file.name}.draft")
    draft.write_text(signed, encoding="utf-8")
    draft.replace(file)
    return len(export.heads), file


WORDS: Mapping[str, str] = {
    "changed": "this entry or one before it was rewritten",
    "missing": "an entry was taken out",
    "cut": "this entry was the first of those taken off the end",
    "added": "dated before the export, which does not hold it",
    "actor": "shown under another person than the one it was written for",
    "row_changed": "the row differs from what the chain says",
    "row_missing": "the chain tells of a row that is gone",
    "row_added": "the chain tells of no such row",
}


@click.group()
def audit() -> None:
    """Prove that history was not rewritten."""


@audit.command("export")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def export_heads(file: Path | None) -> None:
    """Write the signed heads of all chains to FILE; keep it away from this machine.

    Without FILE: to var/heads/, named by the day, as the site itself does once a day.
    """
    config = settings.load()
    with Database(config.database_url) as database, database.reading() as session:
        count, written = write_heads(session, config, file, now=utc_now())
    click.echo(f"{count} chains written to {written}")


@audit.command("key")
def show_key() -> None:
    """Print the public key with which anybody can check an export."""
    public = signing_key(settings.load()).public_key()
    text = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    click.echo(text.decode("ascii"), nl=False)


@audit.command()
@click.argument("file", required=False, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--key",
    "key_file",
    type=click.Path(exists=True, path_type=Path),
    help="Public key to check FILE with; otherwise the site's own.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(file: Path | None, key_file: Path | None, *, as_json: bool) -> None:
    """Check every chain, and against the heads in FILE where given. Exit code 3: a chain broke."""
    config = settings.load()
    load_tasks()  # rooms name the tables that must agree with their chains
    export = None
    if file is not None:
        key = _public_key(key_file) if key_file else signing_key(config).public_key()
        try:
            signed = json.loads(file.read_text(encoding="utf-8"))
            export = proof.read_signed(signed, key=key)
        except ValueError as error:
            raise click.ClickException(f"{file}: {error}") from None
    with Database(config.database_url) as database, database.reading() as session:
        breaks = list(proof.verify(session, export, salts=_salts(session)))
    if as_json:
        click.echo(json.dumps([asdict(item) for item in breaks]))
    else:
        for item in breaks:
            click.echo(_line(item))
        click.echo("history holds" if not breaks else f"{len(breaks)} breaks")
    if breaks:
        raise SystemExit(3)


def _salts(session: Session) -> dict[int, str | None]:
    """Return the salts of all people; None for those who were erased."""
    rows = session.execute(sa.select(User.id, User.salt, User.erased_at))
    return {key: salt if erased_at is None else None for key, salt, erased_at in rows}


def _line(item: proof.Break) -> str:
    """Return a break as one line: the thing, the place, what is wrong, and in which table."""
    where = f" [{item.detail}]" if item.detail else ""
    return f"{item.chain} entry {item.sequence}: {item.what} ({WORDS[item.what]}){where}"


def _public_key(file: Path) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(file.read_bytes())
    except ValueError as error:
        raise click.ClickException(f"{file}: {error}") from None
    if not isinstance(key, Ed25519PublicKey):
        raise click.ClickException(f"{file} is not an Ed25519 key")
    return key
