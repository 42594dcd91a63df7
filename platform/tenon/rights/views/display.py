"""What the room's templates ask: points, places, fields and shares in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _

from tenon.rights.overlap import EVERYWHERE
from tenon.rights.queries import Point
from tenon.taxonomy.catalogue import find, path_label
from tenon.web.languages import language, write_date


def point_words(point: Point) -> str:
    """Return what warns or blocks, in the page's language."""
    told = {
        name: write_date(date.fromisoformat(str(value))) if name == "day" else value
        for name, value in point.facts.items()
    }
    return str(_(point.message, **told))


def source(point: Point) -> str:
    """Return where the rule stands, in the page's language."""
    return point.source_zh if language() == "zh" else point.source_en


def places(codes: Iterable[str]) -> str:
    """Return a territory in words."""
    separator = "、" if language() == "zh" else "; "
    return separator.join(_place(code) for code in codes)


def _place(code: str) -> str:
    if code == EVERYWHERE:
        return str(_("Worldwide"))
    scheme = "region" if find("region", code) else "country"
    return path_label(scheme, code, language())


def fields(names: Iterable[str]) -> str:
    """Return fields of use in words."""
    separator = "、" if language() == "zh" else "; "
    return separator.join(str(_("All fields")) if each == EVERYWHERE else each for each in names)


def share(percent: Decimal) -> str:
    """Return a share with its sign: 33.333334 %."""
    number = f"{percent.normalize():f}"
    return f"{number}%" if language() == "zh" else f"{number} %"
