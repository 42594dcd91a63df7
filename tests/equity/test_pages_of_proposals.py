"""Pages of what is proposed under an agreement: money that goes back, holders asked again."""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy.orm import Session

from tenon.equity import services
from tests.deals.browsing import words
from tests.deals.cast import Cast
from tests.equity.conftest import Browse
from tests.equity.scenes import GRANT, NOW, SUBSCRIPTION, TODAY, an_agreement, pay_out
from tests.factories.accounts import post


def test_a_repayment_from_proposal_to_what_is_owed(
    committed: Session, settled: Cast, browse: Browse
) -> None:
    terms = {**GRANT, "repayment": "with_interest", "repayment_interest": "4"}
    agreement = an_agreement(committed, settled, "invest_then_equity", terms)
    committed.commit()
    place = f"/equity/agreements/{agreement.public_id}"
    funder = browse("seller_administrator")
    refused = post(funder, f"{place}/end", kind="repaid")
    assert refused.status_code == 422
    assert "Nothing of the grant has been paid" in words(refused)
    pay_out(committed, settled, agreement, on=date(2025, 11, 22))
    committed.commit()
    assert post(funder, f"{place}/end", kind="repaid").status_code == 303
    firm = browse("buyer_administrator")
    page = firm.get(place).text
    assert "80,000" in page
    assert "the company owes it at once" in page
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    key = re.search(r'name="proposal" value="([^"]+)"', page)
    assert seen is not None
    assert key is not None
    fields = {"proposal": key[1], "seen": seen[1]}
    assert post(firm, f"{place}/confirm", **fields).status_code == 303
    owed = words(firm.get(f"/deals/{agreement.deal.public_id}/payments"))
    assert "Repayment" in owed
    assert "2,000,000" in owed
    assert "80,000" in owed


def test_holders_who_were_asked_about_too_few_units_are_asked_again(
    committed: Session, settled: Cast, browse: Browse
) -> None:
    agreement = an_agreement(committed, settled, "share_subscription", SUBSCRIPTION)
    deal, company = agreement.deal, agreement.company
    by = settled.actor("buyer_editor")
    services.say_law(committed, company, stated=True, by=by, now=NOW)
    for row in services.ask_holders(committed, deal, units=1, by=by, now=NOW):
        services.answer_first_call(
            committed, row, deal, answer="waives", answered_on=TODAY, evidence="股东会决议",
            by=by, now=NOW,
        )  # fmt: skip
    holder = settled.actor("seller_administrator")
    services.propose_exercise(committed, agreement, units=100_000, by=holder, now=NOW)
    committed.commit()
    firm, base = browse("buyer_administrator"), f"/deals/{deal.public_id}/equity"
    page = firm.get(f"/equity/agreements/{agreement.public_id}").text
    assert "asked about fewer units" in page
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    key = re.search(r'name="proposal" value="([^"]+)"', page)
    assert seen is not None
    assert key is not None
    fields = {"proposal": key[1], "seen": seen[1]}
    place = f"/equity/agreements/{agreement.public_id}/confirm"
    assert post(firm, place, **fields).status_code == 422
    page = words(firm.get(base))
    assert "more units than the holders were asked about" in page
    assert 'value="100000"' in page
    assert post(firm, f"{base}/first-call", units="100000").status_code == 303
    page = words(firm.get(base))
    assert "more units than the holders were asked about" not in page
    assert page.count("waiting") >= 2
