"""Tables of the listings room; import the classes from here."""

from tenon.listings.models.attachments import Attachment, ConfidentialDetail
from tenon.listings.models.disclosure import TIERS, ListingGrant, ListingView
from tenon.listings.models.experts import AVAILABILITY, Expert, ExpertClaim, ExpertField
from tenon.listings.models.held_texts import HeldText
from tenon.listings.models.imports import ImportJob
from tenon.listings.models.intellectual_property import (
    IP_KINDS,
    IP_STATUSES,
    IpRight,
    ListingIpRight,
)
from tenon.listings.models.listing import (
    COMPARISONS,
    DEAL_FORMS,
    MONEY_KINDS,
    OBLIGATIONS,
    SIDES,
    Listing,
    ListingContributor,
    ListingDealForm,
    ListingField,
    ListingText,
    Requirement,
)
from tenon.listings.models.own_remarks import (
    LONGEST_REMARK,
    MOST_REMARKS,
    REMARK_SIDES,
    OwnRemark,
)
from tenon.listings.models.review import OUTCOMES, ListingVersion, Review

__all__ = [
    "AVAILABILITY",
    "COMPARISONS",
    "DEAL_FORMS",
    "IP_KINDS",
    "IP_STATUSES",
    "LONGEST_REMARK",
    "MONEY_KINDS",
    "MOST_REMARKS",
    "OBLIGATIONS",
    "OUTCOMES",
    "REMARK_SIDES",
    "SIDES",
    "TIERS",
    "Attachment",
    "ConfidentialDetail",
    "Expert",
    "ExpertClaim",
    "ExpertField",
    "HeldText",
    "ImportJob",
    "IpRight",
    "Listing",
    "ListingContributor",
    "ListingDealForm",
    "ListingField",
    "ListingGrant",
    "ListingIpRight",
    "ListingText",
    "ListingVersion",
    "ListingView",
    "OwnRemark",
    "Requirement",
    "Review",
]
