"""Comparing what pages say with what the message catalogues hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenon.web.catalogues import (
    Entry,
    Finding,
    catalogue_entries,
    compare,
    placeholders,
    said_messages,
)


def entry(
    room: str = "web", form: str = "Save", text: str = "保存", *, fuzzy: bool = False
) -> Entry:
    return Entry(room, (form,), (text,), fuzzy)


def kinds(said: list[str], *entries: Entry) -> list[str]:
    held: dict[str, list[Entry]] = {}
    for one in entries:
        held.setdefault(one.forms[0], []).append(one)
    return [finding.kind for finding in compare({text: ["a.py:1"] for text in said}, held).findings]


def test_translated_message_is_no_finding() -> None:
    assert kinds(["Save"], entry()) == []


def test_message_without_entry_is_missing() -> None:
    report = compare({"Save": ["a.py:1", "b.html:2"]}, {})
    assert report.said == 1
    assert report.findings == [Finding("missing", "Save", ("a.py:1", "b.html:2"))]


def test_entry_with_blank_text_is_untranslated() -> None:
    assert kinds(["Save"], entry(text=" ")) == ["untranslated"]


def test_entry_that_nobody_says_is_obsolete() -> None:
    assert kinds([], entry()) == ["obsolete"]


def test_entry_in_two_rooms_is_a_duplicate() -> None:
    assert kinds(["Save"], entry("web"), entry("listings")) == ["duplicate"]


def test_fuzzy_entry_is_told() -> None:
    assert kinds(["Save"], entry(fuzzy=True)) == ["fuzzy"]


def test_other_placeholders_are_told() -> None:
    assert kinds(["%(n)s rows"], entry(form="%(n)s rows", text="%(m)s 行")) == ["placeholders"]
    assert kinds(["%(n)s rows"], entry(form="%(n)s rows", text="共 %(n)s 行")) == []


def test_chinese_message_id_is_told() -> None:
    assert kinds(["保存"], entry(form="保存", text="保存")) == ["not_english"]


def test_plural_is_compared_with_its_plural_form() -> None:
    plural = Entry("web", ("one row", "%(num)d rows"), ("%(num)d 行",))
    assert kinds(["one row"], plural) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("plain", set()),
        ("%(a)s and %(b)d", {"%(a)s", "%(b)d"}),
        ("100%% of %s", {"%s"}),
        ("{name} and {}", {"{name}", "{}"}),
    ],
)
def test_placeholders_are_found(text: str, found: set[str]) -> None:
    assert placeholders(text) == found


def test_messages_are_read_from_code_and_templates(tmp_path: Path) -> None:
    code, pages = tmp_path / "code", tmp_path / "templates"
    (code / "room").mkdir(parents=True)
    (pages / "room").mkdir(parents=True)
    (code / "room" / "forms.py").write_text(
        "from x import _, _l, ngettext\nA = _l('Lazy')\ndef f(n):\n"
        "    return _('Plain'), ngettext('one', '%(num)s many', n)\n"
    )
    (pages / "room" / "page.html").write_text(
        "<p>\n{{ _('Shown') }}{% trans %}Block{% endtrans %}</p>"
    )
    said = said_messages(code, pages)
    assert set(said) == {"Lazy", "Plain", "one", "Shown", "Block"}
    assert said["Shown"] == ["templates/room/page.html:2"]


def test_catalogues_are_read_by_room(tmp_path: Path) -> None:
    folder = tmp_path / "listings" / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Save"\nmsgstr "保存"\n\n#~ msgid "Gone"\n#~ msgstr "没有了"\n',
        encoding="utf-8",
    )
    assert catalogue_entries([tmp_path / "listings"]) == {"Save": [entry("listings")]}
