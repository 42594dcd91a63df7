"""Checks that a step must pass, by name: forms name them in data, rooms register what they check.

A check returns None, or why the step is not lawful or not due yet, with the rule and its source.
Must not know any form, nor any of the rooms that register.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from tenon.deals.forms.schema import Step
from tenon.deals.models import Deal
from tenon.errors import Conflict


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a step may not be taken.

    Attributes:
        message: a marked message (English id) with placeholders of ``facts``.
        source_zh, source_en: the article or paper that the rule comes from; empty where it is the
            parties' own agreement or the order of steps.
        path: where the reader can do what is missing, if anywhere.
        guard: the name of the check, set by the engine.
    """

    message: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    source_zh: str = ""
    source_en: str = ""
    path: str = ""
    guard: str = ""


class RuleBroken(Conflict):
    """A step that a rule does not allow; ``refusals`` says which, each with its source."""

    code = "rule_broken"

    def __init__(self, step: str, refusals: Sequence[Refusal]) -> None:
        super().__init__(None, step=step, guards=[each.guard for each in refusals])
        self.refusals = list(refusals)


class Check(Protocol):
    """What a room registers."""

    def __call__(self, session: Session, deal: Deal, *, step: str, now: datetime) -> Refusal | None:
        """Return why the step may not be taken, or None."""
        ...


_checks: dict[str, Check] = {}


def guard(name: str) -> Callable[[Check], Check]:
    """Register a check under a name that forms and pipelines use; each name has one."""

    def register(check: Check) -> Check:
        if name in _checks:
            raise ValueError(f"{name} is registered already")
        _checks[name] = check
        return check

    return register


def known() -> frozenset[str]:
    """Return the names of all registered checks."""
    return frozenset(_checks)


def open_points(session: Session, deal: Deal, step: Step, *, now: datetime) -> list[Refusal]:
    """Return every refusal of a step, in the order in which the form names the checks."""
    found = []
    for name in step.guards:
        refusal = _checks[name](session, deal, step=step.name, now=now)
        if refusal is not None:
            found.append(
                Refusal(
                    refusal.message,
                    refusal.facts,
                    refusal.source_zh,
                    refusal.source_en,
                    refusal.path,
                    name,
                )
            )
    return found


def require(session: Session, deal: Deal, step: Step, *, now: datetime) -> None:
    """Check a step; raises RuleBroken with every refusal."""
    refusals = open_points(session, deal, step, now=now)
    if refusals:
        raise RuleBroken(step.name, refusals)
