"""From what people write to codes: codes, labels and other names, in either language.

For imports and for addresses of pages. Pure and in memory; must not know a session or a page.
What is written may be a code of the scheme (also a finer one, which is then generalised to the
one carried: ``G02B 6/00`` -> G02, ``C3913`` -> 39), a label, another name, a name without its
suffix (武汉, Hongshan) or a path of names (湖北省武汉市洪山区; Suzhou, Anhui).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, lru_cache

from matching.script import simplify
from tenon.taxonomy import catalogue
from tenon.taxonomy.catalogue import Term

_NOT_WORDS = re.compile(r"[\W_]+")
_ENUMERATOR = re.compile(r"^(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[)）])")
_STEPS = re.compile(r"[>›]+")
_COMMAS = re.compile(r"[,，、;；/>›·|]+")
_LONGEST_NAME = 300
_ELSEWHERE_TOO = frozenset({"110105", "110112", "120101", "120102", "310107", "310113", "500105"})
"""Districts whose bare name (朝阳区, 和平区 ...) a district elsewhere, not carried, has too."""

_PEOPLES = (
    "壮族|维吾尔|回族|土家族|苗族|藏族|羌族|彝族|布依族|侗族|哈尼族|傣族|白族|景颇族|傈僳族"
    "|蒙古族|蒙古|朝鲜族|柯尔克孜|哈萨克|黎族"
)
_SUFFIX_ZH = re.compile(
    rf"(?:(?:{_PEOPLES})*自治[区州县]|特别行政区|省|市|林区|新区|区|县|地区|盟)$"
)
_SUFFIX_EN = re.compile(
    r"(?: [A-Z]\w+(?: and [A-Z]\w+)?)? (?:Autonomous (?:County|Prefecture))$"
    r"| (?:Forestry District|New Area|District|County|Prefecture|League|City)$"
)
_PLAIN_SUFFIX_EN = re.compile(r" (?:city|municipality|shi)$", re.IGNORECASE)


@lru_cache(maxsize=8192)
def normalise(text: str) -> str:
    """Return ``text`` as a key: one script, one case, no accents, spaces or punctuation."""
    folded = simplify(unicodedata.normalize("NFKC", text)).casefold().replace("&", " and ")
    plain = "".join(
        each for each in unicodedata.normalize("NFD", folded) if unicodedata.category(each) != "Mn"
    )
    return _NOT_WORDS.sub("", plain)


def resolve(scheme: str, text: str) -> str | None:
    """Return the one code that ``text`` names, or None where it names none or several.

    Where terms of several levels share a name, the highest is meant (Jilin: the province).

    Raises:
        NotFound: there is no such scheme.
    """
    found = candidates(scheme, text)
    return found[0] if len(found) == 1 else None


def candidates(scheme: str, text: str) -> tuple[str, ...]:
    """Return every code that ``text`` may name, in the scheme's order; empty where none.

    More than one means that the name alone does not decide (Suzhou: in Jiangsu or Anhui), which
    an import should say instead of guessing.
    """
    written = unicodedata.normalize("NFKC", text).strip()
    catalogue.terms(scheme)
    if not written or len(written) > _LONGEST_NAME:
        return ()
    code = _from_code(scheme, written)
    if code is not None:
        return (code,)
    found = _highest(_named(scheme, written)) or _highest(
        _named(scheme, _ENUMERATOR.sub("", written))
    )
    if len(found) == 1 and scheme == "region" and found[0] in _ELSEWHERE_TOO:
        return ()
    return found or _in_order(_by_path(scheme, written))


def _in_order(terms: Iterable[Term]) -> tuple[str, ...]:
    return tuple(each.code for each in sorted(terms, key=lambda each: each.position))


def _highest(terms: frozenset[Term]) -> tuple[str, ...]:
    top = min((each.level for each in terms), default=0)
    return _in_order(each for each in terms if each.level == top)


def _named(scheme: str, written: str) -> frozenset[Term]:
    """Return the terms of that name: by label, else by another name, else by a shortened one."""
    key = normalise(written)
    plain = normalise(_PLAIN_SUFFIX_EN.sub("", written))
    for index in _indexes(scheme):
        found = index.get(key) or (index.get(plain) if scheme == "region" else None)
        if found:
            return found
    return frozenset()


@cache
def _indexes(scheme: str) -> tuple[dict[str, frozenset[Term]], ...]:
    def index(names: Callable[[Term], Iterable[str]]) -> dict[str, frozenset[Term]]:
        grouped: dict[str, set[Term]] = {}
        for each in catalogue.terms(scheme):
            for name in names(each):
                grouped.setdefault(normalise(name), set()).add(each)
        return {key: frozenset(group) for key, group in grouped.items() if key}

    return (
        index(lambda each: (each.label_zh, each.label_en)),
        index(lambda each: (*each.aliases, each.note_zh, each.note_en)),
        index(_shortened),
    )


def _shortened(term: Term) -> tuple[str, ...]:
    """Return a region's names without 市, 区, District ...; other schemes have no short form."""
    if term.scheme != "region":
        return ()
    short_zh = _SUFFIX_ZH.sub("", term.label_zh)
    return (
        short_zh if len(short_zh) > 1 else term.label_zh,  # 房县 is never called 房
        _SUFFIX_EN.sub("", term.label_en),
    )


def _by_path(scheme: str, written: str) -> frozenset[Term]:
    """Return the terms named by a path: one piece names the term, the others lie above it."""
    steps = _COMMAS if scheme == "region" else _STEPS  # commas belong to the other schemes' names
    pieces = [piece.strip() for piece in steps.split(written) if piece.strip()]
    if scheme == "region" and len(pieces) == 1 and not written.isascii():
        pieces = written.split()
    if len(pieces) > 1:
        return _lowest_of([_named(scheme, piece) for piece in pieces])
    if scheme != "region" or written.isascii():
        return frozenset()
    return _by_joined_path(scheme, written)


def _lowest_of(named: list[frozenset[Term]]) -> frozenset[Term]:
    found: set[Term] = set()
    for own, terms in enumerate(named):
        others = [each for place, each in enumerate(named) if place != own]
        for term in terms:
            above = set(catalogue.ancestors(term.scheme, term.code))
            if all(above & other for other in others):
                found.add(term)
    return frozenset(found)


def _by_joined_path(scheme: str, written: str) -> frozenset[Term]:
    """Return the terms named by names written without a break, the highest first: 武汉市洪山区."""
    for cut in range(2, len(written) - 1):
        above = _named(scheme, written[:cut])
        if not above:
            continue
        rest = written[cut:]
        below = _named(scheme, rest) or _by_joined_path(scheme, rest)
        found = frozenset(
            each for each in below if above & set(catalogue.ancestors(scheme, each.code))
        )
        if found:
            return found
    return frozenset()


def _from_code(scheme: str, written: str) -> str | None:
    spell = _CODES.get(scheme)
    for code in (written, *(spell(written) if spell else ())):
        if catalogue.find(scheme, code) is not None:
            return code
    return None


def _ipc_codes(written: str) -> tuple[str, ...]:
    symbol = re.fullmatch(r"([A-H]\d\d)(?:\s*[A-Z](?:\s*\d{1,4}(?:/\d{2,6})?)?)?", written.upper())
    return (symbol[1],) if symbol else (written.upper(),)


def _industry_codes(written: str) -> tuple[str, ...]:
    symbol = re.fullmatch(r"([A-T])?(\d\d)\d{0,2}", written.upper())
    if symbol is None:
        return (written.upper(),)
    term = catalogue.find("gbt4754", symbol[2])
    # A letter that is not the division's own betrays the numbering of an earlier edition.
    return () if term is None or symbol[1] not in (None, term.parent_code) else (term.code,)


def _region_codes(written: str) -> tuple[str, ...]:
    if not re.fullmatch(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}", written):
        return ()
    code = f"{written[:6]:0<6}"
    return code, f"{code[:4]}00", f"{code[:2]}0000"


def _hitech_codes(written: str) -> tuple[str, ...]:
    pieces = re.fullmatch(r"(\d)(\.\d)?(?:\.\d+)*", written)
    return (f"{pieces[1]}{pieces[2] or ''}",) if pieces else ()


def _readiness_codes(written: str) -> tuple[str, ...]:
    level = re.fullmatch(
        r"(?:trl|technology readiness level|技术成熟度|技术就绪度)?[\s:：-]*([1-9])\s*级?",
        written,
        re.IGNORECASE,
    )
    return (level[1],) if level else ()


_CODES: dict[str, Callable[[str], tuple[str, ...]]] = {
    "ipc": _ipc_codes,
    "gbt4754": _industry_codes,
    "region": _region_codes,
    "hitech": _hitech_codes,
    "trl": _readiness_codes,
    "country": lambda written: (written.upper(),) if len(written) == 2 else (),
}
