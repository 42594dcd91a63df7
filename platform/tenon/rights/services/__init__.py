"""The room's verbs."""

from tenon.rights.services.granting import (
    Application,
    Member,
    apply,
    approve,
    confirm,
    is_confirmed,
    publicise,
    refuse,
    what_is_missing,
    withdraw,
)
from tenon.rights.services.keeping import (
    end_condition,
    end_pledge,
    give_consent,
    record_annuity,
    record_condition,
    record_pledge,
)
from tenon.rights.services.licensing import (
    Declaration,
    amend_licences,
    declare_open,
    end_by_hand,
    end_licences,
    open_licence_blocks,
    record_by_hand,
    record_licence,
    withdraw_open,
)
from tenon.rights.services.objecting import answer, object_to
from tenon.rights.services.owning import pass_title, record_owners

__all__ = [
    "Application",
    "Declaration",
    "Member",
    "amend_licences",
    "answer",
    "apply",
    "approve",
    "confirm",
    "declare_open",
    "end_by_hand",
    "end_condition",
    "end_licences",
    "end_pledge",
    "give_consent",
    "is_confirmed",
    "object_to",
    "open_licence_blocks",
    "pass_title",
    "publicise",
    "record_annuity",
    "record_by_hand",
    "record_condition",
    "record_licence",
    "record_owners",
    "record_pledge",
    "refuse",
    "what_is_missing",
    "withdraw",
    "withdraw_open",
]
