"""Reads of the room: how things stand, schedules, an organisation's receivables, timelines."""

from tenon.payments.queries.income import received_income
from tenon.payments.queries.sums import Left, Standing, payments_left, standings

__all__ = ["Left", "Standing", "payments_left", "received_income", "standings"]
