"""What goes over the wire: headers that nobody can add to, and words that every reader decodes."""

from __future__ import annotations

import base64
import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.notices.composing import Letter, Unaddressable, checked, compose, header_words

LETTER = Letter(
    recipient="lan@example.org",
    subject="关于 joints",
    text="您好\n\n.\n.点\nhttps://example.org/x\n",
    html="<p>您好</p>",
    message_id="<abc123@example.org>",
    written_at=datetime(2026, 6, 1, 8, 0, tzinfo=UTC),
    language="zh-Hans",
    unsubscribe="https://tenon.example/unsubscribe/WyJh.x_y-z",
)
SENDER = "Tenon 榫卯 <tenon@example.org>"
NAMES = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Auto-Submitted",
    "Content-Language",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Content-Type",
]


def by_rfc_2047(value: str) -> str:
    """Decode encoded words as section 6 says, and as another parser than Python's would."""
    unfolded = value.replace("\r\n", "")
    word = r"=\?utf-8\?b\?([A-Za-z0-9+/=]*)\?="
    together = re.sub(rf"({word})\s+(?={word})", r"\1", unfolded)
    return re.sub(word, lambda found: base64.b64decode(found[1]).decode(), together)


def one_line(text: str) -> str:
    """What a reader should see: control characters are spaces."""
    text = text.encode("utf-8", "replace").decode()
    return re.sub(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+", " ", text).strip()


def test_headers_are_these_and_no_others() -> None:
    message = email.message_from_bytes(compose(LETTER, SENDER), policy=email.policy.default)
    assert message.keys() == NAMES
    assert message["To"] == "lan@example.org"
    assert message["Date"].datetime == LETTER.written_at
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "zh-Hans"
    assert message["List-Unsubscribe"] == f"<{LETTER.unsubscribe}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["From"] == SENDER
    assert not message.defects
    bodies = [part.get_content() for part in message.iter_parts()]
    assert [body.replace("\r\n", "\n") for body in bodies] == [LETTER.text, LETTER.html]


def test_mail_about_the_account_has_no_way_out() -> None:
    message = email.message_from_bytes(compose(replace(LETTER, unsubscribe=None), SENDER))
    assert message["List-Unsubscribe"] is message["List-Unsubscribe-Post"] is None


def test_second_attempt_is_the_same_to_the_byte() -> None:
    assert compose(LETTER, SENDER) == compose(LETTER, SENDER)


@given(subject=st.text(max_size=300), name=st.text(max_size=60), text=st.text(max_size=400))
def test_nothing_typed_adds_a_header_or_ends_the_mail(subject: str, name: str, text: str) -> None:
    plain = re.sub(r"[^\w ]", "", name).strip()
    sender = f'"{plain}" <tenon@example.org>' if plain else SENDER
    data = compose(replace(LETTER, subject=subject, text=text), sender)
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert message.keys() == NAMES
    assert message["To"] == "lan@example.org"
    # No bare line ends, no line longer than SMTP takes, no line that ends the mail before its end.
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert max(len(line) for line in data.split(b"\r\n")) < 998
    assert b"\r\n.\r\n" not in data


@given(st.text(max_size=300))
def test_subject_reads_the_same_by_any_rules(subject: str) -> None:
    data = compose(replace(LETTER, subject=subject), SENDER)
    raw = re.search(rb"\r\nSubject: ((?:.|\r\n )*?)\r\n(?=\S)", data, re.DOTALL)
    assert raw is not None
    value = raw[1].decode("ascii")
    assert by_rfc_2047(value) == one_line(subject)
    assert str(make_header(decode_header(value.replace("\r\n", "")))) == one_line(subject)
    assert all(len(line) <= 76 for line in f"Subject: {value}".split("\r\n"))
    assert all(len(word) <= 75 for word in value.split() if word.startswith("=?"))


@pytest.mark.parametrize(
    "subject", ["关于 joints", "Plain words", "=?utf-8?b?5Lit?= is no word of ours", "a" * 200, ""]
)
def test_examples_read_the_same(subject: str) -> None:
    assert by_rfc_2047(header_words(subject)) == subject


@pytest.mark.parametrize(
    "address", ["", "lan", "a@b\r\nBcc: c@d", "a b@c", "<a@b>", "a@b, c@d", "a@" + "x" * 300]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Unaddressable):
        compose(replace(LETTER, recipient=address), SENDER)


def test_domain_beyond_ascii_is_written_in_ascii() -> None:
    assert checked("lan@例子.中国") == "lan@xn--fsqu00a.xn--fiqs8s"
