"""Write and change listings. Every change of content is kept as a version."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.errors import Forbidden, Invalid, NotFound
from tenon.listings import permissions
from tenon.listings.content import OTHER_LANGUAGE, Content, Words
from tenon.listings.models import (
    SIDES,
    ConfidentialDetail,
    Expert,
    Listing,
    ListingContributor,
    ListingDealForm,
    ListingField,
    ListingText,
    Requirement,
)
from tenon.listings.requirements import understand
from tenon.listings.services.ip_rights import rights_for
from tenon.listings.services.validation import check, missing
from tenon.listings.services.versions import (
    PARTS,
    content_of,
    expect_version,
    keep_version,
    record_change,
    snapshot,
)
from tenon.listings.states import PUBLIC_STATES
from tenon.network.queries.portfolio import keeper_of

Row = TypeVar("Row")


def create(session: Session, *, side: str, content: Content, by: Actor, now: datetime) -> Listing:
    """Write a draft for the organisation that the actor acts for.

    Raises Forbidden (``needs_organisation``) where the actor may not write for one, and Invalid.
    """
    if side not in SIDES:
        raise NotFound
    if by.organisation_id is None:
        raise Forbidden("needs_organisation")
    if not permissions.may_write(by, by.organisation_id):
        raise Forbidden(action="create")
    owner = session.get_one(Organisation, by.organisation_id)
    return _draft(session, side, content, owner, by=by, now=now)


def create_for(
    session: Session, organisation: Organisation, *, content: Content, by: Actor, now: datetime
) -> Listing:
    """Write down, as a broker, a need of a firm that they look after: a draft that is the firm's.

    Raises Forbidden where somebody else looks after the firm, and Invalid.
    """
    if by.user_id is None or keeper_of(session, organisation.id) != by.user_id or not by.broker:
        raise Forbidden(action="create")
    return _draft(session, "need", content, organisation, collected=True, by=by, now=now)


def _draft(
    session: Session,
    side: str,
    content: Content,
    owner: Organisation,
    *,
    collected: bool = False,
    by: Actor,
    now: datetime,
) -> Listing:
    check(content, side=side)
    listing = Listing(
        side=side,
        organisation=owner,
        collected=collected,
        author_id=by.user_id,
        language=content.language,
        created_at=now,
        updated_at=now,
    )
    session.add(listing)
    _apply(session, listing, content)
    session.flush()
    keep_version(session, listing, by=by, now=now)
    history.record(
        session,
        chain=("listing", listing.public_id),
        kind="create",
        by=by,
        now=now,
        facts={"side": side, "text_version": 1},
    )
    return listing


def edit(
    session: Session,
    listing: Listing,
    *,
    content: Content,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> bool:
    """Change what a listing says; return whether anything differs.

    A public listing stays public and waits for another look (``record_change``). Raises Conflict
    where the listing is no longer at ``expected_version``, and Invalid.
    """
    permissions.require(by, "edit", listing, now=now)
    expect_version(listing, expected_version)
    check(content, side=listing.side)
    if listing.state in PUBLIC_STATES:
        faults = missing(content, side=listing.side, owner=listing.organisation, today=now.date())
        if faults:
            raise Invalid(faults)
    return replace(session, listing, content=content, by=by, now=now)


def replace(
    session: Session,
    listing: Listing,
    *,
    content: Content,
    by: Actor,
    now: datetime,
    kind: str = "edit",
    reviewed: bool = False,
    announcing: bool = True,
) -> bool:
    """Put content in place of what the listing says; return whether anything differs.

    Asks neither who may nor whether the content is complete: ``edit`` and imports have done so.
    ``kind`` is what history calls it; ``reviewed`` says that the new words need no reviewer;
    without ``announcing`` the caller tells later rooms itself, of many listings at once.
    """
    before = snapshot(listing)
    _apply(session, listing, content)
    session.flush()
    if snapshot(listing) == before:
        return False
    record_change(
        session,
        listing,
        before=before,
        kind=kind,
        by=by,
        now=now,
        reviewed=reviewed,
        announcing=announcing,
    )
    return True


def complete(listing: Listing, *, now: datetime) -> None:
    """Raise Invalid unless the listing holds all that others need to read it."""
    faults = missing(
        content_of(listing), side=listing.side, owner=listing.organisation, today=now.date()
    )
    if faults:
        raise Invalid(faults)


def _apply(session: Session, listing: Listing, content: Content) -> None:
    listing.language = content.language
    listing.readiness = content.readiness
    listing.money_kind = content.money_kind
    priced = content.money_kind in {"fixed", "range"}
    listing.money_low = content.money_low if priced else None
    listing.money_high = content.money_high if content.money_kind == "range" else None
    if content.money_kind == "fixed":
        listing.money_high = content.money_low
    listing.currency = content.currency
    listing.region = content.region or None
    need = listing.side == "need"
    listing.deadline = content.deadline if need else None
    listing.anonymous = content.anonymous if need else False
    _apply_texts(listing, content)
    listing.fields = _merged(
        listing.fields,
        content.fields,
        key=lambda row: (row.scheme, row.code),
        make=lambda pair: ListingField(scheme=pair[0], code=pair[1]),
    )
    listing.deal_forms = _merged(
        listing.deal_forms,
        content.deal_forms,
        key=lambda row: row.form,
        make=lambda form: ListingDealForm(form=form),
    )
    _apply_details(listing, content)
    if need:
        _apply_requirements(session, listing, content)
    else:
        _apply_contributors(session, listing, content)
        listing.ip_rights = rights_for(
            session,
            content.rights,
            organisation_id=listing.organisation.id,
            kept=list(listing.ip_rights),
        )


def _merged(
    rows: Collection[Row], wanted: Iterable[Hashable], *, key: object, make: object
) -> list[Row]:
    """Keep the rows that are still wanted and make the others, so that no key comes twice."""
    assert callable(key)  # noqa: S101  # said for the type checker
    assert callable(make)  # noqa: S101  # the same
    held = {key(row): row for row in rows}
    return [held[each] if each in held else make(each) for each in dict.fromkeys(wanted)]


def _apply_texts(listing: Listing, content: Content) -> None:
    wanted: dict[str, Words] = {content.language: content.words}
    if content.translation is not None and not content.translation.empty:
        wanted[OTHER_LANGUAGE[content.language]] = content.translation
    held = {text.language: text for text in listing.texts}
    for language, words in wanted.items():
        text = held.get(language)
        if text is None:
            text = ListingText(language=language)
            listing.texts.append(text)
        for part in PARTS:
            setattr(text, part, getattr(words, part) or (None if part in PARTS[2:] else ""))
    for language in held.keys() - wanted.keys():
        listing.texts.remove(held[language])


def _apply_details(listing: Listing, content: Content) -> None:
    wanted = {tier: text for tier, text in content.details.items() if text}
    held = {detail.tier: detail for detail in listing.details}
    for tier, text in wanted.items():
        if tier in held:
            held[tier].text = text
        else:
            listing.details.append(ConfidentialDetail(tier=tier, text=text))
    for tier in held.keys() - wanted.keys():
        listing.details.remove(held[tier])


def _apply_requirements(session: Session, listing: Listing, content: Content) -> None:
    entries = [each for each in content.requirements if each.text]
    if [(row.text, row.obligation) for row in listing.requirements] == [
        (each.text, each.obligation) for each in entries
    ]:
        return
    listing.requirements = []
    session.flush()  # the old rows' positions are free before the new ones take them
    for position, entry in enumerate(entries, start=1):
        meaning = understand(entry.text)
        listing.requirements.append(
            Requirement(
                position=position,
                text=entry.text,
                quantity=meaning.quantity,
                comparison=meaning.comparison,
                low=meaning.low,
                high=meaning.high,
                unit=meaning.unit,
                obligation=entry.obligation,
            )
        )


def _apply_contributors(session: Session, listing: Listing, content: Content) -> None:
    """Join names to pages of the same organisation's experts where the name is theirs alone."""
    names = [name for name in dict.fromkeys(content.contributors) if name]
    if [row.name for row in listing.contributors] == names:
        return
    known: dict[str, set[int]] = {}
    rows = session.execute(
        sa.select(Expert.id, Expert.name_zh, Expert.name_en).where(
            Expert.organisation_id == listing.organisation.id,
            sa.or_(Expert.name_zh.in_(names), Expert.name_en.in_(names)),
        )
    )
    for expert_id, *own_names in rows:
        for name in filter(None, own_names):
            known.setdefault(name, set()).add(expert_id)
    held = {row.name: row.expert_id for row in listing.contributors}
    listing.contributors = []
    session.flush()
    for position, name in enumerate(names, start=1):
        found = known.get(name, set())
        linked = held.get(name) or (next(iter(found)) if len(found) == 1 else None)
        listing.contributors.append(
            ListingContributor(position=position, name=name, expert_id=linked)
        )
