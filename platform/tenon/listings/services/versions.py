"""Every version of a listing's content: taken apart, kept, and the number that guards changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.errors import Conflict
from tenon.listings.content import OTHER_LANGUAGE, Content, RequirementEntry, RightEntry, Words
from tenon.listings.models import Listing, ListingText, ListingVersion
from tenon.listings.services.announcing import announce
from tenon.listings.states import PUBLIC_STATES

PARTS = ("title", "summary", "problem", "advantages", "applications")


def content_of(listing: Listing) -> Content:
    """Return what a listing says at present."""
    texts = {text.language: text for text in listing.texts}
    other = texts.get(OTHER_LANGUAGE[listing.language])
    return Content(
        language=listing.language,
        words=_words(texts[listing.language]),
        translation=None if other is None else _words(other),
        readiness=listing.readiness,
        fields=tuple(sorted((each.scheme, each.code) for each in listing.fields)),
        deal_forms=tuple(sorted(each.form for each in listing.deal_forms)),
        money_kind=listing.money_kind,
        money_low=listing.money_low,
        money_high=listing.money_high,
        currency=listing.currency,
        region=listing.region,
        contributors=tuple(each.name for each in listing.contributors),
        rights=tuple(
            RightEntry(
                kind=right.kind,
                number=right.number or "",
                status=right.status,
                filed_on=right.filed_on,
                granted_on=right.granted_on,
                owner=right.owner or "",
            )
            for right in listing.ip_rights
        ),
        details={each.tier: each.text for each in sorted(listing.details, key=lambda d: d.tier)},
        requirements=tuple(
            RequirementEntry(each.text, each.obligation) for each in listing.requirements
        ),
        deadline=listing.deadline,
        anonymous=listing.anonymous,
    )


def _words(text: ListingText) -> Words:
    return Words(**{part: getattr(text, part) or "" for part in PARTS})


def snapshot(listing: Listing) -> dict[str, Any]:
    """Return what a listing says as plain JSON: equal where nothing was changed."""
    files = [[file.name, file.tier, file.sha256] for file in listing.attachments]
    return picture(content_of(listing)) | {"files": files}


def picture(content: Content) -> dict[str, Any]:
    """Return content as plain JSON, as versions keep it; files come with a listing alone."""
    return {
        "language": content.language,
        "words": _spoken(content.words),
        "translation": None if content.translation is None else _spoken(content.translation),
        "readiness": content.readiness,
        "fields": [f"{scheme}:{code}" for scheme, code in content.fields],
        "deal_forms": list(content.deal_forms),
        "money": {
            "kind": content.money_kind,
            "low": content.money_low,
            "high": content.money_high,
            "currency": content.currency,
        },
        "region": content.region,
        "contributors": list(content.contributors),
        "rights": [
            [
                right.kind,
                right.number,
                right.status,
                _iso(right.filed_on),
                _iso(right.granted_on),
                right.owner,
            ]
            for right in content.rights
        ],
        "details": dict(content.details),
        "requirements": [[each.text, each.obligation] for each in content.requirements],
        "deadline": _iso(content.deadline),
        "anonymous": content.anonymous,
        "files": [],
    }


def _spoken(words: Words) -> dict[str, str]:
    return {part: getattr(words, part) for part in PARTS}


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def differs_in_public(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether two snapshots differ in anything that everybody may read."""
    return _public_part(before) != _public_part(after)


def _public_part(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    files = [file for file in snapshot["files"] if file[1] == "public"]
    return {key: part for key, part in snapshot.items() if key != "details"} | {"files": files}


def record_change(
    session: Session,
    listing: Listing,
    *,
    before: Mapping[str, Any],
    kind: str,
    by: Actor,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
    reviewed: bool = False,
    announcing: bool = True,
) -> None:
    """Note that the content changed from the snapshot ``before``: version, history, index.

    A public listing stays public and waits in the review queue as edited since its review, unless
    only confidential parts changed or the new words are ``reviewed`` already. Without
    ``announcing`` the caller tells later rooms itself, of many listings at once.
    """
    raise_version(session, listing)
    looked_at = listing.reviewed_version == listing.text_version
    listing.text_version += 1
    if reviewed or (looked_at and not differs_in_public(before, snapshot(listing))):
        listing.reviewed_version = listing.text_version
    listing.updated_at = now
    keep_version(session, listing, by=by, now=now)
    chain = ("listing", listing.public_id)
    told = {"text_version": listing.text_version, **(facts or {})}
    history.record(session, chain=chain, kind=kind, by=by, now=now, facts=told)
    if announcing and listing.state in PUBLIC_STATES:
        announce(session, [listing.id], now=now)


def keep_version(session: Session, listing: Listing, *, by: Actor, now: datetime) -> None:
    """Keep the listing's present content under its ``text_version``."""
    session.add(
        ListingVersion(
            listing_id=listing.id,
            number=listing.text_version,
            content=snapshot(listing),
            at=now,
            author_id=by.user_id,
        )
    )


def expect_version(listing: Listing, expected: int | None) -> None:
    """Refuse to go on where the listing changed since the actor looked; raises Conflict."""
    if expected is not None and listing.version != expected:
        raise Conflict("changed_meanwhile", kind="listing")


def raise_version(session: Session, listing: Listing) -> None:
    """Swap ``version`` for the next number; raises Conflict where somebody else did so first."""
    session.flush()
    result = session.execute(
        sa.update(Listing)
        .where(Listing.id == listing.id, Listing.version == listing.version)
        .values(version=Listing.version + 1)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("changed_meanwhile", kind="listing")
    session.refresh(listing, ["version"])
