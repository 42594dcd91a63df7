"""A paper of a deal's terms: the term sheet as a table, the contract as articles.

Pure: what it tells comes as ``Facts``, how as clauses. Every term that is agreed stands in it once
at least: what no clause of an article says is added to that article as a line of its own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tenon.deals import terms
from tenon.deals.forms.schema import GROUPS, Term
from tenon.deals.papers import clauses
from tenon.deals.papers.capitals import capitals
from tenon.deals.papers.clauses import PLACE, Paragraph, Section
from tenon.deals.papers.gathering import Facts, Party, Right
from tenon.deals.papers.paper import Block, Item, Paper, Part, Row
from tenon.deals.terms.wording import day

_TRANSFERS = ("transfer", "licence")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_NUMERALS = "零一二三四五六七八九"


def compose(layout: str, facts: Facts, language: str) -> Paper:
    """Return a paper: ``term_sheet`` or ``contract``; raises KeyError for another layout."""
    made = {"term_sheet": _sheet_parts, "contract": _contract_parts}[layout](facts, language)
    return Paper(
        language=language,
        title=say(f"{layout}_title", language, form=facts.form.names[language]),
        subtitle=facts.title,
        mark=_mark(layout, facts, language),
        opening=tuple(_opening(facts, language)),
        parts=tuple(made),
        blocks_heading=say("signatures", language),
        blocks=tuple(_blocks(facts, language)) if layout == "contract" else (),
        footer=say("footer", language, title=facts.title, number=facts.number, sha256=facts.sha256),
        made_on=facts.proposed_on.isoformat(),
    )


def say(phrase: str, language: str, **facts: object) -> str:
    """Return a phrase of papers in words; raises KeyError for one that is not there."""
    return str(_phrases()[phrase][_key(language)]).format_map(facts)


def _key(language: str) -> str:
    return "zh" if language.startswith("zh") else "en"


@cache
def _phrases() -> dict[str, Any]:
    path = Path(__file__).parent / "phrases.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _mark(layout: str, facts: Facts, language: str) -> str:
    if facts.state == "proposed":
        side = _role(getattr(facts, facts.side), language)
        by = say("proposed_by", language, side=side)
        return f"{say('draft', language)}{'' if _key(language) == 'zh' else ' '}{by}"
    if facts.state == "replaced":
        return say("superseded", language)
    if facts.state != "accepted":
        return say("refused", language)
    return say("to_be_signed" if layout == "contract" else "sheet_binds_nobody", language)


def _role(party: Party, language: str) -> str:
    """Return what a side is called within a sentence, without what stands in brackets."""
    name = party.role[language].split("（")[0]
    return name if _key(language) == "zh" else name[:1].lower() + name[1:]


def _opening(facts: Facts, language: str) -> Iterable[Row]:
    for party in (facts.seller, facts.buyer):
        lines = [party.name[language]]
        if party.credit_code:
            lines.append(say("credit_code", language, code=party.credit_code))
        lines.append(say("place", language, place=party.place[language]))
        yield Row(party.role[language], tuple(lines))
    yield Row(say("subject", language), (facts.title,))


def _sheet_parts(facts: Facts, language: str) -> Iterable[Part]:
    yield _recitals(facts, language)
    form = facts.form
    for group, heading in GROUPS.items():
        rows = tuple(
            Row(term.names[language], tuple(_words(term, facts, language).splitlines()))
            for term in form.terms
            if term.group == group and facts.values.get(term.code) is not None
        )
        if rows:
            yield Part(heading[language], rows=rows)
    missing = set(terms.missing(form, facts.values))
    gaps = [each.names[language] for each in form.terms if each.code in missing]
    if gaps:
        comma = "、" if _key(language) == "zh" else ", "
        yield Part(say("open_terms", language), items=(Item("", (comma.join(gaps),)),))
    notes = [
        each.text[language]
        + say("law_source", language, source=each.source[language])
        + ("" if each.verified else say("unverified", language))
        for each in form.law
    ]
    items = tuple(Item(str(number), (text,)) for number, text in enumerate(notes, start=1))
    yield Part(say("law", language), items=items)


def _recitals(facts: Facts, language: str) -> Part:
    roles = {side: _role(getattr(facts, side), language) for side in ("seller", "buyer")}
    lines = [say("result", language, title=each[language], **roles) for each in facts.results]
    lines += [_right(each, language) for each in facts.rights]
    lines += [say("need", language, title=each[language], **roles) for each in facts.needs]
    if facts.state != "accepted":
        lines.append(say("proposed", language))
    else:
        lines.append(say("introduced" if facts.introduced else "agreed", language))
    items = tuple(Item(str(number), (line,)) for number, line in enumerate(lines, start=1))
    return Part(say("recitals", language), items=items)


def _right(right: Right, language: str) -> str:
    phrases, key = _phrases(), _key(language)
    if right.number is None and right.status == "none":  # a secret has neither
        return say("secret", language, kind=phrases["kinds"][right.kind][key])
    number = right.number or say("no_number", language)
    if right.filed_on:
        comma = "，" if key == "zh" else ", "
        number += comma + say("filed", language, day=day(right.filed_on, language))
    return say(
        "right",
        language,
        kind=phrases["kinds"][right.kind][key],
        number=number,
        status=phrases["statuses"][right.status][key],
    )


def _contract_parts(facts: Facts, language: str) -> Iterable[Part]:
    """Return the recitals and the articles; an article that says nothing is left out."""
    yield _recitals(facts, language)
    values = _known(facts)
    written = _Writer(facts, language, values)
    articles = clauses.sections(facts.form.clauses)
    chosen = [(each, written.paragraphs(each)) for each in articles]
    said = {code for _, found in chosen for each in found for code in (*each.names(), *each.says)}
    homes = {group: each.code for each in articles for group in each.groups}
    loose = [
        each
        for each in facts.form.terms
        if each.code not in said and facts.values.get(each.code) is not None
    ]
    number = 0
    for section, found in chosen:
        own = [each for each in loose if homes.get(each.group, "final") == section.code]
        texts = [written.clause(each) for each in found] + [written.line(each) for each in own]
        if not texts:
            continue
        number += 1
        items = tuple(
            Item(f"{number}.{place}", tuple(text.splitlines()))
            for place, text in enumerate(texts, start=1)
        )
        yield Part(_heading(section, number, language), items=items)


def _known(facts: Facts) -> dict[str, Any]:
    """Return term values, and what clauses may ask besides: the form, its kind of licence."""
    values = {**facts.values, "form": facts.form.code}
    values["works"] = facts.form.contract not in _TRANSFERS
    values["technology"] = bool(facts.results or facts.rights)
    if facts.form.licence_kind:
        values["licence_kind"] = facts.form.licence_kind
    return values


class _Writer:
    """Puts clauses and terms of one deal into words."""

    def __init__(self, facts: Facts, language: str, values: Mapping[str, Any]) -> None:
        self.facts = facts
        self.language = language
        self.values = values
        self.known = {
            "seller": _role(facts.seller, language),
            "buyer": _role(facts.buyer, language),
        }
        if facts.nda is not None:
            on, digest = facts.nda
            self.known |= {"nda_date": day(on, language), "nda_hash": digest}

    def paragraphs(self, section: Section) -> list[Paragraph]:
        """Return those that stand: all their names are known and their conditions hold."""
        codes = {each.code for each in self.facts.form.terms}
        return [
            each
            for each in section.paragraphs
            if each.names() <= codes | set(self.known) and each.stands(self.values, codes)
        ]

    def clause(self, paragraph: Paragraph) -> str:
        """Return a clause in words, with its article of law."""
        text = PLACE.sub(self._fill, paragraph.text[self.language])
        if paragraph.law is not None:
            source = say("law_source", self.language, source=paragraph.law[self.language])
            first, *rest = text.split("\n")
            colon = first[-1] if first[-1] in ":：" else ""
            text = "\n".join([first.removesuffix(colon) + source + colon, *rest])
        return text

    def line(self, term: Term) -> str:
        """Return a term that no clause says as a line of its own."""
        value = _words(term, self.facts, self.language)
        if "\n" in value:
            value = f"\n{value}"
        return say("term_line", self.language, name=term.names[self.language], value=value)

    def _fill(self, found: re.Match[str]) -> str:
        name, text = found[1], found.string
        term = self.facts.form.term(name)
        if name in self.known or term is None:
            value = self.known[name]
        else:
            value = _words(term, self.facts, self.language, within=True)
        before, after = text[: found.start()][-1:], text[found.end() :][:1]
        return f"{_gap(before, value[:1])}{value}{_gap(after, value[-1:])}"


def _gap(outer: str, inner: str) -> str:
    """Return the space that Chinese sets between a character and a figure or a Latin letter."""
    return (
        " " if _HAN.match(outer) and inner.isascii() and (inner.isalnum() or inner == "%") else ""
    )


def _words(term: Term, facts: Facts, language: str, *, within: bool = False) -> str:
    """Return a term's value in words; Chinese writes sums of yuan in capitals, too.

    ``within`` a sentence, English choices begin small and nothing ends in a full stop.
    """
    value = facts.values[term.code]
    currency = terms.currency_of(facts.values) or facts.currency
    text = terms.words(term, value, language, currency=currency)
    if _key(language) == "zh":
        if term.type == "money" and value["currency"] == "CNY":
            text = f"人民币 {text}（大写：{capitals(value['minor'])}）"
        return text
    if within and term.type in ("choice", "many") and term.code != "prevailing_language":
        return "; ".join(each[:1].lower() + each[1:] for each in text.split("; "))
    return text


def _heading(section: Section, number: int, language: str) -> str:
    if _key(language) == "zh":
        return f"第{_numeral(number)}条　{section.heading.zh}"
    return f"{number}. {section.heading.en}"


def _numeral(number: int) -> str:
    """Return 1 to 99 in Chinese: 十, 十一, 二十."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else f"{_NUMERALS[tens]}十")
    return head + (_NUMERALS[ones] if ones else "")


def _blocks(facts: Facts, language: str) -> Iterable[Block]:
    lines = tuple(say(each, language) for each in ("sign_seal", "sign_name", "sign_day"))
    for signer in facts.signers:
        yield Block(signer.name[language], signer.why[language], lines)
