"""What a deal form is, as read from data: terms, states, changes, what it obliges to, its papers.

Knows neither database nor pages. The files are read by reading.py; what a guard or an effect does
stands with those who register it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

STAGES = (
    "lead",
    "talks",
    "terms",
    "approval",
    "publicity",
    "signing",
    "signed",
    "in_force",
    "completed",
    "terminated",
    "lapsed",
    "dropped",
)
"""From first talk to last payment. ``dropped``: given up before it was signed; ``lapsed``: time ran
out; ``terminated``: ended before its time after it was signed."""

OPEN_STAGES = STAGES[:8]
NEGOTIATED_STAGES = ("lead", "talks", "terms")
"""While the form may still change."""
SIGNED_STAGES = ("signed", "in_force", "completed", "terminated")

CONTRACT_KINDS = ("development", "transfer", "licence", "consulting", "service")
"""The five kinds of technology contract: Civil Code 843."""

TERM_TYPES = (
    "money",
    "percent",
    "number",
    "integer",
    "months",
    "days",
    "date",
    "text",
    "choice",
    "many",
    "boolean",
    "territory",
    "fields_of_use",
    "tiers",
    "instalments",
    "milestones",
    "vesting",
    "rates",
)
"""``rates``: percents, one a year, the last for all later years (Civil Code 846: a running share
may rise or fall from year to year)."""


RIGHTS = ("seller", "buyer", "seller_signs", "buyer_signs", "broker", "operator", "system")
"""Who may take a step: a side's editor or person in charge, its administrator (signs), a broker."""

OBLIGATION_SOURCES = ("single", "instalments", "milestones", "yearly", "reports")


@dataclass(frozen=True, slots=True)
class Words:
    """A text of a data file in both languages."""

    zh: str
    en: str

    def __getitem__(self, language: str) -> str:
        """Return the text in ``zh`` or ``en``."""
        return self.zh if language.startswith("zh") else self.en


GROUPS = {
    "scope": Words("标的与范围", "Subject and scope"),
    "works": Words("工作与验收", "Work and acceptance"),
    "trial": Words("试用", "Trial"),
    "price": Words("价款", "Price"),
    "royalty": Words("提成", "Royalties"),
    "equity": Words("股权", "Shares"),
    "conversion": Words("转股", "Conversion"),
    "time": Words("期限", "Time"),
    "conduct": Words("履行", "Conduct"),
    "law": Words("文本与争议", "Text and disputes"),
}
"""Headings that terms stand under, in their order."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds where the term ``term`` has one of the values ``among``, or any value where ``given``.

    ``also`` are further conditions that must hold besides.
    """

    term: str
    among: tuple[Any, ...] = ()
    given: bool = False
    also: tuple[Condition, ...] = ()

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it holds for these term values; a list holds where it shares one of them."""
        value = values.get(self.term)
        if self.given:
            met = value is not None
        elif isinstance(value, list):
            met = any(each in self.among for each in value)
        else:
            met = value in self.among
        return met and all(each.holds(values) for each in self.also)

    def names(self) -> list[str]:
        """Return the terms that it looks at."""
        return [self.term, *(name for each in self.also for name in each.names())]


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a form.

    Attributes:
        code: its name in values, guards and documents.
        type: one of TERM_TYPES.
        group: heading that it stands under, of GROUPS.
        required: a version without it cannot be accepted (where ``when`` holds).
        default: what the wizard begins with; None where nobody but the parties can choose.
        low, high: bounds of numbers, percents, months and money (minor units), inclusive; of a
            text ``high`` is the most characters.
        when: asked only where this holds.
        choices: code -> words, of ``choice`` and ``many``.
        events: what an instalment may wait for, code -> words.
    """

    code: str
    type: str
    names: Words
    help: Words
    group: str
    required: bool = False
    default: Any = None
    unit: Words | None = None
    low: int | None = None
    high: int | None = None
    when: Condition | None = None
    choices: Mapping[str, Words] = field(default_factory=dict)
    events: Mapping[str, Words] = field(default_factory=dict)

    def asked(self, values: Mapping[str, Any]) -> bool:
        """Whether the term is asked for, given the others."""
        return self.when is None or self.when.holds(values)


@dataclass(frozen=True, slots=True)
class State:
    """A state: a stage itself (code = stage) or one of the form's own inside a stage."""

    code: str
    stage: str
    names: Words


@dataclass(frozen=True, slots=True)
class Step:
    """A change of state.

    Attributes:
        name: the verb.
        sources, target: state codes.
        by: who may take it, of RIGHTS.
        guards: names of checks that all must pass (``deals.guards``).
        effects: names of what follows in the same transaction (``deals.effects``).
        reason: whether a reason must be given.
        done_by_service: not a button: another service takes it (signing, accepting terms).
    """

    name: str
    sources: tuple[str, ...]
    target: str
    by: tuple[str, ...]
    names: Words
    guards: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    reason: bool = False
    done_by_service: bool = False


@dataclass(frozen=True, slots=True)
class Obligation:
    """What has to be paid, as the terms say; ``payments`` makes the schedule of it.

    Attributes:
        kind: up_front, milestone, instalment, royalty, minimum, maintenance, trial_fee, buy_out ...
        source: how it is laid out over time, of OBLIGATION_SOURCES.
        terms: role (amount, days, rate, period, date ...) -> term code.
        after: what starts the clock: signed, effective, or a step's name (accept, convert ...).
        debtor: seller or buyer.
        when: only where this holds.
    """

    kind: str
    source: str
    terms: Mapping[str, str]
    after: str
    debtor: str
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """A dated duty beside the pipeline: contract registration, licence filing, title transfer.

    Attributes:
        rule: code of the rule that holds its deadline (days or months after ``after``), if any.
        owner: the side that has to do it.
        optional: worth doing, not required (contract registration: tax and statistics).
    """

    code: str
    names: Words
    owner: str
    after: str
    rule: str | None = None
    optional: bool = False


PAPER_LAYOUTS = ("term_sheet", "contract")


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that the form can print, in one of PAPER_LAYOUTS."""

    code: str
    names: Words
    template: str


@dataclass(frozen=True, slots=True)
class Law:
    """What the law says of a form, in a sentence, with its source.

    ``verified``: whether it was read in the source itself; pages say so where it was not.
    """

    text: Words
    source: Words
    verified: bool = True


CHECK_RULES = ("not_above", "adds_up_to", "not_before", "fits")


@dataclass(frozen=True, slots=True)
class Check:
    """Two terms that must agree with each other, of CHECK_RULES; the fault shows at the first.

    ``fits``: value of the other -> what may be chosen with it; with a value not named, all may.
    """

    rule: str
    term: str
    other: str
    fits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Runs:
    """How long a deal of the form runs: months from an event, or up to a date; by term codes."""

    months: str | None = None
    until: str | None = None
    after: str = "effective"


@dataclass(frozen=True, slots=True)
class Amendment:
    """What an amendment of signed terms must pass, and what follows from it.

    Attributes:
        guards: names of checks that every amendment must pass.
        of_price: those that it must pass besides where it changes the price.
        of_grant: those where it grants more than before: another kind, place, field, longer.
        effects: names of what follows in the same transaction.
        effects_in_force: those that wait until the deal is in force.
    """

    guards: tuple[str, ...] = ()
    of_price: tuple[str, ...] = ()
    of_grant: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    effects_in_force: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A deal form, whole; one object a file, so that it is equal to itself only.

    ``clauses`` name the files of ``papers/clauses`` that its contract is made of besides the frame
    that all share; ``value_terms`` the terms that add up to the contract value.
    """

    code: str
    order: int
    contract: str
    names: Words
    summary: Words
    seller: Words
    buyer: Words
    terms: tuple[Term, ...]
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    begins_in: str
    obligations: tuple[Obligation, ...] = ()
    duties: tuple[Duty, ...] = ()
    papers: tuple[Paper, ...] = ()
    law: tuple[Law, ...] = ()
    checks: tuple[Check, ...] = ()
    runs: Runs | None = None
    clauses: tuple[str, ...] = ()
    value_terms: tuple[str, ...] = ()
    licence_kind: str | None = None
    equity: str | None = None
    needs_technology: bool = True
    amendment: Amendment = Amendment()

    def term(self, code: str) -> Term | None:
        """Return a term, or None."""
        return next((each for each in self.terms if each.code == code), None)

    def step(self, name: str) -> Step | None:
        """Return a step, or None."""
        return next((each for each in self.steps if each.name == name), None)

    def events(self) -> tuple[str, ...]:
        """Return what a payment may wait for: signing, taking effect, or a step of the form's own.

        Steps before that, steps that end the deal and steps back (for which a reason must be
        given) are none.
        """
        begun = [
            each.name
            for each in self.steps
            if self.stage_of(each.target) == "in_force"
            and not each.reason
            and any(self.stage_of(source) == "in_force" for source in each.sources)
        ]
        return ("signed", "effective", *begun)

    def event_names(self, event: str) -> Words:
        """Return what an event is called; raises StopIteration for one that it does not know."""
        if event == "signed":
            return Words("签约", "signing")
        if event == "effective":
            return Words("生效", "the effective date")
        return next(each.names for each in self.steps if each.name == event)

    def stage_of(self, state: str) -> str:
        """Return the stage of a state."""
        return next(each.stage for each in self.states if each.code == state)

    def state_names(self, state: str) -> Words:
        """Return what a state is called."""
        return next(each.names for each in self.states if each.code == state)
