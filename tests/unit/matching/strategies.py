"""Random documents and filters for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from matching.documents import LANGUAGES, SIDES, Document, Facets, Where

FIELDS = ("hitech:1", "hitech:4", "ipc:G02", "ipc:A")
REGIONS = ("420000", "420100", "420111", "110000")
KINDS = ("enterprise", "university", "institute")
DEALS = ("assignment", "licence_sole", "consulting")
TEXTS = (
    "激光切割不锈钢板的设备",
    "laser cutting of stainless steel",
    "水稻钻心虫的生物防治",
    "biological control of the rice stem borer",
    "锂电池隔膜涂层",
)


def _some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


facets = st.builds(
    Facets,
    organisation=st.none() | st.integers(1, 4),
    organisation_kind=st.none() | st.sampled_from(KINDS),
    fields=_some(FIELDS),
    industries=_some(("C", "C35")),
    region=_some(REGIONS),
    readiness=st.none() | st.integers(1, 9),
    deal_forms=_some(DEALS),
    published=st.integers(0, 20000),
    expires=st.none() | st.integers(0, 20000),
    requirements=_some(("耐温≥200℃", "?cost below 30 CNY/kg")),
)

documents = st.builds(
    Document,
    key=st.integers(1, 12),
    side=st.sampled_from(SIDES),
    language=st.sampled_from(LANGUAGES),
    title=st.sampled_from(TEXTS),
    text=st.sampled_from(TEXTS),
    facets=facets,
    version=st.integers(0, 5),
)

filters = st.builds(
    Where,
    sides=st.none() | st.lists(st.sampled_from(SIDES), unique=True).map(tuple),
    languages=st.none() | st.lists(st.sampled_from(LANGUAGES), unique=True).map(tuple),
    organisations=st.none() | st.lists(st.integers(1, 4), max_size=2).map(tuple),
    organisation_not=st.lists(st.integers(1, 4), max_size=2).map(tuple),
    organisation_kinds=_some(KINDS),
    fields=_some(FIELDS),
    industries=_some(("C", "C35")),
    regions=_some(REGIONS),
    deal_forms=_some(DEALS),
    readiness=st.none() | st.tuples(st.integers(1, 5), st.integers(4, 9)),
    published_since=st.none() | st.integers(0, 20000),
    today=st.none() | st.integers(0, 20000),
    keys=st.none() | st.frozensets(st.integers(1, 12), max_size=6),
    keys_not=st.frozensets(st.integers(1, 12), max_size=3),
)
