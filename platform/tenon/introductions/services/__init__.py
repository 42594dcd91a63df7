"""Verbs of the room, by who takes them; none commits."""

from tenon.introductions.services.answering import accept, ask_back, decline
from tenon.introductions.services.asking import (
    answer_proposal,
    express_interest,
    propose,
    reply,
    turn_down,
    withdraw,
)
from tenon.introductions.services.checking import give_back, pass_on, refuse, take_over
from tenon.introductions.services.ending import AT_A_TIME, end, void_all_of, work_off_due
from tenon.introductions.services.secrecy import (
    agreement_of,
    confirm_agreement,
    demand_agreement,
    needs_agreement,
)
from tenon.introductions.services.wording import Answers
from tenon.introductions.services.writing import mark_read, write_message

__all__ = [
    "AT_A_TIME",
    "Answers",
    "accept",
    "agreement_of",
    "answer_proposal",
    "ask_back",
    "confirm_agreement",
    "decline",
    "demand_agreement",
    "end",
    "express_interest",
    "give_back",
    "mark_read",
    "needs_agreement",
    "pass_on",
    "propose",
    "refuse",
    "reply",
    "take_over",
    "turn_down",
    "void_all_of",
    "withdraw",
    "work_off_due",
    "write_message",
]
