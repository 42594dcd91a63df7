"""The room's tables, imported in one place."""

from tenon.rights.models.grants import (
    GRANT_KINDS,
    GRANT_STATES,
    GrantMember,
    GrantObjection,
    RightGrant,
    UseRight,
)
from tenon.rights.models.licences import (
    FEE_MODES,
    LICENCE_KINDS,
    LicenceGrant,
    OpenLicence,
)
from tenon.rights.models.owners import Ownership, OwnershipShare
from tenon.rights.models.standing import CONDITIONS, Annuity, Condition, Pledge

__all__ = [
    "CONDITIONS",
    "FEE_MODES",
    "GRANT_KINDS",
    "GRANT_STATES",
    "LICENCE_KINDS",
    "Annuity",
    "Condition",
    "GrantMember",
    "GrantObjection",
    "LicenceGrant",
    "OpenLicence",
    "Ownership",
    "OwnershipShare",
    "Pledge",
    "RightGrant",
    "UseRight",
]
