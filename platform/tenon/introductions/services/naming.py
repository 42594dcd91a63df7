"""Whether a text says who somebody is: a firm's name in any spelling, its addresses, its people.

Pure but for the words in ``firm_words.toml`` and the regions of the taxonomy; knows no
introduction. Case, blanks, marks between the letters, full-width letters and traditional
characters make no difference. It errs towards finding: who writes can say it in other words.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from matching.script import simplify
from tenon.accounts.models import Organisation, User
from tenon.taxonomy import catalogue

_FILE = Path(__file__).parents[1] / "firm_words.toml"
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_LATIN = "[a-z0-9]"
_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
_PLACE_ENDS = re.compile(
    r"(维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|特别行政区|省|市|地区|县|区)$"
)
_TOP_DOMAINS = frozenset({"com", "cn", "net", "org", "edu", "gov", "ac", "co", "info", "biz", "io"})
_WE_ZH = "(?:我们|我司|我公司|本公司|敝公司|敝司|我厂|来自|代表|就职于|任职于)是?"
_WE_EN = r"(?:we at|we are|we're|here at|i work at|work for|our company|on behalf of)[\W_]*"
LONG_ENOUGH = 10  # letters: nothing else runs into so long a word by chance
SURE_ZH, SURE_EN = 3, 5  # characters that name somebody wherever they stand


def says_who(text: str, house: Organisation, people: Iterable[User] = ()) -> bool:
    """Whether ``text`` names the organisation or one of ``people``, or gives their addresses."""
    folded = _fold(text)
    letters = _letters(folded)
    return any(
        _holds(folded, letters, _letters(_fold(secret))) for secret in _secrets(house, people)
    ) or any(pattern.search(folded) for pattern in _called(house))


def _fold(text: str) -> str:
    """Return a text with what spelling may change taken out, but for marks and blanks."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text))
    kept = (c for c in plain if unicodedata.category(c) not in ("Mn", "Cf", "Me"))
    return simplify("".join(kept)).casefold()


def _letters(folded: str) -> str:
    return "".join(c for c in folded if c.isalnum())


def _holds(folded: str, letters: str, secret: str) -> bool:
    """Whether a text holds a secret (its letters and figures alone), as a word if it is short."""
    if not secret:
        return False
    if _HAN.search(secret) or len(secret) >= LONG_ENOUGH:
        return secret in letters
    apart = r"[\W_]*".join(map(re.escape, secret))
    return re.search(f"(?<!{_LATIN}){apart}(?!{_LATIN})", folded) is not None


def _secrets(house: Organisation, people: Iterable[User]) -> Iterator[str]:
    """Yield what names them wherever it stands."""
    yield house.public_id
    for name in _names(house):
        yield name
        yield from (each for each in (_stem(name), _core(name)) if _is_sure(each))
    host = urlsplit(house.website or "").hostname or ""
    yield from _host_secrets(host.removeprefix("www."))
    for person in people:
        yield person.email
        domain = person.email.rpartition("@")[2]
        if domain not in _words()["mail_for_all"]:
            yield from _host_secrets(domain)
        yield from _person_names(person.name)


def _called(house: Organisation) -> Iterator[re.Pattern[str]]:
    """Yield patterns for a short name that is also an ordinary word: beside what tells a firm."""
    words = _words()
    for name in _names(house):
        core = _letters(_core(name))
        if _is_sure(core) and " " in _core(name):
            continue
        if _HAN.search(core) and len(core) == SURE_ZH - 1:
            after = "|".join((*words["forms_zh"], *words["trades_zh"]))
            said = r"[\W_]*".join(map(re.escape, core))
            yield re.compile(rf"{_WE_ZH}[\W_]*{said}|{said}[\W_]*(?:{after})")
        elif not _HAN.search(core) and len(core) >= SURE_ZH:
            ends = (each for each in words["forms_en"] if each.isalpha() and each != "and")
            after = "|".join((*ends, *words["trades_en"]))
            said = rf"(?<!{_LATIN}){re.escape(core)}(?!{_LATIN})"
            yield re.compile(rf"{_WE_EN}{said}|{said}[\W_]*(?:{after})(?!{_LATIN})")


def _names(house: Organisation) -> Iterator[str]:
    for name in (house.name_zh, house.name_en):
        if name:
            yield _fold(name)
            outside = _BRACKETS.sub("", _fold(name)).strip()
            if outside and outside != _fold(name):
                yield outside


def _stem(name: str) -> str:
    """Return a folded name without its legal form."""
    return _cut(name, _words()["forms_zh"], _words()["forms_en"])


def _core(name: str) -> str:
    """Return what people call a firm by: without form, trade and, in Chinese, place."""
    words = _words()
    core = _cut(
        _stem(name),
        (*words["forms_zh"], *words["trades_zh"]),
        (*words["forms_en"], *words["trades_en"]),
    )
    if _HAN.search(core):
        while place := next((each for each in _places() if _opens(core, each)), None):
            core = core.removeprefix(place)
    return core


def _opens(core: str, place: str) -> bool:
    return core.startswith(place) and len(core) - len(place) >= SURE_ZH - 1


def _cut(name: str, forms_zh: Iterable[str], forms_en: Iterable[str]) -> str:
    """Take words off the end while something is left; none of a name that is nothing else."""
    if _HAN.search(name):
        left = _letters(name)
        ends = sorted(forms_zh, key=len, reverse=True)
        while end := next((e for e in ends if left.endswith(e) and len(left) - len(e) >= 2), None):
            left = left.removesuffix(end)
        return left
    known = set(forms_en)
    words = re.findall(r"[^\s,.()\-_/]+", name)
    while len(words) > 1 and words[-1] in known:
        words.pop()
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


def _is_sure(name: str) -> bool:
    """Whether a name without form or trade is nobody else's word: long, or of several words."""
    if _HAN.search(name):
        return len(_letters(name)) >= SURE_ZH
    return " " in name and len(_letters(name)) >= SURE_EN


def _host_secrets(host: str) -> Iterator[str]:
    parts = [part for part in host.split(".") if part]
    if len(parts) < 2:
        return
    yield host
    own = [part for part in parts[:-1] if part not in _TOP_DOMAINS]
    if own and len(own[-1]) > SURE_EN:
        yield own[-1]


def _person_names(name: str) -> Iterator[str]:
    plain = _fold(name)
    words = plain.split()
    if _HAN.search(plain):
        if len(_letters(plain)) > 1:
            yield plain
    elif len(words) > 1:
        yield plain
        yield " ".join((words[-1], *words[:-1]))


@cache
def _words() -> dict[str, tuple[str, ...]]:
    found = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {name: tuple(words) for name, words in found.items()}


@cache
def _places() -> tuple[str, ...]:
    """Return provinces and cities, with and without what kind of place they are; longest first."""
    found = set()
    for term in catalogue.terms("region"):
        if len(term.code) == 6 and term.code.endswith("00"):
            short = _PLACE_ENDS.sub("", term.label_zh)
            found |= {term.label_zh, short if len(short) > 1 else term.label_zh}
    return tuple(sorted(found | {"中国"}, key=len, reverse=True))
