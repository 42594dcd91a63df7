"""Verbs of the room: record an act, dispute an entry, settle a dispute. Never commits."""

from tenon.credit.services.disputing import dispute, settle, withdraw
from tenon.credit.services.recording import Act, add_concerned, record_act, record_first_acts

__all__ = [
    "Act",
    "add_concerned",
    "dispute",
    "record_act",
    "record_first_acts",
    "settle",
    "withdraw",
]
