"""Verbs of taking part, by who takes them. None commits."""

from tenon.events.taking_part.services.answers import Answers
from tenon.events.taking_part.services.deciding import (
    approve,
    decide_many,
    decline,
    lapse,
    settle_places,
)
from tenon.events.taking_part.services.entering import enter
from tenon.events.taking_part.services.places import offer_free_places
from tenon.events.taking_part.services.registering import cancel, change, register, take_offer
from tenon.events.taking_part.services.seating import free_tables, give_tables

__all__ = [
    "Answers",
    "approve",
    "cancel",
    "change",
    "decide_many",
    "decline",
    "enter",
    "free_tables",
    "give_tables",
    "lapse",
    "offer_free_places",
    "register",
    "settle_places",
    "take_offer",
]
