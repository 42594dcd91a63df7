"""Messages and files of a deal, and who is in charge of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import lazyload

from tenon.accounts.models import Membership, User
from tenon.accounts.queries import person
from tenon.deals import permissions, services
from tenon.deals.models import Deal, DealMessage
from tenon.deals.page_forms import FileForm, MessageForm, PeopleForm
from tenon.deals.queries import deals as reading
from tenon.deals.services.talking import SIZE_LIMIT, TEXT_LIMIT
from tenon.deals.views.blueprint import Answer, deals, posted_version, read_deal, seen_deal
from tenon.deals.views.showing import people_of
from tenon.deals.views.signing import is_signer, signers_deal
from tenon.documents.keeping import place
from tenon.errors import Conflict, Invalid, NotFound
from tenon.introductions.queries.board import brokers
from tenon.web.forms import options
from tenon.web.limits import UPLOAD, WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now, settings

A_PAGE = 30


@deals.get("/<public_id>/messages")
def messages(public_id: str) -> str:
    """Show messages, the latest last, and files, the latest first."""
    return _page(read_deal(public_id))


def _page(deal: Deal, *, said: MessageForm | None = None, sent: FileForm | None = None) -> str:
    session, actor = current_session(), current_actor()
    found, more = _messages(deal, request.args.get("before", type=int))
    files = [e for e in reading.files(session, deal) if permissions.may_read_file(actor, deal, e)]
    upload = sent or FileForm(formdata=None)
    upload.offer()
    return render_template(
        "deals/messages.html",
        deal=deal,
        messages=found,
        earlier=found[0].id if more else None,
        authors=authors(each.author_id for each in found),
        files=files,
        side=permissions.side_of(actor, deal),
        may_write=permissions.may_write(actor, deal),
        form=said or MessageForm(formdata=None),
        upload=upload,
        limit=SIZE_LIMIT // 2**20,
        longest=TEXT_LIMIT,
    )


def _messages(deal: Deal, before: int | None) -> tuple[list[DealMessage], bool]:
    """Return the last messages before a key in the order written, and whether there are more."""
    wanted = sa.select(DealMessage).where(DealMessage.deal_id == deal.id)
    if before is not None:
        wanted = wanted.where(DealMessage.id < before)
    rows = current_session().scalars(wanted.order_by(DealMessage.id.desc()).limit(A_PAGE + 1)).all()
    return list(reversed(rows[:A_PAGE])), len(rows) > A_PAGE


def authors(keys: Any) -> dict[int, str]:
    """Return key -> name of people who are still there; one statement."""
    wanted = {key for key in keys if key is not None}
    if not wanted:
        return {}
    rows = current_session().execute(
        sa.select(User.id, User.name).where(User.id.in_(wanted), User.erased_at.is_(None))
    )
    return {row.id: row.name for row in rows}


@deals.post("/<public_id>/messages")
@limiter.limit(WRITE)
def say(public_id: str) -> Answer:
    """Write to all who read the deal."""
    deal, form, session = read_deal(public_id), MessageForm(), current_session()
    try:
        services.say(
            session, deal, text=form.text.data or "", by=current_actor(), now=request_now()
        )
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return _page(read_deal(public_id), said=form), 422
    flash(_("Sent."), "success")
    return redirect(url_for("deals.messages", public_id=public_id, _anchor="thread-end"), 303)


@deals.post("/<public_id>/files")
@limiter.limit(UPLOAD)
def add_file(public_id: str) -> Answer:
    """Take a file in; its type is told by its bytes."""
    deal, form, session = read_deal(public_id), FileForm(), current_session()
    sent = form.file.data
    try:
        services.add_file(
            session,
            deal,
            kind=form.kind.data or "",
            name=sent.filename or "" if sent else "",
            content=sent.read(SIZE_LIMIT + 1) if sent else b"",
            folder=settings().files_folder,
            private=bool(form.private.data),
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return _page(read_deal(public_id), sent=form), 422
    flash(_("The file has been added."), "success")
    return redirect(url_for("deals.messages", public_id=public_id, _anchor="files"), 303)


@deals.get("/<public_id>/files/<file_id>")
def file(public_id: str, file_id: str) -> Response:
    """Give a file out, always as a download; to co-owners who must sign the signed paper alone."""
    deal = signers_deal(public_id)
    found = reading.file(current_session(), deal, file_id)
    to_sign = found.kind == "signed_contract" and not found.private
    if not permissions.may_read_file(current_actor(), deal, found) and not (
        to_sign and is_signer(deal)
    ):
        abort(403 if permissions.may_read(current_actor(), deal) else 404)
    path = place(settings().files_folder, found.sha256)
    if not path.is_file():
        abort(404)
    answer = send_file(
        path,
        mimetype=found.media_type,
        as_attachment=True,
        download_name=found.name,
        max_age=0,
        etag=found.sha256,
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@deals.get("/<public_id>/people")
def people(public_id: str) -> str:
    """Show who is in charge on one's own side and which broker looks after the deal."""
    return _people_page(_managed(public_id))


def _managed(public_id: str) -> Deal:
    deal = seen_deal(public_id)
    if not permissions.may_assign_broker(current_actor(), deal):
        abort(403)
    return deal


def _people_page(deal: Deal, *, kept: PeopleForm | None = None, quicker: bool = False) -> str:
    actor = current_actor()
    side = permissions.side_of(actor, deal)
    named = people_of(deal)
    form = kept or PeopleForm(formdata=None)
    unnamed = ("", _("Nobody is named"))
    colleagues = [] if side is None else _colleagues(deal.side_organisation_id(side))
    form.person.choices = options([unnamed, *((u.public_id, u.name) for u in colleagues)])
    form.broker.choices = options(
        [unnamed, *((u.public_id, u.name) for u in brokers(current_session()))]
    )
    if kept is None:
        form.person.data = named[side].public_id if side and side in named else ""
        form.broker.data = named["broker"].public_id if "broker" in named else ""
    return render_template(
        "deals/people.html", deal=deal, form=form, side=side, people=named, quicker=quicker
    )


def _colleagues(house: int) -> Sequence[User]:
    return (
        current_session()
        .scalars(
            sa.select(User)
            .join(Membership, Membership.user_id == User.id)
            .where(
                Membership.organisation_id == house,
                Membership.state == "active",
                User.active.is_(True),
                User.erased_at.is_(None),
            )
            .options(lazyload(User.roles), lazyload(User.memberships))
            .order_by(User.name, User.id)
            .limit(500)
        )
        .all()
    )


@deals.post("/<public_id>/people")
@limiter.limit(WRITE)
def name_people(public_id: str) -> Answer:
    """Name who is in charge on one's own side, or the broker."""
    deal, form, session = _managed(public_id), PeopleForm(), current_session()
    try:
        _name(deal, form)
    except (Invalid, NotFound) as error:
        session.rollback()
        form.take_errors(
            error if isinstance(error, Invalid) else Invalid({"broker": "unknown_code"})
        )
        return _people_page(_managed(public_id), kept=form), 422
    except Conflict:
        session.rollback()
        return _people_page(_managed(public_id), quicker=True), 409
    flash(_("Saved."), "success")
    return redirect(url_for("deals.show", public_id=public_id), 303)


def _name(deal: Deal, form: PeopleForm) -> None:
    session, actor, now = current_session(), current_actor(), request_now()
    expected = posted_version()
    side = permissions.side_of(actor, deal)
    named = people_of(deal)
    if form.broker.data and form.broker.data != getattr(named.get("broker"), "public_id", None):
        broker = person(session, form.broker.data)
        services.name_broker(
            session, deal, broker=broker, by=actor, now=now, expected_version=expected
        )
        expected = None  # it has just been changed by ourselves
    if (
        side
        and form.person.data
        and form.person.data != getattr(named.get(side), "public_id", None)
    ):
        services.name_person_in_charge(
            session,
            deal,
            side=side,
            person=person(session, form.person.data),
            by=actor,
            now=now,
            expected_version=expected,
        )
