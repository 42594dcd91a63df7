"""Owners of an achievement and of its rights: shown to those concerned, written by owners."""

from __future__ import annotations

import sqlalchemy as sa
from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from tenon.accounts.models import Organisation
from tenon.accounts.permissions import require
from tenon.accounts.queries import namesakes
from tenon.errors import Forbidden, Invalid
from tenon.listings.models import IpRight, Listing
from tenon.rights import permissions, queries, services
from tenon.rights.forms import OwnersForm, percent
from tenon.rights.queries import Subject
from tenon.rights.shares import Owner, Owners
from tenon.rights.views.blueprint import (
    Answer,
    owner_name,
    people_of,
    rights,
    seen_achievement,
    seen_owners,
    seen_right,
    today,
)
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

SPARE_ROWS = 3


@rights.get("/listings/<public_id>/rights")
def of_listing(public_id: str) -> str:
    """Show who owns an achievement, how its rights stand, and what was granted to contributors."""
    listing = seen_achievement(public_id)
    owners, session, on = seen_owners(listing), current_session(), today()
    actor = current_actor()
    contributors = queries.contributors_of(session, listing)
    return render_template(
        "rights/of_listing.html",
        listing=listing,
        owners=owners,
        versions=queries.versions(session, listing),
        rights=[
            (right, queries.owners(session, right, on=on), queries.standing(session, right, on=on))
            for right in listing.ip_rights
        ],
        grants=[
            each
            for each in queries.grants_of_listing(session, listing)
            if permissions.may_see_grant(actor, each)
        ],
        uses=queries.use_rights(session, [listing], on=on),
        may_record=permissions.may_record_owners(actor, owners),
        may_apply=permissions.may_apply(actor, listing, contributors),
    )


@rights.get("/listings/<public_id>/owners")
def owners_of_listing(public_id: str) -> str:
    """Show the owners of an achievement as a form."""
    return _form_page(seen_achievement(public_id))


@rights.post("/listings/<public_id>/owners")
@limiter.limit(WRITE)
def save_owners_of_listing(public_id: str) -> Answer:
    """Write down who owns an achievement."""
    return _save(seen_achievement(public_id))


@rights.get("/ip/<public_id>/owners")
def owners_of_right(public_id: str) -> str:
    """Show the owners of an IP right as a form."""
    return _form_page(seen_right(public_id))


@rights.post("/ip/<public_id>/owners")
@limiter.limit(WRITE)
def save_owners_of_right(public_id: str) -> Answer:
    """Write down who owns an IP right."""
    return _save(seen_right(public_id))


def _form_page(subject: Subject) -> str:
    owners = _recordable(subject)
    form = OwnersForm(formdata=None)
    for each in owners.shares:
        form.shares.append_entry(
            {"who": _who(each), "name": owner_name(each), "share": f"{each.share.normalize():f}"}
        )
    for _row in range(SPARE_ROWS):
        form.shares.append_entry({"who": ""})
    form.valid_from.data = today()
    form.offer(_people(subject, owners))
    return _page(subject, form)


def _save(subject: Subject) -> Answer:
    owners, form = _recordable(subject), OwnersForm()
    form.offer(_people(subject, owners))
    if form.validate():
        try:
            services.record_owners(
                current_session(),
                subject,
                wanted=_wanted(form),
                valid_from=form.valid_from.data,
                by=current_actor(),
                now=request_now(),
                today=today(),
            )
        except Invalid as error:
            form.take_errors(error)
        except Forbidden as error:
            if error.code != "others_share":
                raise
            form.form_errors.append(
                _("The part of another owner of this site would shrink: ask an operator.")
            )
        else:
            flash(_("Saved."), "success")
            return redirect(_address(subject))
    return _page(subject, form), 422


def _page(subject: Subject, form: OwnersForm) -> str:
    return render_template("rights/owners.html", subject=subject, form=form, back=_address(subject))


def _address(subject: Subject) -> str:
    if isinstance(subject, Listing):
        return url_for("rights.of_listing", public_id=subject.public_id)
    return url_for("rights.of_right", public_id=subject.public_id)


def _recordable(subject: Subject) -> Owners:
    owners = seen_owners(subject)
    require(permissions.may_record_owners(current_actor(), owners), "record_owners")
    return owners


def _people(subject: Subject, owners: Owners) -> list[tuple[int, str]]:
    """Return the people of the site whom a row may name: contributors, and who owns already."""
    session = current_session()
    listings = [subject] if isinstance(subject, Listing) else _listings_on(subject)
    keys = {key for each in listings for key in queries.contributors_of(session, each)}
    keys |= {each.user_id for each in owners.shares if each.user_id is not None}
    return people_of(frozenset(keys))


def _listings_on(right: IpRight) -> list[Listing]:
    wanted = sa.select(Listing).where(
        Listing.ip_rights.any(IpRight.id == right.id), Listing.side == "achievement"
    )
    return list(current_session().scalars(wanted.limit(20)))


def _who(owner: Owner) -> str:
    if owner.organisation_id is not None:
        return "organisation"
    if owner.user_id is not None:
        return f"person:{owner.user_id}"
    return f"outside_{owner.outside_kind}"


def _wanted(form: OwnersForm) -> list[Owner]:
    """Return the rows as owners; raises Invalid at ``shares`` for what names nobody."""
    found = []
    for row in form.shares:
        who, name = row.form.who.data or "", (row.form.name.data or "").strip()
        if not who:
            continue
        share = percent(row.form.share.data)
        if share is None:
            raise Invalid({"shares": "not_a_number"})
        if who == "organisation":
            found.append(Owner(share, organisation_id=_organisation(name)))
        elif who.startswith("person:"):
            found.append(Owner(share, user_id=int(who.removeprefix("person:"))))
        else:
            found.append(Owner(share, name=name, outside_kind=who.removeprefix("outside_")))
    return found


def _organisation(name: str) -> int:
    """Return the approved organisation of exactly this name; raises Invalid at ``shares``."""
    known: list[Organisation] = [
        each for each in namesakes(current_session(), name, None) if each.state == "approved"
    ]
    if len(known) != 1:
        raise Invalid({"shares": "unknown_owner"})
    return known[0].id
