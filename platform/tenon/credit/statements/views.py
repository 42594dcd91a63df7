"""Pages of statements: ask for one, fetch it, revoke it; and for anybody, check one."""

from __future__ import annotations

from datetime import date
from typing import TypeAlias

from flask import (
    Blueprint,
    Flask,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from tenon.accounts import queries as people
from tenon.accounts.models import User
from tenon.credit.statements import comparing, queries, services
from tenon.credit.statements.codes import read, written
from tenon.credit.statements.content import MOST_ENTRIES, Period
from tenon.credit.statements.forms import CodeForm, FileForm, RevokeForm, StatementForm, message
from tenon.credit.statements.papers import paper_of
from tenon.credit.statements.personal import folder_of
from tenon.credit.statements.printing import check_address
from tenon.errors import Invalid
from tenon.web.access import Access, declare
from tenon.web.languages import language, shown_zone
from tenon.web.limits import WRITE, limiter
from tenon.web.navigation import Entry, add_entries
from tenon.web.page_words import add_page_words
from tenon.web.requests import (
    READS_ON_POST,
    current_actor,
    current_session,
    database,
    request_now,
    settings,
)

Answer: TypeAlias = str | tuple[str, int] | Response | BaseResponse

ISSUE = "20 per hour; 60 per day"
# Guessing: with a million statements given out, an address that asks 120 an hour meets one of
# them by chance in some 900 years (23 ** 11 codes).
CHECK = "20 per minute; 120 per hour"

statements = Blueprint("statements", __name__)
checking = limiter.shared_limit(CHECK, scope="statements")


@statements.get("/credit/statements")
def mine() -> str:
    """Show one's own statements and the form for another."""
    return _list_page(_me(), _fresh_form())


@statements.post("/credit/statements")
@limiter.limit(ISSUE)
def issue() -> Answer:
    """Issue a statement about oneself."""
    return _issue(_me())


@statements.get("/admin/people/<public_id>/statements")
def of_person(public_id: str) -> str:
    """Show an operator a person's statements."""
    return _list_page(people.person(current_session(), public_id), _fresh_form())


@statements.post("/admin/people/<public_id>/statements")
@limiter.limit(ISSUE)
def issue_for(public_id: str) -> Answer:
    """Issue a statement about a person, as an operator."""
    return _issue(people.person(current_session(), public_id))


def _me() -> User:
    return current_session().get_one(User, current_actor().user_id)


def _fresh_form() -> StatementForm:
    today = request_now().astimezone(shown_zone()).date()
    return StatementForm(since=date(today.year, 1, 1), until=today, language=language())


def _list_page(user: User, form: StatementForm) -> str:
    return render_template(
        "credit/statements.html",
        person=user,
        own=user.id == current_actor().user_id,
        form=form,
        found=queries.statements_of(current_session(), user.id),
        most=MOST_ENTRIES,
        written=written,
    )


def _issue(user: User) -> Answer:
    """Gather, make the file, and only then write, so that nobody waits for the file to be made."""
    form = StatementForm()
    if not form.validate():
        return _list_page(user, form), 422
    by, now = current_actor(), request_now()
    try:
        draft = services.draft(
            current_session(),
            user,
            period=Period(form.since.data, form.until.data, shown_zone()),
            purpose=form.purpose.data,
            language=form.language.data,
            address=settings().base_url,
            by=by,
            now=now,
        )
    except Invalid as error:
        form.take_errors(error)
        return _list_page(user, form), 422
    digest = services.print_file(draft, folder=folder_of(settings().files_folder))
    with database().writing() as session:
        made = services.issue(session, draft, pdf_sha256=digest, by=by, now=now)
        public_id = made.public_id
    flash(_("The statement has been issued."), "success")
    return redirect(url_for("statements.show", public_id=public_id))


@statements.get("/credit/statements/<public_id>")
def show(public_id: str) -> str:
    """Show one statement to its person or an operator."""
    return _statement_page(public_id, RevokeForm())


def _statement_page(public_id: str, form: RevokeForm) -> str:
    found = queries.find(current_session(), public_id, by=current_actor())
    return render_template(
        "credit/statement.html",
        statement=found,
        checked=queries.look_at(current_session(), found),
        own=found.user_id == current_actor().user_id,
        address=check_address(found.content["issuer"], found.code),
        code=written(found.code),
        form=form,
    )


@statements.get("/credit/statements/<public_id>/file")
def file(public_id: str) -> Response:
    """Give the PDF out, always as a download."""
    found = queries.find(current_session(), public_id, by=current_actor())
    content = services.file_of(found, folder=folder_of(settings().files_folder))
    answer = Response(content, mimetype="application/pdf")
    answer.headers.set(
        "Content-Disposition", "attachment", filename=f"tenon-statement-{written(found.code)}.pdf"
    )
    answer.headers["Content-Security-Policy"] = "sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@statements.post("/credit/statements/<public_id>/revoke")
@limiter.limit(WRITE)
def revoke(public_id: str) -> Answer:
    """Revoke a statement for good."""
    found = queries.find(current_session(), public_id, by=current_actor())
    form = RevokeForm()
    try:
        services.revoke(
            current_session(),
            found,
            reason=form.reason.data or "",
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        form.take_errors(error)
        return _statement_page(public_id, form), 422
    flash(_("The statement is revoked: whoever checks it is told so."), "success")
    return redirect(url_for("statements.show", public_id=public_id))


@statements.get("/verify")
def check_form() -> Answer:
    """Show anybody the form for a code; a code that came with it leads on to its page."""
    if "code" not in request.args:
        return _unindexed(render_template("credit/check.html", form=CodeForm(formdata=None)))
    plain = read(request.args["code"])[:64]
    if plain:
        return redirect(url_for("statements.check", code=written(plain)))
    form = CodeForm(request.args)
    form.code.errors = [message("not_a_code")]
    return _unindexed(render_template("credit/check.html", form=form), 422)


@statements.get("/verify/<code>")
@checking
def check(code: str) -> Answer:
    """Say what stands behind a code, to anybody."""
    return _checked_page(code, FileForm())


@statements.post("/verify/<code>")
@checking
def compare(code: str) -> Answer:
    """Say whether a file is the one that was issued; nothing of it is kept."""
    form = FileForm()
    found = queries.check(current_session(), code)
    if found is None or not form.validate():
        return _checked_page(code, form)
    try:
        same = comparing.is_the_file(found.statement, form.file.data)
    except Invalid as error:
        form.take_errors(error)
        return _checked_page(code, form, 422)
    return _checked_page(code, form, same=same)


def _checked_page(
    code: str, form: FileForm, status: int = 200, *, same: bool | None = None
) -> Answer:
    found = queries.check(current_session(), code)
    page = render_template(
        "credit/checked.html",
        checked=found,
        code=written(read(code)[:64]),
        form=form,
        same=same,
        limit=comparing.SIZE_LIMIT // 2**20,
    )
    return _unindexed(page, status if found else 404)


def _unindexed(page: str, status: int = 200) -> Response:
    answer = make_response(page, status)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


_ROUTES = {
    Access.PUBLIC: ("check_form", "check", "compare"),
    Access.SIGNED_IN: ("mine", "issue", "show", "file", "revoke"),
    Access.OPERATOR: ("of_person", "issue_for"),
}


def install(app: Flask) -> None:
    """Register the pages; making a file and comparing one must not hold a writer's place."""
    READS_ON_POST.update({"statements.issue", "statements.issue_for", "statements.compare"})
    app.register_blueprint(statements)
    declare(
        app,
        {f"statements.{name}": access for access, names in _ROUTES.items() for name in names},
    )
    add_page_words(app, statement_paper=paper_of)
    add_entries(app, [Entry("statements.mine", _l("Statements of my credit"), "account", 35)])
