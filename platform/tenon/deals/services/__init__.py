"""Verbs of deals. None of them commits; permissions are checked here."""

from tenon.deals.services.moving import advance, change_columns, step_of, take_step
from tenon.deals.services.negotiating import accept, change_form, decline, propose, withdraw
from tenon.deals.services.opening import (
    Opening,
    may_open_from,
    open_between,
    open_from_introduction,
)
from tenon.deals.services.signing import (
    Signer,
    confirm_signature,
    further_signers,
    missing_signers,
    required_signers,
)
from tenon.deals.services.talking import add_file, name_broker, name_person_in_charge, say

__all__ = [
    "Opening",
    "Signer",
    "accept",
    "add_file",
    "advance",
    "change_columns",
    "change_form",
    "confirm_signature",
    "decline",
    "further_signers",
    "may_open_from",
    "missing_signers",
    "name_broker",
    "name_person_in_charge",
    "open_between",
    "open_from_introduction",
    "propose",
    "required_signers",
    "say",
    "step_of",
    "take_step",
    "withdraw",
]
