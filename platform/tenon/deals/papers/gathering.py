"""What a paper tells of a deal: its parties, what it rests on, its terms, who signs.

The last module of the papers that reads the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.deals import forms
from tenon.deals.forms.schema import Form, Words
from tenon.deals.models import Deal, TermVersion
from tenon.deals.services.signing import required_signers
from tenon.introductions.models import Introduction, IntroductionNda
from tenon.notices import delivery
from tenon.taxonomy import queries as taxonomy

NAMED = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Party:
    """A side: what it is called in the paper, and its organisation."""

    role: Words
    name: Words
    place: Words
    credit_code: str | None


@dataclass(frozen=True, slots=True)
class Right:
    """A patent or other right that the deal disposes of."""

    kind: str
    number: str | None
    status: str
    filed_on: date | None


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who has to sign, and why."""

    name: Words
    why: Words


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a paper is made of.

    ``results`` and ``needs`` are the titles of the listings; ``nda`` is the agreement of the
    introduction that both sides confirmed: its day and its hash.
    """

    title: str
    form: Form
    number: int
    state: str
    sha256: str
    side: str
    proposed_on: date
    values: dict[str, Any]
    currency: str
    seller: Party
    buyer: Party
    introduced: bool
    results: tuple[Words, ...]
    needs: tuple[Words, ...]
    rights: tuple[Right, ...]
    nda: tuple[date, str] | None
    signers: tuple[Signatory, ...]


def gather(session: Session, deal: Deal, version: TermVersion) -> Facts:
    """Return what the papers of a version of a deal's terms tell."""
    form = forms.get(version.form)
    listings = {
        side: tuple(
            Words(*(each.text(language).title for language in NAMED))
            for each in deal.listings
            if each.side == side
        )
        for side in ("achievement", "need")
    }
    return Facts(
        title=deal.title,
        form=form,
        number=version.number,
        state=version.state,
        sha256=version.sha256,
        side=version.side,
        proposed_on=version.proposed_at.astimezone(delivery.current().zone).date(),
        values=dict(version.values),
        currency=deal.currency,
        seller=_party(form.seller, deal.seller_organisation),
        buyer=_party(form.buyer, deal.buyer_organisation),
        introduced=deal.origin_kind == "introduction",
        results=listings["achievement"],
        needs=listings["need"],
        rights=tuple(
            Right(each.kind, each.number, each.status, each.filed_on) for each in deal.ip_rights
        ),
        nda=_agreement(session, deal),
        signers=tuple(_signers(session, deal, form)),
    )


def _party(role: Words, house: Organisation) -> Party:
    scheme, code = ("region", house.region) if house.region else ("country", house.country)
    return Party(
        role=role,
        name=Words(*(house.name(language) for language in NAMED)),
        place=Words(*(taxonomy.path_label(scheme, code, language) for language in NAMED)),
        credit_code=house.credit_code,
    )


def _agreement(session: Session, deal: Deal) -> tuple[date, str] | None:
    """Return the day and the hash of the introduction's agreement, once both confirmed it."""
    if deal.origin_kind != "introduction" or deal.origin_id is None:
        return None
    introduction = session.get(Introduction, deal.origin_id)
    nda: IntroductionNda | None = None if introduction is None else introduction.nda
    if nda is None or nda.agreed_at is None:
        return None
    return nda.agreed_at.astimezone(delivery.current().zone).date(), nda.sha256


def _signers(session: Session, deal: Deal, form: Form) -> list[Signatory]:
    sides = {"seller": form.seller, "buyer": form.buyer}
    found = []
    for signer in required_signers(session, deal):
        if signer.organisation_id is not None:
            house = session.get_one(Organisation, signer.organisation_id)
            name = Words(*(house.name(language) for language in NAMED))
        else:
            person = session.get_one(User, signer.user_id)
            name = Words(person.name, person.name)
        found.append(Signatory(name, sides.get(signer.key, signer.why)))
    return found
