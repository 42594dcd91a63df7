"""A pasted paragraph as the beginning of a draft: language, title, text, requirements."""

from __future__ import annotations

import re

from matching.requirements import find_requirements
from matching.text import detect_language
from tenon.listings.content import Content, RequirementEntry, Words

# How long a title may grow, in characters; Chinese says as much in half the room.
_TITLE = {"zh": 40, "en": 90}
_STOPS = re.compile(r"[。！？；!?;]\s*|\.\s+|\n")
_PAUSES = re.compile(r"[，、,：:（(]\s*")
MOST_REQUIREMENTS = 20


def begin(text: str, *, side: str) -> Content:
    """Return a draft's first content; nothing of the text is lost, the title repeats its start."""
    language = detect_language(text)
    requirements: tuple[RequirementEntry, ...] = ()
    if side == "need":
        found = find_requirements(text)[:MOST_REQUIREMENTS]
        requirements = tuple(RequirementEntry(each[:300]) for each in found)
    title, summary = _split(text.strip(), _TITLE[language])
    words = Words(title=title, summary=summary)
    return Content(language=language, words=words, requirements=requirements)


def _split(text: str, limit: int) -> tuple[str, str]:
    """Return title and body: a short first line is a heading and stands in the title alone."""
    first, _, rest = text.partition("\n")
    if rest.strip() and len(first.strip()) <= limit:
        return first.strip(), rest.strip()
    sentence = _STOPS.split(text, maxsplit=1)[0].strip()
    if len(sentence) <= limit:
        return sentence, text
    return _shortened(sentence, limit), text


def _shortened(sentence: str, limit: int) -> str:
    """Cut a long sentence at the last pause within the limit, or at a word's end."""
    pauses = [match.start() for match in _PAUSES.finditer(sentence) if 8 <= match.start() <= limit]
    if pauses:
        return sentence[: pauses[-1]].strip()
    cut = sentence[:limit]
    space = cut.rfind(" ")
    return (cut[:space] if space > limit // 2 else cut).strip()
