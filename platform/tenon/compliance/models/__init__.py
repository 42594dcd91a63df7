"""Tables of the compliance room; import the classes from here."""

from tenon.compliance.models.approvals import (
    APPROVAL_STATES,
    CHAIN_ROLES,
    Approval,
    ChainStep,
)
from tenon.compliance.models.declared import (
    EXPORT_CONTROLS,
    RELATIONS,
    ROUTES,
    ComplianceSheet,
    Contributor,
    FirstRefusal,
    ForeignCheck,
)
from tenon.compliance.models.duties import (
    DUTY_STATES,
    LEGAL_NATURES,
    ContractRegistration,
    Duty,
)
from tenon.compliance.models.publicity import (
    OBJECTION_STATES,
    PUBLICITY_STATES,
    Objection,
    Publicity,
    PublicityOpening,
)

__all__ = [
    "APPROVAL_STATES",
    "CHAIN_ROLES",
    "DUTY_STATES",
    "EXPORT_CONTROLS",
    "LEGAL_NATURES",
    "OBJECTION_STATES",
    "PUBLICITY_STATES",
    "RELATIONS",
    "ROUTES",
    "Approval",
    "ChainStep",
    "ComplianceSheet",
    "ContractRegistration",
    "Contributor",
    "Duty",
    "FirstRefusal",
    "ForeignCheck",
    "Objection",
    "Publicity",
    "PublicityOpening",
]
