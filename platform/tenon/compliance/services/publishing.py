"""Publicity: frozen and hashed when it starts, counted while it is open, stopped with the terms."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.compliance import permissions
from tenon.compliance.applying import publicity_rule, repricing, route_of, sheet_of
from tenon.compliance.days import day_of, last_full_day
from tenon.compliance.models import ComplianceSheet, Publicity, PublicityOpening
from tenon.compliance.recording import record
from tenon.compliance.services.sheets import contributors
from tenon.db import new_public_id
from tenon.deals import forms
from tenon.deals.guards import Refusal, RuleBroken
from tenon.deals.models import Deal, TermVersion
from tenon.deals.queries import accepted_terms, terms_value
from tenon.deals.services.amending import AMEND, agreed_columns, rate_codes
from tenon.deals.terms import words
from tenon.deals.terms.wording import day
from tenon.errors import IllegalTransition
from tenon.history.services import canonical
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.rules.queries import Rule

NO_PRICE = N_("The publicity has to state the price: give it in figures or in words.")
_PROCEDURE = Path(__file__).parents[1] / "procedure.toml"


@cache
def _procedure() -> Mapping[str, str]:
    return tomllib.loads(_PROCEDURE.read_text(encoding="utf-8"))


def start(session: Session, deal: Deal, *, by: Actor, now: datetime) -> Publicity:
    """Publish the accepted terms' price for the rule's days, from the day after today on.

    Raises IllegalTransition where nothing has to be published or no terms are accepted; what is
    complete is the guard's business (``checks.publicity_applies``).
    """
    found, terms = publicity_rule(session, deal, now=now), accepted_terms(session, deal)
    if found is None or terms is None:
        raise IllegalTransition(step="publish", state=deal.state, kind="deal")
    return _publish(session, deal, terms, found, by=by, now=now)


def start_amended(session: Session, deal: Deal, *, by: Actor, now: datetime) -> Publicity:
    """Publish the price of an amendment that waits for its answer, in place of the one before.

    Raises NotFound or Forbidden for who does not speak for the seller; IllegalTransition where no
    amendment of a published price waits, or its publicity runs already; RuleBroken where the price
    cannot be stated.
    """
    permissions.require_declare(by, deal)
    found, terms = publicity_rule(session, deal, now=now), repricing(session, deal)
    standing = running(session, deal)
    if found is None or terms is None or (standing and standing.version_id == terms.id):
        raise IllegalTransition(step="publish", state=deal.state, kind="deal")
    price = price_stated(deal, terms)
    if not (price["minor"] or price["rate"] or rate_words(deal, terms)):
        message, path = NO_PRICE, f"/deals/{deal.public_id}/terms"
        refusal = Refusal(message, {}, found.source_zh, found.source_en, path, "publicity_applies")
        raise RuleBroken("publish", [refusal])
    stop(session, deal, step=AMEND, by=by, now=now)
    return _publish(session, deal, terms, found, by=by, now=now)


def _publish(
    session: Session, deal: Deal, terms: TermVersion, found: Rule, *, by: Actor, now: datetime
) -> Publicity:
    last_on = last_full_day(now, found.number)
    body = draft(session, deal, terms=terms, now=now, last_on=last_on, days=found.number)
    public_id, digest = new_public_id(), hash_of(body)
    facts = {
        "publicity": public_id,
        "sha256": digest,
        "terms": terms.sha256,
        "days": found.number,
        "last_on": last_on.isoformat(),
    }
    entry = record(session, deal, "publicity_started", facts, by=by, now=now)
    publicity = Publicity(
        public_id=public_id,
        deal_id=deal.id,
        version_id=terms.id,
        body=body,
        sha256=digest,
        days=found.number,
        jurisdiction=found.jurisdiction,
        source_zh=found.source_zh,
        source_en=found.source_en,
        verified=found.verified,
        started_at=now,
        started_by=by.user_id,
        last_on=last_on,
        sequence=entry.sequence,
    )
    session.add(publicity)
    session.flush()
    return publicity


def stop(session: Session, deal: Deal, *, step: str, by: Actor, now: datetime) -> None:
    """Stop what is published of a deal: its terms are open again, or it is given up."""
    found = running(session, deal)
    if found is None:
        return
    found.state, found.stopped_at = "stopped", now
    session.flush()
    facts = {"publicity": found.public_id, "step": step}
    record(session, deal, "publicity_stopped", facts, by=by, now=now)


def running(session: Session, deal: Deal) -> Publicity | None:
    """Return the publicity that was not stopped, whether its days have passed or not."""
    return session.scalars(
        sa.select(Publicity).where(Publicity.deal_id == deal.id, Publicity.state == "running")
    ).first()


def draft(
    session: Session,
    deal: Deal,
    *,
    terms: TermVersion | None = None,
    now: datetime,
    last_on: date,
    days: int,
) -> dict[str, Any]:
    """Return what the publicity of a deal says, nothing of its terms but the price.

    Of the accepted terms, where ``terms`` names no other version. The buyer is named only where a
    contributor is the buyer or related to it.
    """
    terms = terms or accepted_terms(session, deal)
    sheet, people = sheet_of(session, deal), contributors(session, deal)
    stated = sheet.publicity_contact if sheet is not None else None
    contact = {tongue: stated or deal.seller_organisation.name(tongue) for tongue in ("zh", "en")}
    names = forms.get(deal.form).names
    related = any(each.relation in ("is_buyer", "related") for each in people)
    return {
        "name": (sheet.publicity_name if sheet else None) or deal.title,
        "summary": (sheet.publicity_summary if sheet else None) or _summary(deal),
        "form": {"code": deal.form, "zh": names.zh, "en": names.en},
        "route": route_of(session, deal),
        "price": price_stated(deal, terms),
        "price_words": _price_words(deal, sheet, terms),
        "seller": _names(deal, "seller"),
        "buyer": _names(deal, "buyer") if related else None,
        "contributors": [
            {"name": each.name, "relation": each.relation, "detail": each.relation_detail}
            for each in people
        ],
        "procedure": {
            tongue: text.format(last_on=day(last_on, tongue), contact=contact[tongue])
            for tongue, text in _procedure().items()
        },
        "started_on": day_of(now).isoformat(),
        "last_on": last_on.isoformat(),
        "days": days,
    }


def states_a_price(session: Session, deal: Deal) -> bool:
    """Whether the publicity would state a price: the contract value, a rate, or in words."""
    sheet = sheet_of(session, deal)
    if sheet is not None and sheet.publicity_price:
        return True
    price = price_stated(deal, accepted_terms(session, deal))
    return bool(price["minor"] or price["rate"])


def hash_of(body: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hex, over the canonical JSON of what is published."""
    text = json.dumps(canonical(body), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def note_opening(session: Session, publicity: Publicity, *, now: datetime) -> None:
    """Count one opening of the page on its day; nothing of who opened it is kept."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert(PublicityOpening).values(publicity_id=publicity.id, day=day_of(now), times=1)
    session.execute(
        row.on_conflict_do_update(
            index_elements=["publicity_id", "day"],
            set_={"times": PublicityOpening.__table__.c.times + 1},
        )
    )


def price_stated(deal: Deal, terms: TermVersion | None) -> dict[str, Any]:
    """Return the price in figures, as a version of the terms says it: a sum, a rate."""
    if terms is None or terms.state == "accepted":
        minor, currency = deal.value_minor, deal.currency
    else:
        columns = agreed_columns(deal, terms)
        minor, currency = columns["value_minor"], columns["currency"]
    rate = terms_value(terms, "royalty_rate")
    return {"minor": minor, "currency": currency, "rate": rate}


def rate_words(deal: Deal, terms: TermVersion) -> str:
    """Return how a running royalty is reckoned, in the words of the terms; empty for none."""
    form = forms.get(terms.form)
    codes = rate_codes(form, terms.values)
    listed = [each for each in form.terms if each.code in codes and terms.values.get(each.code)]
    tongue = "zh" if deal.language.startswith("zh") else "en"
    between, colon = ("；", "：") if tongue == "zh" else ("; ", ": ")
    said = (words(each, terms.values[each.code], tongue) for each in listed)
    return between.join(
        f"{each.names[tongue]}{colon}{text}" for each, text in zip(listed, said, strict=True)
    )


def _price_words(
    deal: Deal, sheet: ComplianceSheet | None, terms: TermVersion | None
) -> str | None:
    """Return the price in words: the seller's own, or of an amendment those of its terms."""
    if terms is not None and terms.state == "proposed":
        return rate_words(deal, terms) or None
    return sheet.publicity_price if sheet else None


def _summary(deal: Deal) -> str:
    for listing in deal.listings:
        if listing.side == "achievement":
            return listing.text(deal.language).summary or ""
    return ""


def _names(deal: Deal, side: str) -> dict[str, str]:
    house = deal.side_organisation(side)
    return {"zh": house.name("zh"), "en": house.name("en")}
