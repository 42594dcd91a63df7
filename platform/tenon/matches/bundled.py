"""Bundles as they may be shown: held against what the listings say at this moment.

Pure; must not know the session, the engine or pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matching.results import Bundle
from tenon.listings.models import Listing


@dataclass(frozen=True, slots=True)
class CoverView:
    """A requirement that a part covers.

    Attributes:
        requirement: as the need says it.
        sentence: of the result, verbatim.
        found: the figure that meets it, verbatim; None where the sentence only speaks to it.
    """

    requirement: str
    sentence: str
    found: str | None


@dataclass(frozen=True, slots=True)
class BundlePartView:
    """A result of a bundle as it may be shown.

    Attributes:
        listing: public at the moment of the question.
        covers: what it covers, in the order of the need.
    """

    listing: Listing
    covers: tuple[CoverView, ...]


@dataclass(frozen=True, slots=True)
class BundleView:
    """Results that together cover more of a need than any one of them.

    Attributes:
        asked: how many musts the need has.
        covered: how many of them the parts cover together.
        parts: the one that covers most first.
        missing: the musts that none covers.
    """

    asked: int
    covered: int
    parts: tuple[BundlePartView, ...]
    missing: tuple[str, ...]


def bundle_view(
    bundle: Bundle | None, current: Mapping[int, Listing], said: Mapping[int, Sequence[str]]
) -> BundleView | None:
    """Make a view of a bundle; None if a part is gone, or no longer says what it is there for.

    Args:
        bundle: as the engine found it.
        current: the listings that may be shown now, by key.
        said: what each of them says now.
    """
    if bundle is None or any(part.key not in current for part in bundle.parts):
        return None
    parts = []
    for part in bundle.parts:
        texts = said[part.key]
        if not all(any(one.sentence in text for text in texts) for one in part.covers):
            return None
        covers = tuple(
            CoverView(bundle.requirements[one.requirement], one.sentence, one.found)
            for one in part.covers
        )
        parts.append(BundlePartView(current[part.key], covers))
    named = {one.requirement for part in parts for one in part.covers}
    return BundleView(
        asked=len(bundle.requirements),
        covered=bundle.covered,
        parts=tuple(parts),
        missing=tuple(one for one in bundle.requirements if one not in named),
    )
