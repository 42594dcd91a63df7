"""Pages: from a deal without a company to confirmed units; who may open what."""

from __future__ import annotations

import io
import re

import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tenon.deals.models import Deal
from tenon.equity import queries, services, tasks
from tenon.equity.models import EquityAgreement, EquityCompany
from tenon.notices.models import Notice
from tests.deals.browsing import words
from tests.deals.cast import ROLES, Cast
from tests.equity.conftest import Browse
from tests.equity.scenes import (
    CONTRIBUTION,
    GRANT,
    MILLION,
    NOW,
    SUBSCRIPTION,
    TODAY,
    a_deal,
    a_round,
    a_table,
    an_agreement,
)
from tests.factories.accounts import csrf_token, make_membership, post

DAY = TODAY.isoformat()


def contributed(committed: Session, cast: Cast) -> tuple[Deal, EquityCompany]:
    """A contribution to the firm, at approval, with the firm's table."""
    deal = a_deal(committed, cast, "equity_contribution", CONTRIBUTION, "approval")
    company = a_table(committed, cast, deal, kind="limited")
    committed.commit()
    return deal, company


def subscribed(committed: Session, cast: Cast) -> tuple[EquityAgreement, Deal, EquityCompany]:
    """A right to subscribe that has just been granted."""
    agreement = an_agreement(committed, cast, "share_subscription", SUBSCRIPTION)
    found = agreement, agreement.deal, agreement.company
    committed.commit()
    return found


def test_from_the_deals_page_to_recorded_units(
    committed: Session, settled: Cast, browse: Browse
) -> None:
    deal = a_deal(committed, settled, "equity_contribution", CONTRIBUTION, "approval")
    committed.commit()
    firm = browse("buyer_editor")
    base = f"/deals/{deal.public_id}/equity"
    assert "One of the sides opens it" not in words(firm.get(base))
    opened = post(firm, f"{base}/company", own="own", name="", kind="limited", par="1")
    assert opened.status_code == 303
    place = opened.location
    founded = post(
        firm, f"{place}/record/incorporation", day="2025-03-03", payer1="创始人甲", paid1="6000000",
        payer2="云杉控股", paid2="4,000,000", version="0",
    )  # fmt: skip
    assert founded.status_code == 303
    page = words(firm.get(base))
    assert "As the terms would bring it" in page
    assert "14 %" in page  # the team's 70 % of a fifth
    asked = post(firm, f"{base}/first-call", units="2500000")
    assert asked.status_code == 303
    page = words(firm.get(base))
    assert "CN¥1,500,000" in page or "¥1,500,000" in page
    rows = re.findall(r"equity/first-call/(\d+)", page)
    assert len(rows) == 2
    for row in rows:
        refused = post(firm, f"{base}/first-call/{row}", **{f"r{row}-answer": "waives"})
        assert refused.status_code == 422
        said = {"answer": "waives", "answered_on": DAY, "evidence": "股东会决议"}
        sent = post(firm, f"{base}/first-call/{row}", **{f"r{row}-{k}": v for k, v in said.items()})
        assert sent.status_code == 303
    form = words(firm.get(f"{place}/record/contribution?deal={deal.public_id}"))
    assert 'value="3000000"' in form  # from the terms
    sent = post(
        firm, f"{place}/record/contribution?deal={deal.public_id}", day=DAY, to_deal="y",
        institution="示例理工大学", value="3000000", team_share="70", team="持股平台",
        pre_money="12000000", base="issued", version="1",
    )  # fmt: skip
    assert sent.status_code == 303
    event = words(firm.get(sent.location))
    assert "1.2 CNY" in event
    assert "As it was recorded" in words(firm.get(base))
    uni = words(browse("seller_editor").get(base))
    assert "As it was recorded" in uni
    overview = words(browse("seller_editor", "zh").get(f"/deals/{deal.public_id}"))
    assert "示例理工大学" in overview


def test_what_must_be_chosen_is_asked_for_at_its_field_and_what_was_typed_is_kept(
    committed: Session, settled: Cast, browse: Browse
) -> None:
    _deal, company = contributed(committed, settled)
    firm = browse("buyer_editor")
    refused = post(
        firm, f"/equity/{company.public_id}/record/round", day=DAY, payer1="松果创投",
        paid1="10000000", pre_money="40000000", pool="10", version="1",
    )  # fmt: skip
    assert refused.status_code == 422
    page = words(refused)
    assert "Please choose what the valuation is spread on" in page
    assert "Please choose whom the pool dilutes" in page
    assert 'value="松果创投"' in page
    committed.refresh(company)
    assert company.version == 1


def test_the_appraisal_is_kept_with_its_report(
    committed: Session, settled: Cast, browse: Browse
) -> None:
    deal, _company = contributed(committed, settled)
    uni = browse("seller_editor")
    base = f"/deals/{deal.public_id}/equity"
    assert post(uni, f"{base}/appraisal", appraiser="中衡资产评估").status_code == 422
    sent = uni.post(
        f"{base}/appraisal",
        data={
            "csrf_token": csrf_token(uni),
            "appraiser": "中衡资产评估",
            "value": "3000000",
            "appraised_on": DAY,
            "report": (io.BytesIO(b"%PDF-1.4 report"), "评估报告.pdf"),
        },
    )
    assert sent.status_code == 303
    assert "中衡资产评估" in words(uni.get(base))


def test_a_wrong_entry_is_struck_with_a_reason(
    committed: Session, settled: Cast, browse: Browse
) -> None:
    _deal, company = contributed(committed, settled)
    a_round(committed, settled, company, amount=10 * MILLION, pre_money=40 * MILLION)
    committed.commit()
    firm = browse("buyer_editor")
    place = f"/equity/{company.public_id}/events/2/strike"
    assert post(firm, place, version="2", source="").status_code == 422
    assert post(firm, place, version="1", source="误录").status_code == 409
    assert post(firm, place, version="2", source="误录").status_code == 303
    assert "no longer counts" in words(firm.get(f"/equity/{company.public_id}"))


def test_what_if_saves_nothing(committed: Session, settled: Cast, browse: Browse) -> None:
    _deal, company = contributed(committed, settled)
    uni = browse("seller_editor")
    place = f"/equity/{company.public_id}/what-if"
    asked = {"amount1": "10000000", "pre1": "40000000", "pool1": "10", "amount2": "20000000",
             "pre2": "180000000", "base": "fully_diluted", "timing": "pre_money"}  # fmt: skip
    page = words(uni.get(place, query_string=asked))
    assert "3.5 CNY" in page
    assert "After round 2" in page
    assert uni.get(place, query_string=asked | {"amount1": "x"}).status_code == 422
    assert len(queries.events(committed, company)) == 1


def test_an_exercise_from_proposal_to_units(
    committed: Session, settled: Cast, browse: Browse
) -> None:
    agreement = an_agreement(committed, settled, "share_subscription", SUBSCRIPTION)
    committed.commit()
    place = f"/equity/agreements/{agreement.public_id}"
    holder = browse("seller_administrator")
    assert post(holder, f"{place}/exercise", units="125001").status_code == 422
    assert post(holder, f"{place}/exercise", units="100,000").status_code == 303
    firm = browse("buyer_administrator")
    page = firm.get(place).text
    assert "Confirm for our side" in page
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    key = re.search(r'name="proposal" value="([^"]+)"', page)
    assert seen is not None
    assert key is not None
    fields = {"proposal": key[1], "seen": seen[1]}
    assert post(firm, f"{place}/confirm", **fields | {"seen": "1/1/1"}).status_code == 409
    assert post(firm, f"{place}/confirm", **fields).status_code == 303
    assert post(firm, f"{place}/confirm", **fields).status_code == 409
    committed.expire_all()
    assert agreement.state == "exercised_in_part"
    assert "Exercised in part" in words(firm.get("/equity/"))


def test_a_conversion_in_chinese(committed: Session, settled: Cast, browse: Browse) -> None:
    agreement = an_agreement(committed, settled, "invest_then_equity", GRANT)
    a_round(committed, settled, agreement.company, amount=10 * MILLION, pre_money=50 * MILLION)
    committed.commit()
    page = words(
        browse("seller_administrator", "zh").get(f"/equity/agreements/{agreement.public_id}")
    )
    assert "先投后股" in page
    assert "416,666" in page
    assert "3.20 CNY" in page


def statuses(browse: Browse, address: str) -> dict[str, int]:
    """What each role is answered."""
    return {role: browse(role).get(address).status_code for role in ROLES}


PARTIES = {
    "seller_editor", "seller_in_charge", "seller_administrator", "buyer_editor", "buyer_in_charge",
    "buyer_administrator", "broker",
}  # fmt: skip


def test_who_opens_what(committed: Session, settled: Cast, browse: Browse) -> None:
    agreement, deal, table = subscribed(committed, settled)
    company = table.public_id
    for address in (
        f"/equity/{company}",
        f"/equity/{company}/events/1",
        f"/equity/{company}/what-if",
        f"/equity/agreements/{agreement.public_id}",
    ):
        found = statuses(browse, address)
        assert {role for role, code in found.items() if code == 200} == PARTIES, address
        assert found["visitor"] == 302
        assert found["operator"] == found["stranger"] == 404
    found = statuses(browse, f"/equity/{company}/record/transfer")
    assert {role for role, code in found.items() if code == 200} == {
        "buyer_editor", "buyer_administrator",
    }  # fmt: skip
    assert found["seller_editor"] == found["broker"] == 403
    found = statuses(browse, f"/deals/{deal.public_id}/equity")
    assert {role for role, code in found.items() if code == 200} == PARTIES
    assert found["operator"] == 403


def test_the_wrong_person_changes_nothing(
    committed: Session, settled: Cast, browse: Browse
) -> None:
    agreement, about, table = subscribed(committed, settled)
    place, company = f"/equity/agreements/{agreement.public_id}", table.public_id
    deal = f"/deals/{about.public_id}/equity"

    def sent(role: str, address: str, **fields: str) -> int:
        answer: TestResponse = post(browse(role), address, **fields)
        return answer.status_code

    assert sent("buyer_editor", f"{place}/exercise", units="1") == 403
    assert sent("broker", f"{place}/exercise", units="1") == 403
    assert sent("stranger", f"{place}/exercise", units="1") == 404
    assert sent("operator", f"{place}/exercise", units="1") == 404
    assert sent("seller_editor", f"/equity/{company}/record/pool", day=DAY, percent="10") == 403
    assert sent("broker", f"{deal}/first-call", units="10") == 403
    assert sent("seller_editor", f"{deal}/first-call", units="10") == 403
    assert sent("broker", f"{deal}/articles", stated="yes") == 403
    assert sent("stranger", f"{deal}/company", own="own", kind="limited") == 404
    assert sent("stranger", f"/equity/{company}/events/1/strike", source="x") == 404
    assert sent("seller_editor", f"/equity/{company}/events/1/strike", source="x") == 403
    committed.refresh(table)
    assert table.version == 2
    assert queries.open_proposal(committed, agreement) is None


def test_a_holder_sees_its_own_row_and_nothing_else(
    committed: Session, settled: Cast, browse: Browse
) -> None:
    agreement = an_agreement(committed, settled, "share_subscription", SUBSCRIPTION)
    stranger = settled.actor("stranger")
    agreement.company.holders[1].organisation_id = next(iter(stranger.memberships))
    committed.commit()
    client = browse("stranger")
    page = words(client.get(f"/equity/{agreement.company.public_id}"))
    assert "40 %" in page
    assert "创始人甲" not in page
    assert "6,000,000" not in page
    assert client.get(f"/equity/{agreement.company.public_id}/events/1").status_code == 403
    assert agreement.company.name in words(client.get("/equity/"))


def test_no_public_page_or_list_names_a_company_or_an_agreement(
    committed: Session, settled: Cast, browse: Browse
) -> None:
    agreement = an_agreement(committed, settled, "share_subscription", SUBSCRIPTION)
    agreement.company.name = "唯此一见公司"
    agreement.deal.title = "唯此一见协议"
    committed.commit()
    app = browse("visitor").application
    open_to_all = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and "static" not in rule.rule
    ]
    for role in ("visitor", "nobody", "stranger", "other_broker"):
        client = browse(role, "zh")
        for address in (*open_to_all, f"/organisations/{settled.firm.public_id}",
                        f"/organisations/{settled.university.public_id}"):  # fmt: skip
            page = client.get(address)
            if (page.mimetype or "").startswith("text"):
                assert "唯此一见" not in page.text, (role, address)
                assert agreement.public_id not in page.text
                assert agreement.company.public_id not in page.text


def test_a_holder_that_is_no_party_is_told_and_answers_on_its_own_page(
    committed: Session, settled: Cast, browse: Browse
) -> None:
    deal = a_deal(committed, settled, "equity_contribution", CONTRIBUTION, "approval")
    company = a_table(committed, settled, deal, kind="limited")
    stranger = settled.people["stranger"]
    house = next(iter(settled.actor("stranger").memberships))
    company.holders[1].organisation_id = house
    make_membership(committed, settled.people["nobody"], stranger.memberships[0].organisation)
    firm = settled.actor("buyer_editor")
    rows = services.ask_holders(committed, deal, units=1000, by=firm, now=NOW)
    tasks.asked(committed, {"deal": deal.id}, NOW)
    told = committed.scalars(sa.select(Notice).where(Notice.kind == "equity_first_call")).all()
    assert [each.user_id for each in told] == [settled.people["nobody"].id]
    first, own = rows[0].id, rows[1].id
    committed.commit()
    client = browse("stranger")
    place = f"/equity/{company.public_id}"
    assert "CN¥4" in words(client.get(place))
    said = {f"r{own}-answer": "takes_up", f"r{own}-taken": "5", f"r{own}-answered_on": DAY}
    assert post(client, f"{place}/first-call/{own}", **said).status_code == 422
    assert post(client, f"{place}/first-call/{first}", **said).status_code == 404
    said[f"r{own}-taken"] = "4"
    assert post(client, f"{place}/first-call/{own}", **said).status_code == 303
    assert "Takes up its part" in words(client.get(place))
    assert post(client, f"{place}/first-call/{own}", **said).status_code == 409
