"""Messages outside a page: marked where they are written down, looked up by language.

``mark`` is imported as ``N_``, the name that extraction tools know. Knows no room and no request.
"""

from __future__ import annotations

from functools import cache

from babel.support import NullTranslations, Translations

from tenon import paths

LOCALES = {"zh": "zh_Hans", "en": "en"}
LANGUAGE_TAGS = {"zh": "zh-Hans", "en": "en"}


def mark(message: str) -> str:
    """Return the message as it is."""
    return message


@cache
def catalogue(language: str) -> NullTranslations:
    """Return every room's messages in ``language`` (``zh`` or ``en``)."""
    merged = Translations()
    for folder in paths.translations():
        found = Translations.load(str(folder), [LOCALES[language]], "messages")
        if isinstance(found, Translations):
            merged.merge(found)
            # Merging takes the words and leaves the rule by which a plural is chosen.
            merged.plural = found.plural
    return merged
