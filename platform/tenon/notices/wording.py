"""What each kind of notice says, and how it travels: a register that rooms fill.

Rooms add their kinds at import of their ``tasks``. Must not know any room.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices.planning import WAYS
from tenon.notices.rendering import fill, translate

OTHER = "other"
_PLACEHOLDER = re.compile(r"%\((\w+)\)([sd])")
_ELLIPSIS = "…"

# Facts to show a kind with, by placeholder; a room may bring its own.
_SAMPLES: Mapping[str, Any] = {
    "title": {"zh": "低温等离子体种子处理", "en": "Treating seeds with cold plasma"},
    "listing": {"zh": "低温等离子体种子处理", "en": "Treating seeds with cold plasma"},
    "counterpart": {"zh": "提高旱地小麦出苗率", "en": "More wheat that sprouts on dry land"},
    "organisation": {"zh": "示例大学", "en": "Example University"},
    "person": {"zh": "某位用户", "en": "A person"},
    "expert": {"zh": "某位专家", "en": "An expert"},
    "name": {"zh": "成果清单.xlsx", "en": "results.xlsx"},
    "reason": {"zh": "材料不全", "en": "papers are missing"},
}
_ANY_WORDS: Mapping[str, str] = {"zh": "示例", "en": "an example"}
_ANY_NUMBER = 3


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of notice.

    Attributes:
        code: its name in the table of notices.
        message: English text with ``%(fact)s`` placeholders, marked for translation.
        group: under which people find it among their choices.
        mail: how it is mailed to somebody who chose nothing: ``now``, ``digest`` or ``off``.
        essential: nobody can switch it off; by mail it comes at once or daily.
        samples: facts to show it with.
    """

    code: str
    message: str
    group: str = OTHER
    mail: str = "now"
    essential: bool = False
    samples: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def label(self, language: str) -> str:
        """Return what the kind says with every fact left out."""
        return _PLACEHOLDER.sub(_ELLIPSIS, translate(self.message, language))


KINDS: dict[str, Kind] = {}
"""Every kind that a room registered, by its code; only ``register`` writes it."""

_HEADINGS: dict[str, str] = {OTHER: N_("Other notices")}


def register(
    messages: Mapping[str, str],
    *,
    group: str = OTHER,
    heading: str = "",
    mail: str = "now",
    essential: Collection[str] = (),
    samples: Mapping[str, Any] | None = None,
) -> None:
    """Add kinds of notice.

    Args:
        messages: kind -> English message (marked for translation) with ``%(fact)s`` placeholders.
        group: under which people find them among their choices.
        heading: what the group is called (marked for translation); once is enough for a group.
        mail: the default of these kinds: ``now``, ``digest`` (daily) or ``off``.
        essential: those of them that nobody can switch off.
        samples: facts by placeholder for the preview; common ones are known here.

    Raises ValueError where a kind is known with other words, or a name is unknown.
    """
    if mail not in WAYS or not set(essential) <= messages.keys() or (essential and mail == "off"):
        raise ValueError(f"{group}: {mail!r} or {sorted(essential)} cannot be")
    if heading and _HEADINGS.setdefault(group, heading) != heading:
        raise ValueError(f"the group {group} has a heading already")
    for code, message in messages.items():
        facts = {
            name: (samples or {}).get(name, _SAMPLES.get(name, _any(form)))
            for name, form in _PLACEHOLDER.findall(message)
        }
        made = Kind(code, message, group, mail, code in essential, facts)
        if KINDS.setdefault(code, made).message != message:
            raise ValueError(f"the notice {code} has words already")


def _any(form: str) -> Any:
    return _ANY_NUMBER if form == "d" else dict(_ANY_WORDS)


def kinds() -> Mapping[str, str]:
    """Return every kind with its message."""
    return {code: kind.message for code, kind in KINDS.items()}


def kind_of(code: str) -> Kind | None:
    """Return a kind, or None for one that no room registers (any longer)."""
    return KINDS.get(code)


def groups() -> Mapping[str, list[Kind]]:
    """Return group -> its kinds, in the order in which rooms registered them."""
    found: dict[str, list[Kind]] = {}
    for kind in KINDS.values():
        found.setdefault(kind.group, []).append(kind)
    return found


def group_of(code: str) -> str:
    """Return the group of a kind."""
    kind = KINDS.get(code)
    return OTHER if kind is None else kind.group


def heading(group: str, language: str) -> str:
    """Return what a group is called in ``language``."""
    return translate(_HEADINGS.get(group, _HEADINGS[OTHER]), language)


def words(kind: str, facts: Mapping[str, Any], language: str) -> str:
    """Return what a notice says in ``language``.

    Raises KeyError for a kind without words or where ``facts`` lack a placeholder.
    """
    return fill(KINDS[kind].message, facts, language)
