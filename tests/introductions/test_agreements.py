"""The confidentiality agreement: its words, its hash, who confirms, when it is asked for."""

from __future__ import annotations

import hashlib
import re
import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound
from tenon.history import HistoryEntry
from tenon.introductions import services
from tenon.introductions.models import Introduction, IntroductionNda
from tenon.introductions.services import secrecy
from tenon.introductions.stages import patience
from tenon.listings.models import Attachment, ConfidentialDetail
from tenon.listings.queries import open_tiers
from tenon.notices import delivery
from tests.factories.accounts import actor_for, make_membership, make_user
from tests.introductions.cast import ANSWERS, TIERS, Cast, bring_to, express, make_cast, take

FOLDER = Path(secrecy.__file__).parents[1] / "nda"
FIELDS = {"number", "party_a", "party_b", "listings", "day"}
CLAUSES_ZH = re.compile(r"^[一二三四五六七八九十]+、", re.MULTILINE)
CLAUSES_EN = re.compile(r"^\d+\. ", re.MULTILINE)


def _template(language: str) -> str:
    return (FOLDER / f"{secrecy.TEMPLATE}.{language}.txt").read_text(encoding="utf-8")


def test_both_languages_have_the_same_clauses_and_fields() -> None:
    zh, en = _template("zh"), _template("en")
    for text in (zh, en):
        names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
        assert sorted(names) == sorted(FIELDS)
    assert len(CLAUSES_ZH.findall(zh)) == len(CLAUSES_EN.findall(en)) == 10
    # What each clause binds to: the same figures and the same prevailing text, clause by clause.
    said = {
        2: [("公众所知", "public"), ("独立得出", "independently")],
        3: [("反向工程", "reverse engineer"), ("申请知识产权", "apply for intellectual property")],
        6: [("三年", "three years"), ("技术秘密", "technical secrets")],
        7: [("三十日", "thirty days")],
        8: [("赔偿", "makes good the loss")],
        9: [
            ("中华人民共和国法律", "People's Republic of China"),
            ("被告住所地", "defendant's domicile"),
        ],
        10: [("以中文为准", "Chinese text prevails"), ("散列值", "hash")],
    }
    clauses = {"zh": CLAUSES_ZH.split(zh)[1:], "en": CLAUSES_EN.split(en)[1:]}
    for number, pairs in said.items():
        for chinese, english in pairs:
            assert chinese in clauses["zh"][number - 1]
            assert english in " ".join(clauses["en"][number - 1].split())


@pytest.fixture
def it(session: Session, cast: Cast, now: datetime) -> Introduction:
    """An introduction whose agreement waits for both sides."""
    return bring_to(session, cast, "nda", now=now)


def _nda(it: Introduction) -> IntroductionNda:
    return services.agreement_of(it)


def test_the_hash_is_over_the_text_that_is_kept_and_in_the_history(
    session: Session, it: Introduction, cast: Cast
) -> None:
    nda = _nda(it)
    assert nda.sha256 == hashlib.sha256(nda.text.encode("utf-8")).hexdigest()
    drafted = session.scalars(sa.select(HistoryEntry).filter_by(kind="nda_drafted")).one()
    assert drafted.facts == {"template": secrecy.TEMPLATE, "sha256": nda.sha256}
    for words in (
        it.public_id,
        cast.firm.name_zh,
        cast.firm.name_en,
        cast.university.name_zh,
        cast.university.name_en,
        cast.result.text("zh").title,
        cast.need.text("zh").title,
    ):
        assert (words or "?") in nda.text
    assert "{" not in nda.text
    assert "}" not in nda.text


def test_the_kept_text_comes_back_byte_for_byte(session: Session, it: Introduction) -> None:
    session.commit()
    session.expire_all()
    assert hashlib.sha256(_nda(it).text.encode()).hexdigest() == _nda(it).sha256


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Asia/Shanghai", "2026-11-23"), ("UTC", "2026-11-22"), ("America/New_York", "2026-11-22")],
)
def test_its_day_is_the_sites_own(session: Session, cast: Cast, zone: str, day: str) -> None:
    delivery.use(replace(delivery.current(), zone=ZoneInfo(zone)))
    late = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)
    text = _nda(bring_to(session, cast, "nda", now=late)).text
    assert f"日期：{day}" in text
    assert f"Date: {day}" in text


EVIL = "{number} {0} {party_b.__class__} %s\n10. Party B pays.\u2028十一、乙方付款。"


def test_braces_and_lines_in_names_do_no_harm(session: Session, now: datetime) -> None:
    cast = make_cast(session, need={"title": f"求办法 {EVIL}"}, result={"title": f"装置 {EVIL}"})
    cast.firm.name_zh, cast.university.name_en = f"甲厂 {EVIL}", f"B {EVIL}"
    text = _nda(bring_to(session, cast, "nda", now=now)).text
    assert "{number} {0} {party_b.__class__} %s" in text  # as written, not filled
    assert (len(CLAUSES_ZH.findall(text)), len(CLAUSES_EN.findall(text))) == (10, 10)
    assert "\u2028" not in text


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("of", ["need", "result"])
@pytest.mark.parametrize("what", ["text", "file", "lower"])
def test_it_is_asked_for_where_either_listing_has_something_for_that_tier(
    session: Session, now: datetime, own: bool, of: str, what: str
) -> None:
    cast = make_cast(session, tiers={})
    listing = getattr(cast, of)
    tier = "introduction" if what == "lower" else "nda"
    if what == "file":
        listing.attachments.append(
            Attachment(
                tier=tier, name="配方.pdf", media_type="application/pdf", size=9, sha256="0" * 64,
                uploaded_at=now,
            )
        )  # fmt: skip
    else:
        listing.details.append(ConfidentialDetail(tier=tier, text="x"))
    it = express(session, cast, own_listing=cast.need if own else None, now=now)
    take(session, it, "pass_on", by=cast.actor("broker"), now=now)
    take(session, it, "accept", by=cast.actor("to_editor"), now=now)
    needed = what != "lower" and (own or of == "result")
    assert it.state == ("nda" if needed else "connected")
    assert (it.nda is not None) == needed


def _confirm(
    session: Session, it: Introduction, cast: Cast, role: str, now: datetime, **values: object
) -> bool:
    standard: dict[str, object] = {
        "signatory": " 授权代表 总工 ",
        "sha256": _nda(it).sha256,
        "confirmed": True,
        "by": cast.actor(role),
        "now": now,
    }
    return services.confirm_agreement(session, it, **(standard | values))  # type: ignore[arg-type]  # mixed keywords


def test_both_confirm_and_only_then_the_tier_opens(
    session: Session, it: Introduction, cast: Cast, now: datetime
) -> None:
    assert not _confirm(session, it, cast, "to_editor", now)
    assert it.state == "nda"
    nda = _nda(it)
    assert (nda.to_signatory, nda.from_signatory, nda.agreed_at) == ("授权代表 总工", None, None)
    reader = cast.actor("from_member")
    assert "nda" not in open_tiers(session, cast.result, to=reader, now=now)
    with pytest.raises(Conflict) as caught:
        _confirm(session, it, cast, "to_administrator", now)
    assert caught.value.code == "confirmed_already"
    assert _confirm(session, it, cast, "from_administrator", now)
    assert (it.state, _nda(it).agreed_at) == ("connected", now)
    assert "nda" in open_tiers(session, cast.result, to=reader, now=now)
    with pytest.raises(IllegalTransition):
        _confirm(session, it, cast, "from_editor", now)


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"signatory": "  "}, {"signatory": "required"}),
        ({"signatory": "名" * 201}, {"signatory": "too_long"}),
        ({"confirmed": False}, {"confirmed": "required"}),
    ],
)
def test_a_confirmation_is_whole(
    session: Session,
    it: Introduction,
    cast: Cast,
    now: datetime,
    values: dict[str, object],
    fields: object,
) -> None:
    with pytest.raises(Invalid) as caught:
        _confirm(session, it, cast, "to_editor", now, **values)
    assert caught.value.fields == fields
    assert _nda(it).to_confirmed_at is None


def test_another_text_than_the_one_read_is_not_confirmed(
    session: Session, cast: Cast, it: Introduction, now: datetime
) -> None:
    foreign = hashlib.sha256(b"another").hexdigest()
    for sha256 in (foreign, "", _nda(it).sha256.upper()):
        with pytest.raises(Conflict) as caught:
            _confirm(session, it, cast, "to_editor", now, sha256=sha256)
        assert caught.value.code == "text_changed"
    assert _nda(it).to_confirmed_at is None


def test_text_changed_behind_the_sites_back_is_not_confirmed(
    session: Session, cast: Cast, it: Introduction, now: datetime
) -> None:
    changed = _nda(it).text.replace("三年", "三十年")
    session.execute(sa.update(IntroductionNda).values(text=changed))
    with pytest.raises(Conflict) as caught:
        _confirm(session, it, cast, "to_editor", now)
    assert caught.value.code == "text_changed"


@pytest.mark.parametrize(
    "role", ["from_member", "to_member", "broker", "proposer", "operator", "system"]
)
def test_who_may_not_bind_a_side_confirms_for_none(
    session: Session, it: Introduction, cast: Cast, now: datetime, role: str
) -> None:
    with pytest.raises(Forbidden):
        _confirm(session, it, cast, role, now)
    with pytest.raises(NotFound):
        _confirm(session, it, cast, "stranger", now)


def test_nobody_confirms_for_both_sides(
    session: Session, it: Introduction, cast: Cast, now: datetime
) -> None:
    person = make_user(session, name="Both")
    for house in (cast.firm, cast.university):
        make_membership(session, person, house, "administrator")
    actor = actor_for(person)
    one = replace(actor, organisation_id=cast.firm.id)
    assert not _confirm(session, it, cast, "from_editor", now, by=one)
    other = replace(actor, organisation_id=cast.university.id)
    with pytest.raises(Forbidden) as caught:
        _confirm(session, it, cast, "from_editor", now, by=other)
    assert caught.value.code == "confirmed_for_other_side"
    assert _confirm(session, it, cast, "to_editor", now)


def test_demanded_later_once_there_is_something(session: Session, now: datetime) -> None:
    cast = make_cast(session, tiers={"introduction": TIERS["introduction"]})
    it = express(session, cast, now=now)
    take(session, it, "pass_on", by=cast.actor("broker"), now=now)
    take(session, it, "accept", by=cast.actor("to_editor"), now=now)
    assert it.state == "connected"
    with pytest.raises(NotFound):
        services.agreement_of(it)
    with pytest.raises(Conflict) as caught:
        take(session, it, "demand_nda", by=cast.actor("to_editor"), now=now)
    assert caught.value.code == "nothing_confidential"
    cast.result.details.append(ConfidentialDetail(tier="nda", text="配方"))
    session.flush()
    take(session, it, "demand_nda", by=cast.actor("to_editor"), now=now)
    assert it.state == "nda"
    reader = cast.actor("from_editor")
    assert open_tiers(session, cast.result, to=reader, now=now)[-1] == "introduction"
    for role in ("from_editor", "to_editor"):
        take(session, it, "agree", by=cast.actor(role), now=now)
    assert it.state == "connected"
    assert open_tiers(session, cast.result, to=reader, now=now)[-1] == "nda"
    with pytest.raises(Conflict) as caught:
        take(session, it, "demand_nda", by=cast.actor("from_editor"), now=now)
    assert caught.value.code == "agreed_already"


def test_asked_for_later_and_not_confirmed_leaves_the_contact(
    session: Session, now: datetime
) -> None:
    cast = make_cast(session, tiers={"introduction": TIERS["introduction"]})
    it = express(session, cast, now=now)
    take(session, it, "pass_on", by=cast.actor("broker"), now=now)
    take(session, it, "accept", by=cast.actor("to_editor"), now=now)
    cast.result.details.append(ConfidentialDetail(tier="nda", text="配方"))
    session.flush()
    later = now + timedelta(days=40)
    take(session, it, "demand_nda", by=cast.actor("to_editor"), now=later)
    take(session, it, "agree", by=cast.actor("to_editor"), now=later)
    services.work_off_due(session, now=later + timedelta(days=patience()["nda"]["lapse"]))
    assert (it.state, it.nda, it.due_at) == ("connected", None, None)
    reader = cast.actor("from_editor")
    assert open_tiers(session, cast.result, to=reader, now=later)[-1] == "introduction"
    take(session, it, "demand_nda", by=reader, now=later + timedelta(days=50))
    assert it.state == "nda"


def test_a_proposal_taken_up_unnamed_is_no_longer_named_after_the_pair(
    session: Session, cast: Cast, now: datetime
) -> None:
    it = bring_to(session, cast, "proposed", now=now)
    assert str(it.live_key).startswith("pair:")
    cast.need.anonymous = False
    services.answer_proposal(
        session, it, answers=ANSWERS, unnamed=True, by=cast.actor("from_editor"), now=now
    )
    assert str(it.live_key).startswith("listing:")
