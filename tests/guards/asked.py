"""What the rules ask of a deal, for the walk: published, objected to, approved, refused first."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.clock import utc_now
from tenon.compliance.models import Approval, Contributor, FirstRefusal
from tenon.compliance.services.chains import StepInput, add_step
from tenon.compliance.services.duties import start as start_duties
from tenon.compliance.services.objecting import object_to
from tenon.compliance.services.publishing import start as publish
from tenon.compliance.services.refusing import ask_all
from tenon.compliance.services.sheets import take_contributors_over
from tenon.deals.models import Deal, TermVersion
from tenon.listings.models import Listing
from tests.factories import accounts, deals, listings
from tests.guards.walking import Things


def ask_of(session: Session, things: Things, shown: Listing, people: Mapping[str, User]) -> None:
    """Ask it of the deal that is there and of another, an assignment in approval."""
    now, by = listings.NOW, accounts.actor_for(people["administrator"])
    own = shown.organisation
    given = StepInput(name_zh="转化处", role="editor")
    things.chain_step = add_step(session, own, given, by=by, now=now).public_id
    deal = session.scalars(sa.select(Deal).filter_by(public_id=things.deal)).one()
    start_duties(session, deal, by=by, now=now)
    taken = deals.make_deal(
        session, form="assignment", state="approval", seller=own, listings=[shown], value_minor=1
    )
    terms = session.scalars(sa.select(TermVersion).filter_by(deal_id=taken.id)).one()
    approval = Approval(
        deal_id=taken.id,
        version_id=terms.id,
        side="seller",
        position=1,
        name_zh="转化处",
        name_en="Office",
        role="editor",
        asked_at=now,
    )
    session.add(approval)
    for each in (taken, deal):
        take_contributors_over(session, each)
    ask_all(session, taken, by=by, now=now)
    publicity = publish(session, taken, by=by, now=utc_now())
    made = object_to(
        session,
        publicity,
        name="某人",
        contact="a@example.org",
        text="有关联。",
        by=accounts.actor_for(people["editor"]),
        now=utc_now(),
    )
    asked = session.scalars(sa.select(FirstRefusal)).one()
    known = session.scalars(sa.select(Contributor).filter_by(deal_id=deal.id)).one()
    things.publicity, things.objection = publicity.public_id, made.public_id
    things.approval, things.first_refusal = approval.public_id, asked.public_id
    things.contributor = known.public_id
