"""Listings: results of institutions, needs of firms, in all states; no index is made of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from tenon.listings.models import (
    ConfidentialDetail,
    Listing,
    ListingDealForm,
    ListingField,
    ListingText,
)
from tenon.listings.states import PUBLIC_STATES
from tools.bench.introductions.drawing import Chance, Shares, Skewed
from tools.bench.introductions.houses import REGIONS, Houses
from tools.bench.introductions.loading import Rows
from tools.bench.introductions.network import Network
from tools.bench.introductions.sentences import Sentences
from tools.bench.introductions.sizes import DAYS

STATES: Final = Shares(
    {
        "published": 50,
        "in_matching": 25,
        "draft": 5,
        "in_review": 4,
        "returned": 2,
        "on_hold": 1,
        "rejected": 1,
        "concluded": 5,
        "withdrawn": 3,
        "expired": 4,
    }
)
_NEED_SHARE: Final = 0.4
_ANONYMOUS_SHARE: Final = 0.15
_TRANSLATED_SHARE: Final = 0.4
_UNCARED_SHARE: Final = 0.04
_NDA_SHARE: Final = 0.12
_CHINESE_SHARE: Final = 0.7
_LASTS: Final = timedelta(days=365)
_AT_LEAST: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Offer:
    """What later parts need to know of a listing."""

    id: int
    public_id: str
    side: str
    organisation_id: int
    author_id: int
    broker_id: int | None
    language: str
    public: bool
    anonymous: bool
    secret: bool
    titles: dict[str, str]
    created_at: datetime
    state: str
    station_id: int | None


@dataclass(frozen=True, slots=True)
class Offers:
    """All listings, and each organisation's own: all of them, and those that are public."""

    every: list[Offer] = field(default_factory=list)
    own: dict[int, list[Offer]] = field(default_factory=dict)
    public: dict[int, list[Offer]] = field(default_factory=dict)

    def add(self, offer: Offer) -> None:
        """Take one in."""
        self.every.append(offer)
        self.own.setdefault(offer.organisation_id, []).append(offer)
        if offer.public:
            self.public.setdefault(offer.organisation_id, []).append(offer)


def make_offers(houses: Houses, chance: Chance, sentences: Sentences) -> Offers:
    """Draw every listing."""
    sizes = houses.sizes
    firms, institutions = Skewed(sizes.firms), Skewed(sizes.institutions)
    brokers, network = Skewed(sizes.brokers), Network(houses)
    offers = Offers()
    for key in range(1, sizes.listings + 1):
        need = chance.share() < _NEED_SHARE
        rank = (firms if need else institutions).pick(chance)
        house = houses.firm(rank) if need else houses.institution(rank)
        uncared = chance.share() < _UNCARED_SHARE
        state = STATES.pick(chance)
        offers.add(
            Offer(
                id=key,
                public_id=chance.public_id(),
                side="need" if need else "achievement",
                organisation_id=house,
                author_id=houses.person_of(house, chance.below(1_000)),
                broker_id=None if uncared else houses.broker(brokers.pick(chance)),
                language="zh" if chance.share() < _CHINESE_SHARE else "en",
                public=state in PUBLIC_STATES,
                anonymous=need and chance.share() < _ANONYMOUS_SHARE,
                secret=chance.share() < _NDA_SHARE,
                titles=sentences.title(key),
                created_at=chance.ago(DAYS + 10 - DAYS * 0.3 * chance.share()),
                state=state,
                station_id=network.station_of(house) if need else None,
            )
        )
    return offers


def offer_tables(
    offers: Offers, chance: Chance, sentences: Sentences
) -> Iterator[tuple[Any, Rows]]:
    """Yield tables with their rows, in an order that foreign keys allow."""
    yield Listing, (_listing(offer, chance) for offer in offers.every)
    yield ListingText, _texts(offers, chance, sentences)
    yield ListingField, _fields(offers, chance)
    yield ListingDealForm, _forms(offers, chance)
    yield ConfidentialDetail, _details(offers, sentences)


def _listing(offer: Offer, chance: Chance) -> dict[str, Any]:
    gone = offer.state in ("draft", "in_review")
    published = None if gone else offer.created_at + timedelta(days=3)
    expires = None
    if offer.state == "expired":
        expires = chance.now - _AT_LEAST
    elif offer.public:
        expires = chance.now + _AT_LEAST + _LASTS * chance.share()
    return {
        "id": offer.id,
        "public_id": offer.public_id,
        "side": offer.side,
        "state": offer.state,
        "version": 3,
        "text_version": 1,
        "reviewed_version": 0 if gone else 1,
        "organisation_id": offer.organisation_id,
        "author_id": offer.author_id,
        "broker_id": offer.broker_id,
        "station_id": offer.station_id,
        "handling_station_id": offer.station_id,
        "language": offer.language,
        "region": chance.pick(REGIONS),
        "readiness": 1 + offer.id % 9,
        "money_kind": "negotiable",
        "currency": "CNY",
        "anonymous": offer.anonymous,
        "created_at": offer.created_at,
        "updated_at": offer.created_at + timedelta(days=3),
        "submitted_at": None if offer.state == "draft" else offer.created_at + timedelta(days=1),
        "published_at": published,
        # As its history has it.
        "first_handed_in_at": offer.created_at if offer.public else None,
        "first_published_at": offer.created_at if offer.public else None,
        "expires_at": expires,
    }


def _texts(offers: Offers, chance: Chance, sentences: Sentences) -> Rows:
    for offer in offers.every:
        other = "en" if offer.language == "zh" else "zh"
        written = [offer.language]
        if chance.share() < _TRANSLATED_SHARE:
            written.append(other)
        for language in written:
            yield {
                "listing_id": offer.id,
                "language": language,
                "title": offer.titles[language],
                "summary": sentences.passage(language),
                "problem": sentences.passage(language) if offer.side == "achievement" else None,
            }


def _fields(offers: Offers, chance: Chance) -> Rows:
    for offer in offers.every:
        yield {"listing_id": offer.id, "scheme": "hitech", "code": str(1 + chance.below(8))}


def _forms(offers: Offers, chance: Chance) -> Rows:
    forms = ("assignment", "licence_nonexclusive", "development_commissioned", "service")
    for offer in offers.every:
        yield {"listing_id": offer.id, "form": chance.pick(forms)}


def _details(offers: Offers, sentences: Sentences) -> Rows:
    for offer in offers.every:
        tiers = ["introduction"] if offer.id % 5 == 0 else []
        if offer.secret:
            tiers.append("nda")
        for tier in tiers:
            text = sentences.passage(offer.language)
            yield {"listing_id": offer.id, "tier": tier, "text": text}
