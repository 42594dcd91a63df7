"""The room's door for reading; other rooms import from here. Changes nothing."""

from tenon.listings.queries.disclosure import granted_tiers, grants_of, open_tiers, views_of
from tenon.listings.queries.experts import (
    expert_of_user,
    expert_pages,
    experts_of_organisation,
    find_claim,
    find_expert,
    open_claim_of,
    open_claims,
    public_experts,
    results_of,
    rights_behind,
)
from tenon.listings.queries.ip_rights import find_right, listings_on
from tenon.listings.queries.keepers import keepers
from tenon.listings.queries.lists import (
    find_listing,
    own_counts,
    own_listings,
    public_listings,
    public_of_organisation,
    whole_listings,
)
from tenon.listings.queries.review import (
    QUEUES,
    latest_review,
    queue_counts,
    review_queue,
    reviews_of,
    timeline,
    version_of,
    versions_of,
)
from tenon.listings.queries.visibility import (
    experts_visible_to,
    in_sight,
    is_public,
    on_desk,
    visible_to,
)

__all__ = [
    "QUEUES",
    "expert_of_user",
    "expert_pages",
    "experts_of_organisation",
    "experts_visible_to",
    "find_claim",
    "find_expert",
    "find_listing",
    "find_right",
    "granted_tiers",
    "grants_of",
    "in_sight",
    "is_public",
    "keepers",
    "latest_review",
    "listings_on",
    "on_desk",
    "open_claim_of",
    "open_claims",
    "open_tiers",
    "own_counts",
    "own_listings",
    "public_experts",
    "public_listings",
    "public_of_organisation",
    "queue_counts",
    "results_of",
    "review_queue",
    "reviews_of",
    "rights_behind",
    "timeline",
    "version_of",
    "versions_of",
    "views_of",
    "visible_to",
    "whole_listings",
]
