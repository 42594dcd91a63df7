"""Texts that say who somebody is are found in any spelling; others are left alone."""

from __future__ import annotations

import string
from datetime import datetime
from functools import cache
from pathlib import Path

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.errors import Invalid
from tenon.introductions import services
from tenon.introductions.models import Introduction
from tenon.introductions.services.naming import says_who
from tests.introductions.cast import ADDRESS, ANSWERS, NAMES, PERSON, Cast, express, propose, take
from tests.introductions.cast import bring_to as bring

HOUSE = Organisation(
    public_id="Zq-81_kLmNoPqRsT",
    name_zh="湖北" + NAMES[0],
    name_en=NAMES[1] + " Co., Ltd.",
    website="https://www.basalt-reef.example/about",
)
WRITER = User(name=PERSON, email=ADDRESS)
COLLEAGUE = User(name="云中雁", email="cloud.goose@qq.com")
SECRETS = (
    *NAMES,
    HOUSE.name_zh or "",
    HOUSE.name_en or "",
    "www.basalt-reef.example",
    "basalt-reef",
    HOUSE.public_id,
    PERSON,
    "Nameless, Rui",
    ADDRESS,
    COLLEAGUE.name,
    COLLEAGUE.email,
)


@cache
def _traditional() -> dict[int, str]:
    """Simplified characters and their first traditional form, of OpenCC's table."""
    path = Path(opencc.__file__).parent / "dictionary" / "STCharacters.txt"
    pairs = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return {ord(one): many.split(" ")[0] for one, many in pairs if len(one) == 1}


def _full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@st.composite
def spellings(draw: st.DrawFn) -> str:
    """A secret in a spelling that a reader would understand."""
    text = draw(st.sampled_from(SECRETS))
    for change in (str.upper, str.title, str.swapcase, _full_width):
        if draw(st.booleans()):
            text = change(text)
    if draw(st.booleans()):
        text = text.translate(_traditional())
    between = draw(
        st.sampled_from(["", " ", "\u3000", "\u200b", "·", "-", "_", "\n", ". ", "\u00ad"])
    )
    places = draw(st.sets(st.integers(1, max(1, len(text) - 1)), max_size=4))
    for place in sorted(places, reverse=True):
        text = text[:place] + between + text[place:]
    before, after = draw(
        st.sampled_from([("", ""), ("我们是", "的。"), ("We are ", ", and"), ("（", "）")])
    )
    return f"{before}{text}{after}"


@given(spellings())
def test_any_spelling_is_found(text: str) -> None:
    assert says_who(text, HOUSE, [WRITER, COLLEAGUE])


INNOCENT = (
    "我们有玄武岩纤维的生产线，想做高温测温。",
    "暗礁区的水下机电设备要耐压。",
    "湖北的一家企业，需要机电有限元分析。",
    "We use basalt fibre in reef restoration; electrics are ours.",
    "Our pipes carry steam; rui is not a name here, nor is nameless.",
    "请用 qq.com 以外的邮箱联系经纪人。",
    "有限公司的内部流程约需两周。",
    "basalt and a reef",
    "",
)


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent_texts_are_left_alone(text: str) -> None:
    assert not says_who(text, HOUSE, [WRITER, COLLEAGUE])


plain = st.text(
    st.sampled_from(
        "".join(set(string.ascii_letters + string.digits + " ，。,.;\n温度管道压力连续测量"))
    )
)


@given(plain)
def test_texts_of_other_words_are_left_alone(text: str) -> None:
    """What holds no word, character by character, of any secret cannot be taken for one."""
    house = Organisation(public_id="!", name_zh="玄武岩暗礁机电有限公司", name_en=None)
    assert not says_who(text, house, [User(name="云中雁", email="雁@礁.example")])


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("北京创新科技有限公司", "这是技术创新。", False),
        ("北京创新科技有限公司", "创新科技愿意试用。", True),
        ("北京创新科技有限公司", "我们是创新，愿意试用。", True),
        ("武汉市雁荡电缆有限公司", "雁荡公司", True),
        ("武汉市雁荡电缆有限公司", "雁荡山下", False),
        ("玄武岩（武汉）机电有限公司", "玄武岩机电", True),
        ("Advance Materials Ltd", "we advance the materials", False),
        ("Advance Materials Ltd", "Advance-Materials", True),
        ("Advance Materials Ltd", "we at ADVANCE", True),
        ("Ion Inc", "ionised, passion, ion exchange", False),
        ("Ion Inc", "Ion Inc. asks", True),
        ("The Reef Ltd", "reef ltd", True),
        ("有限公司", "一家有限公司", True),  # whoever is called that is found by it
    ],
)
def test_short_names_that_are_ordinary_words(name: str, text: str, found: bool) -> None:
    chinese = not name.isascii()
    house = Organisation(
        public_id="!" * 16, name_zh=name if chinese else None, name_en=None if chinese else name
    )
    assert says_who(text, house) is found


TELLTALE = "我们玄 武 巖 暗礁的工程师可以来。"


@pytest.mark.parametrize("question", ["interest", "offer", "proposal"])
def test_answers_of_an_unnamed_side_do_not_name_it(
    session: Session, cast: Cast, now: datetime, question: str
) -> None:
    words = {name: getattr(ANSWERS, name) for name in ("interest", "offer", "proposal")}
    answers = services.Answers(**words | {question: f"{words[question]}{TELLTALE}"})
    with pytest.raises(Invalid) as caught:
        express(session, cast, answers=answers, unnamed=True, now=now)
    assert caught.value.fields == {question: "names_you"}
    express(session, cast, answers=answers, now=now)  # by name they may


@pytest.mark.parametrize("state", ["asked", "asked_back"])
def test_an_anonymous_side_that_is_approached_does_not_name_itself(
    session: Session, cast: Cast, now: datetime, state: str
) -> None:
    cast.need.anonymous, cast.need.broker_id = True, cast.people["broker"].id
    it = express(
        session,
        cast,
        listing=cast.need,
        own_listing=cast.result,
        organisation_id=cast.university.id,
        by=cast.actor("to_editor"),
        now=now,
    )
    take(session, it, "pass_on", by=cast.actor("broker"), now=now)
    by = cast.actor("from_editor")
    if state == "asked_back":
        take(session, it, "ask_back", by=by, now=now)
    for text in (TELLTALE, "请致电 Rui Nameless", f"mail {ADDRESS.upper()}"):
        with pytest.raises(Invalid) as caught:
            services.decline(session, it, reason="other", remark=text, by=by, now=now)
        assert caught.value.fields == {"remark": "names_you"}
        if state == "asked":
            with pytest.raises(Invalid) as caught:
                services.ask_back(session, it, text=text, by=by, now=now)
            assert caught.value.fields == {"text": "names_you"}
    assert it.state == state


def test_brokers_do_not_name_who_is_not_named_and_are_no_oracle(
    session: Session, cast: Cast, now: datetime
) -> None:
    cast.need.anonymous, cast.need.broker_id = True, cast.people["proposer"].id
    with pytest.raises(Invalid) as caught:
        propose(session, cast, note=f"正合{NAMES[2]}。", now=now)
    assert caught.value.fields == {"note": "names_unnamed"}
    it = bring(session, cast, "checking", now=now)
    knows, guesses = cast.actor("proposer"), cast.actor("broker")
    for audience in ("all", "from", "to", "brokers"):
        with pytest.raises(Invalid) as caught:
            services.write_message(session, it, text=TELLTALE, audience=audience, by=knows, now=now)
        assert caught.value.fields == {"text": "names_unnamed"}
    # Who does not know the name is not told by a refusal that they guessed right.
    services.write_message(session, it, text=TELLTALE, audience="brokers", by=guesses, now=now)
    with pytest.raises(Invalid) as caught:
        services.refuse(session, it, reason="other", remark=NAMES[1], by=_as(cast, it), now=now)
    assert caught.value.fields == {"remark": "names_unnamed"}
    with pytest.raises(Invalid) as caught:
        services.give_back(session, it, remark=NAMES[0], by=_as(cast, it), now=now)
    assert caught.value.fields == {"remark": "names_unnamed"}


def _as(cast: Cast, it: Introduction) -> Actor:
    """The proposer, who knows the name, as the one who checks it."""
    it.broker_id = cast.people["proposer"].id
    return cast.actor("proposer")


def test_names_may_be_said_once_they_are_open(session: Session, cast: Cast, now: datetime) -> None:
    cast.need.anonymous, cast.need.broker_id = True, cast.people["proposer"].id
    it = bring(session, cast, "connected", now=now)
    for role in ("from_editor", "broker", "to_editor"):
        services.write_message(session, it, text=TELLTALE, by=cast.actor(role), now=now)
