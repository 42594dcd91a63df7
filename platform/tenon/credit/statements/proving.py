"""Hold the table of statements to the chains that tell of them, so that ``audit verify`` covers it.

The chain ``statement/<public id>`` says ``issued`` with the hashes of content and file, and
``revoked`` with the reason. What a row would have it say is worked out from every column of the
row, so that whichever of them was changed shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.credit.statements.content import digest_of_name, hash_of
from tenon.credit.statements.models import CreditStatement
from tenon.history.witnesses import Testimony, Witness, register

CHAIN = "statement"
_AT_A_TIME = 200


def issued_facts(statement: CreditStatement) -> Mapping[str, Any]:
    """Return what the chain says of a statement that is issued."""
    return {
        "content": statement.content_sha256,
        "file": statement.pdf_sha256,
        "person": statement.content["person"],
    }


def _testimonies(session: Session) -> Iterator[Testimony]:
    """Return what each row would have its chain say."""
    rows = session.execute(
        sa.select(CreditStatement, User.salt, User.erased_at)
        .join(User, User.id == CreditStatement.user_id)
        .order_by(CreditStatement.id)
        .execution_options(yield_per=_AT_A_TIME)
    )
    for statement, salt, erased_at in rows:
        yield _issued(statement, salt if erased_at is None else None)
        if statement.revoked_at is not None:
            yield _revoked(statement)


def _issued(statement: CreditStatement, salt: str | None) -> Testimony:
    whole = hash_of(statement.content | _as_columns_say(statement, salt))
    # Both must fit: the content as the columns have it, and the hash that pages show.
    fits = whole == statement.content_sha256
    return Testimony(
        chain_id=statement.public_id,
        sequence=1,
        kind="issued",
        at=statement.issued_at,
        facts={**issued_facts(statement), "content": whole if fits else f"not {whole}"},
        people={"person": statement.user_id},
    )


def _as_columns_say(statement: CreditStatement, salt: str | None) -> dict[str, Any]:
    """Return the parts of the content that stand in columns, too.

    Of a person who was erased (no salt) there must be no name any more.
    """
    said = {
        "code": statement.code,
        "since": statement.since.isoformat(),
        "until": statement.until.isoformat(),
        "purpose": statement.purpose,
        "language": statement.language,
        "issued_at": statement.issued_at.isoformat(),
    }
    if salt is not None:
        said["name"] = digest_of_name(salt, statement.name)
    elif statement.name:
        said["name"] = "a name that erasure took away"
    return said


def _revoked(statement: CreditStatement) -> Testimony:
    assert statement.revoked_at is not None  # noqa: S101  # its caller asked; for the type checker
    return Testimony(
        chain_id=statement.public_id,
        sequence=2,
        kind="revoked",
        at=statement.revoked_at,
        facts={"reason": statement.revocation},
    )


register(
    Witness(
        table="credit_statements",
        chain_kind=CHAIN,
        kinds=frozenset({"issued", "revoked"}),
        rows=_testimonies,
    )
)
