"""Verbs of cap tables and of the register. None commits; permissions are checked here."""

from tenon.equity.services.companies import add_holder, attach, found_company, holder_named, say_law
from tenon.equity.services.confirming import confirm, refresh_open, withdraw
from tenon.equity.services.proposing import propose_closing, propose_exercise
from tenon.equity.services.recording import record, strike
from tenon.equity.services.registering import enter_grant, enter_subscription
from tenon.equity.services.steps import answer_first_call, ask_holders, record_appraisal
from tenon.equity.services.watching import end_with_deal, watch

__all__ = [
    "add_holder",
    "answer_first_call",
    "ask_holders",
    "attach",
    "confirm",
    "end_with_deal",
    "enter_grant",
    "enter_subscription",
    "found_company",
    "holder_named",
    "propose_closing",
    "propose_exercise",
    "record",
    "record_appraisal",
    "refresh_open",
    "say_law",
    "strike",
    "watch",
    "withdraw",
]
