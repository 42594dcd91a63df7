"""What if: rounds and pools on top of the table as it is; nothing is saved."""

from __future__ import annotations

from fractions import Fraction

from flask import render_template, request
from flask_babel import gettext as _

from tenon.equity import previews, queries
from tenon.equity.days import today
from tenon.equity.forms import WhatIfForm
from tenon.equity.models import EquityCompany
from tenon.equity.views import display
from tenon.equity.views.blueprint import equity, read_company
from tenon.errors import Invalid
from tenon.formulas import equity as eq
from tenon.web.requests import current_session, request_now


@equity.get("/equity/<public_id>/what-if")
def what_if(public_id: str) -> str | tuple[str, int]:
    """Try rounds out."""
    company = read_company(public_id)
    state = queries.course_of(current_session(), company).now
    form = WhatIfForm(formdata=request.args) if request.args else WhatIfForm(formdata=None)
    form.offer()
    steps: list[eq.Step] = []
    if request.args:
        try:
            steps = _steps(company, state, form)
        except Invalid as error:
            form.take_errors(error)
    page = render_template(
        "equity/what_if.html",
        company=company,
        state=state,
        form=form,
        unit=display.unit_words(company),
        tried=[
            (step, display.picture(company, step.before, step.after, names=_names()))
            for step in steps
        ],
    )
    return (page, 422) if form.errors or form.form_errors else page


def _names() -> dict[str, str]:
    return {
        f"{previews.INVESTOR}{number}": str(_("Investor of round %(number)s", number=number))
        for number in (1, 2)
    }


def _steps(company: EquityCompany, state: eq.Company, form: WhatIfForm) -> list[eq.Step]:
    faults: dict[str, str] = {}
    trials = []
    for number in (1, 2):
        if number == 2 and not (form.amount2.data or form.pre2.data):
            break
        amount = form.minor(f"amount{number}", company.currency, faults)
        pre_money = form.minor(f"pre{number}", company.currency, faults)
        pool: Fraction = form.part(f"pool{number}", faults)
        trials.append(previews.Trial(amount, pre_money, pool))
    if faults:
        raise Invalid(faults)
    try:
        return previews.rounds(
            state,
            trials,
            base=form.base.data or "fully_diluted",
            timing=form.timing.data or "pre_money",
            day=today(request_now()),
            converts=bool(form.converts.data),
        )
    except eq.Impossible as error:
        raise Invalid({"": error.code}) from error
