"""Commands on people: make an account, list them, grant and revoke roles on the site."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import click
from sqlalchemy.orm import Session

from tenon import settings
from tenon.accounts import passwords, queries, services
from tenon.accounts.models import LANGUAGES, SITE_ROLES, User
from tenon.actors import SYSTEM
from tenon.clock import utc_now
from tenon.db import Database
from tenon.errors import DomainError, Invalid

PAGE = 500
_ROLE = click.Choice(SITE_ROLES)
_WORDS = {
    "not_found": "there is no such person",
    "last_operator": "the last operator stays: grant the role to somebody else first",
    "person_inactive": "this account is blocked or erased",
    "not_an_address": "that is not a mail address",
    "already_taken": "there is an account with this address already",
    "required": "a name is needed",
    "too_long": "that is too long",
}


def _in_words(error: DomainError) -> click.ClickException:
    codes = list(error.fields.values()) if isinstance(error, Invalid) else [error.code]
    return click.ClickException("; ".join(_WORDS.get(code, code) for code in codes))


def _write(work: Callable[[Session], str]) -> None:
    """Do ``work`` in a transaction and print what it says; a refusal ends with exit code 1."""
    database = Database(settings.load().database_url)
    try:
        with database.writing() as session:
            done = work(session)
    except DomainError as error:
        raise _in_words(error) from None
    finally:
        database.dispose()
    click.echo(done)


@click.command()
@click.argument("email")
@click.argument("role", type=_ROLE)
def grant(email: str, role: str) -> None:
    """Make a person broker or operator."""

    def work(session: Session) -> str:
        user = queries.person_by_email(session, email)
        new = services.grant_role(session, user=user, role=role, by=SYSTEM, now=utc_now())
        return f"{user.email} is {role}" if new else f"{user.email} was {role} before"

    _write(work)


@click.command()
@click.argument("email")
@click.argument("role", type=_ROLE)
def revoke(email: str, role: str) -> None:
    """Take a role on the site back from a person."""

    def work(session: Session) -> str:
        user = queries.person_by_email(session, email)
        held = services.revoke_role(session, user=user, role=role, by=SYSTEM, now=utc_now())
        return f"{user.email} is {role} no more" if held else f"{user.email} was no {role}"

    _write(work)


@click.group()
def user() -> None:
    """Make and list accounts."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="The person's name.")
@click.option("--language", type=click.Choice(LANGUAGES), default="zh", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--role", type=_ROLE, multiple=True, help="Grant a role on the site at once.")
def create(
    email: str,
    name: str,
    language: str,
    password_stdin: bool,  # noqa: FBT001  # click passes options by name
    role: tuple[str, ...],
) -> None:
    """Make an account whose address counts as confirmed; without a password it must be reset."""
    hashed = passwords.hash_password(_read_password()) if password_stdin else None

    def work(session: Session) -> str:
        person = services.create_person(
            session,
            email=email,
            name=name,
            language=language,
            password_hash=hashed,
            by=SYSTEM,
            now=utc_now(),
        )
        for each in role:
            services.grant_role(session, user=person, role=each, by=SYSTEM, now=utc_now())
        return f"{person.email} has an account"

    _write(work)


def _read_password() -> str:
    typed = sys.stdin.readline().rstrip("\n")
    if not passwords.MIN_LENGTH <= len(typed) <= passwords.MAX_LENGTH:
        raise click.ClickException(
            f"a password has {passwords.MIN_LENGTH} to {passwords.MAX_LENGTH} characters"
        )
    return typed


@user.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list, for programs.")
@click.option("--role", type=_ROLE, help="Only those who hold this role.")
def list_people(as_json: bool, role: str | None) -> None:  # noqa: FBT001  # click passes by name
    """List accounts, newest first."""
    database = Database(settings.load().database_url)
    rows: list[dict[str, object]] = []
    with database.reading() as session:
        total, offset = 1, 0
        while offset < total:
            found, total = queries.search_people(
                session, role=role or "", limit=PAGE, offset=offset
            )
            rows += [_row(each) for each in found]
            offset += PAGE
    database.dispose()
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        roles = ",".join(row["roles"]) if isinstance(row["roles"], list) else ""
        state = "" if row["active"] else "blocked"
        click.echo(f"{row['email']:<40} {row['name']:<24} {roles:<16} {state}".rstrip())


def _row(person: User) -> dict[str, object]:
    return {
        "public_id": person.public_id,
        "email": person.email,
        "name": person.name,
        "language": person.language,
        "roles": sorted(role.name for role in person.roles),
        "active": person.active,
        "confirmed": person.confirmed_at is not None,
        "demo": person.demo,
    }
