"""What goes into the index and what may be asked of it: documents, their facets, filters.

Plain frozen values. This module knows nothing of vectors, words or files, and must not
import any other module of the library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Self, cast, get_args

_SURROGATE = re.compile("[\ud800-\udfff]")

Side = Literal["achievement", "need", "expert"]
Language = Literal["zh", "en"]

SIDES: tuple[Side, ...] = get_args(Side)
LANGUAGES: tuple[Language, ...] = get_args(Language)

COUNTERPARTS: Mapping[Side, tuple[Side, ...]] = {
    "need": ("achievement",),
    "achievement": ("need",),
    "expert": ("need",),
}
"""Which sides a document of each side is matched with unless the caller asks otherwise."""


@dataclass(frozen=True, slots=True)
class Facets:
    """What filters and ranking know of a listing besides its words.

    Attributes:
        organisation: internal id of the owning organisation; None if there is none.
        organisation_kind: government, enterprise, university, institute, finance,
            service or user.
        fields: fields of technology as ``scheme:code`` (``hitech:4``, ``ipc:C04``).
            List ancestors too if a filter on the ancestor should find the listing.
        industries: GB/T 4754 codes, with ancestors.
        region: region code with its ancestors, most specific first
            (``("420111", "420100", "420000")``).
        readiness: TRL 1-9 of an achievement.
        readiness_sought: lowest TRL that a need asks for.
        deal_forms: deal forms offered (achievement) or accepted (need).
        price_low, price_high: expectation of price in minor units of ``currency``.
        budget_low, budget_high: a need's budget in minor units of ``currency``.
        currency: ISO 4217 code of the amounts.
        published: day of publication as days since 1970-01-01; 0 if unknown.
        expires: last day on which it may be found, as epoch day; None for no limit.
        requirements: a need's measurable requirements as written; a leading ``?`` marks
            a wish.
    """

    organisation: int | None = None
    organisation_kind: str | None = None
    fields: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    readiness: int | None = None
    readiness_sought: int | None = None
    deal_forms: tuple[str, ...] = ()
    price_low: int | None = None
    price_high: int | None = None
    budget_low: int | None = None
    budget_high: int | None = None
    currency: str | None = None
    published: int = 0
    expires: int | None = None
    requirements: tuple[str, ...] = ()

    def to_record(self) -> dict[str, Any]:
        """Return the facets that differ from the default, ready for JSON."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value, default in _facet_values(self)
            if value != default
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Make facets from ``to_record``'s form; unknown names are an error (TypeError)."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in record.items()
        }
        return cls(**values)


_FACET_DEFAULTS = tuple((f.name, f.default) for f in fields(Facets))


def _facet_values(facets: Facets) -> Iterator[tuple[str, Any, Any]]:
    for name, default in _FACET_DEFAULTS:
        yield name, getattr(facets, name), default


NO_FACETS = Facets()


@dataclass(frozen=True, slots=True)
class Document:
    """One listing in one language it is written in.

    A listing written in two languages is two documents with the same key; results are
    merged by key. Only text of the public tier may be put in.

    A half of a surrogate pair that stands alone becomes U+FFFD: it is no character.

    Attributes:
        key: the listing's internal bigint id (0 for a text that is no listing).
        side: achievement, need or expert.
        language: zh or en: the language of ``title`` and ``text``.
        title: one line.
        text: the public body; paragraphs are separated by line breaks.
        facets: what filters and ranking use.
        version: the listing's search version, for the sweeper to compare.
    """

    key: int
    side: Side
    language: Language
    title: str
    text: str
    facets: Facets = field(default=NO_FACETS)
    version: int = 0

    def __post_init__(self) -> None:
        if self.side not in SIDES:
            raise ValueError(f"unknown side {self.side!r}")
        if self.language not in LANGUAGES:
            raise ValueError(f"unknown language {self.language!r}")
        for name in ("title", "text"):
            text = getattr(self, name)
            if _SURROGATE.search(text):
                # Half a character, as JSON may bring it, can be written to no file.
                object.__setattr__(self, name, _SURROGATE.sub("\ufffd", text))

    @property
    def full_text(self) -> str:
        """Title and text as one string, the form in which a document is encoded."""
        return f"{self.title}\n{self.text}" if self.title else self.text

    def to_record(self) -> dict[str, Any]:
        """Return the document as a mapping ready for JSON."""
        return {
            "key": self.key,
            "side": self.side,
            "language": self.language,
            "title": self.title,
            "text": self.text,
            "facets": self.facets.to_record(),
            "version": self.version,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Make a document from ``to_record``'s form."""
        return cls(
            key=int(record["key"]),
            side=cast("Side", record["side"]),
            language=cast("Language", record["language"]),
            title=str(record["title"]),
            text=str(record["text"]),
            facets=Facets.from_record(record["facets"]),
            version=int(record["version"]),
        )


@dataclass(frozen=True, slots=True)
class Where:
    """A filter. Each part that is set must hold; inside one part any value will do.

    Attributes:
        sides: wanted sides; None means all (in ``match``: the document's counterparts).
        languages: wanted languages of the indexed document.
        organisations: only these organisations.
        organisation_not: listings of these organisations never come out.
        organisation_kinds: kinds of organisation.
        fields, industries, regions, deal_forms: any of these codes.
        readiness: inclusive range of TRL; listings that state none are left out.
        published_since: epoch day, inclusive.
        today: epoch day; listings whose ``expires`` is before it are left out.
        keys: only these listings (an empty set finds nothing).
        keys_not: never these listings.
    """

    sides: tuple[Side, ...] | None = None
    languages: tuple[Language, ...] | None = None
    organisations: tuple[int, ...] | None = None
    organisation_not: tuple[int, ...] = ()
    organisation_kinds: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    deal_forms: tuple[str, ...] = ()
    readiness: tuple[int, int] | None = None
    published_since: int | None = None
    today: int | None = None
    keys: frozenset[int] | None = None
    keys_not: frozenset[int] = frozenset()

    @property
    def is_open(self) -> bool:
        """Whether the filter lets everything through."""
        return self == Where()

    def admits(self, document: Document) -> bool:
        """Say whether the document passes: the definition that every index must agree with."""
        facets = document.facets
        return (
            (self.sides is None or document.side in self.sides)
            and (self.languages is None or document.language in self.languages)
            and (self.organisations is None or facets.organisation in self.organisations)
            and facets.organisation not in self.organisation_not
            and _any_of(self.organisation_kinds, (facets.organisation_kind,))
            and _any_of(self.fields, facets.fields)
            and _any_of(self.industries, facets.industries)
            and _any_of(self.regions, facets.region)
            and _any_of(self.deal_forms, facets.deal_forms)
            and self._admits_numbers(facets)
            and (self.keys is None or document.key in self.keys)
            and document.key not in self.keys_not
        )

    def _admits_numbers(self, facets: Facets) -> bool:
        if self.readiness is not None:
            low, high = self.readiness
            if facets.readiness is None or not low <= facets.readiness <= high:
                return False
        if self.published_since is not None and facets.published < self.published_since:
            return False
        return self.today is None or facets.expires is None or facets.expires >= self.today


def _any_of(wanted: tuple[str, ...], found: tuple[str | None, ...]) -> bool:
    return not wanted or any(value in wanted for value in found)
