"""Read a deal form from its TOML file, and refuse one that does not hold together.

A form names a pipeline (``pipelines/*.toml``: the stages and the steps between them that most
forms share) and may take over the parts of other files (``extends``: one or several; of a form that
is added from elsewhere, those beside it or the site's own). A row of its own is laid over the one
of the same name, key by key; ``left_out = true`` drops it. Must not know any form by name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tenon.deals.forms.schema import (
    CHECK_RULES,
    CONTRACT_KINDS,
    GROUPS,
    OBLIGATION_SOURCES,
    PAPER_LAYOUTS,
    RIGHTS,
    STAGES,
    TERM_TYPES,
    Amendment,
    Check,
    Condition,
    Duty,
    Form,
    Law,
    Obligation,
    Paper,
    Runs,
    State,
    Step,
    Term,
    Words,
)

HERE = Path(__file__).parent
PIPELINES = HERE.parent / "pipelines"
CLAUSES = HERE.parent / "papers" / "clauses"
_LISTS = ("terms", "states", "steps", "obligations", "duties", "papers", "law", "checks")
_NAMED = {
    "terms": "code",
    "states": "code",
    "steps": "name",
    "obligations": "kind",
    "duties": "code",
    "papers": "code",
}


class BrokenForm(ValueError):
    """A form's file does not hold together; says what and where."""


def read_form(path: Path) -> Form:
    """Return the form of a TOML file; raises BrokenForm."""
    try:
        return build(_whole(path), folder=path.parent)
    except BrokenForm:
        raise
    except (KeyError, TypeError, ValueError, StopIteration) as error:
        raise BrokenForm(f"{path.name}: {error!r}") from error


def _whole(path: Path) -> dict[str, Any]:
    """Return a file's content laid over that of the file that it extends."""
    own = tomllib.loads(path.read_text(encoding="utf-8"))
    bases = own.pop("extends", [])
    whole: dict[str, Any] = {}
    for base in [bases] if isinstance(bases, str) else bases:
        beside = path.parent / f"_{base}.toml"
        whole = _over(whole, _whole(beside if beside.exists() else HERE / f"_{base}.toml"))
    return _over(whole, own)


def _over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``base`` with ``own`` over it; rows of lists replace those of the same name."""
    merged = {**base, **{key: value for key, value in own.items() if key not in _LISTS}}
    for key in _LISTS:
        rows = list(base.get(key, []))
        for row in own.get(key, []):
            name = _NAMED.get(key)
            same = [i for i, each in enumerate(rows) if name and each[name] == row[name]]
            if same:
                rows[same[0]] = {**rows[same[0]], **row}
            else:
                rows.append(row)
        merged[key] = rows
    merged["amendment"] = {**base.get("amendment", {}), **own.get("amendment", {})}
    return merged


def build(content: Mapping[str, Any], *, folder: Path = HERE) -> Form:  # noqa: ARG001
    """Return the form that a file's content describes, with its pipeline; raises BrokenForm."""
    pipeline = tomllib.loads(
        (PIPELINES / f"{content.get('pipeline', 'negotiated')}.toml").read_text(encoding="utf-8")
    )
    whole = _over(pipeline, content)
    for key in _LISTS:
        whole[key] = [row for row in whole[key] if not row.get("left_out")]
    states = tuple(_state(row) for row in whole["states"])
    form = Form(
        code=whole["code"],
        order=whole.get("order", 100),
        contract=whole["contract"],
        names=_words(whole["names"]),
        summary=_words(whole["summary"]),
        seller=_words(whole["seller"]),
        buyer=_words(whole["buyer"]),
        terms=_terms(whole["terms"]),
        states=states,
        steps=tuple(_step(row, states, whole) for row in whole["steps"]),
        begins_in=whole.get("begins_in", "in_force"),
        obligations=tuple(_obligation(row) for row in whole["obligations"]),
        duties=tuple(_duty(row) for row in whole["duties"]),
        papers=tuple(
            Paper(row["code"], _words(row["names"]), row["template"]) for row in whole["papers"]
        ),
        law=tuple(
            Law(_words(row), _words(row["source"]), row.get("verified", True))
            for row in whole["law"]
        ),
        checks=tuple(_pair(row) for row in whole["checks"]),
        runs=Runs(**whole["runs"]) if "runs" in whole else None,
        clauses=tuple(whole.get("clauses", ())),
        value_terms=tuple(whole.get("value_terms", ())),
        licence_kind=whole.get("licence_kind"),
        equity=whole.get("equity"),
        needs_technology=whole.get("needs_technology", True),
        amendment=_amendment(whole["amendment"]),
    )
    _check(form)
    events = {event: form.event_names(event) for event in form.events()}
    terms = (
        replace(each, events=events) if each.type == "instalments" else each for each in form.terms
    )
    return replace(form, terms=tuple(terms))


def _words(row: Mapping[str, Any]) -> Words:
    if not row["zh"].strip() or not row["en"].strip():
        raise BrokenForm(f"an empty text: {row}")
    return Words(row["zh"], row["en"])


def condition(row: Mapping[str, Any] | None) -> Condition | None:
    """Read ``{term, is = [...]}``, ``{term, given = true}`` or ``{all = [...]}``."""
    if row is None:
        return None
    if "all" in row:
        first, *others = [condition(each) for each in row["all"]]
        if first is None:
            raise BrokenForm(f"an empty condition: {row}")
        return replace(first, also=tuple(each for each in others if each))
    if "is" not in row and not row.get("given"):
        raise BrokenForm(f"a condition without a value: {row}")
    return Condition(row["term"], tuple(row.get("is", ())), row.get("given", False))


def _terms(rows: Iterable[Mapping[str, Any]]) -> tuple[Term, ...]:
    """Return the terms in the order of their headings, and as written within one."""
    order = list(GROUPS)
    terms = [_term(row) for row in rows]
    return tuple(sorted(terms, key=lambda each: order.index(each.group)))


def _term(row: Mapping[str, Any]) -> Term:
    if row["type"] not in TERM_TYPES:
        raise BrokenForm(f"term {row['code']}: no type {row['type']}")
    if row["group"] not in GROUPS:
        raise BrokenForm(f"term {row['code']}: no group {row['group']}")
    unit = row.get("unit")
    return Term(
        code=row["code"],
        type=row["type"],
        names=_words(row["names"]),
        help=_words(row["help"]),
        group=row["group"],
        required=row.get("required", False),
        default=row.get("default"),
        unit=None if unit is None else _words(unit),
        low=row.get("low"),
        high=row.get("high"),
        when=condition(row.get("when")),
        choices={each["code"]: _words(each) for each in row.get("choices", [])},
    )


def _state(row: Mapping[str, Any]) -> State:
    return State(row["code"], row["stage"], _words(row["names"]))


def _step(row: Mapping[str, Any], states: Iterable[State], whole: Mapping[str, Any]) -> Step:
    known = list(states)
    sources: list[str] = []
    for each in row["sources"]:
        found = [s.code for s in known if s.code == each or each == f"{s.stage}.*"]
        if not found:
            raise BrokenForm(f"step {row['name']}: no state {each}")
        sources += found
    target = row["target"]
    return Step(
        name=row["name"],
        sources=tuple(dict.fromkeys(sources)),
        target=whole.get("begins_in", "in_force") if target == "begins_in" else target,
        by=tuple(row["by"]),
        names=_words(row["names"]),
        guards=tuple(row.get("guards", ())) + tuple(row.get("more_guards", ())),
        effects=tuple(row.get("effects", ())) + tuple(row.get("more_effects", ())),
        reason=row.get("reason", False),
        done_by_service=row.get("done_by_service", False),
    )


def _amendment(row: Mapping[str, Any]) -> Amendment:
    return Amendment(
        guards=tuple(row.get("guards", ())) + tuple(row.get("more_guards", ())),
        of_price=tuple(row.get("of_price", ())),
        of_grant=tuple(row.get("of_grant", ())),
        effects=tuple(row.get("effects", ())),
        effects_in_force=tuple(row.get("effects_in_force", ())),
    )


def _pair(row: Mapping[str, Any]) -> Check:
    fits = {value: tuple(among) for value, among in row.get("fits", {}).items()}
    term, other = row["terms"]
    return Check(row["rule"], term, other, fits)


def _obligation(row: Mapping[str, Any]) -> Obligation:
    if row["source"] not in OBLIGATION_SOURCES:
        raise BrokenForm(f"obligation {row['kind']}: no source {row['source']}")
    return Obligation(
        kind=row["kind"],
        source=row["source"],
        terms=dict(row["terms"]),
        after=row.get("after", "effective"),
        debtor=row.get("debtor", "buyer"),
        when=condition(row.get("when")),
    )


def _duty(row: Mapping[str, Any]) -> Duty:
    return Duty(
        code=row["code"],
        names=_words(row["names"]),
        owner=row["owner"],
        after=row.get("after", "signed"),
        rule=row.get("rule"),
        optional=row.get("optional", False),
    )


def _check(form: Form) -> None:
    """Raise BrokenForm where names do not meet or a state cannot be reached or left."""
    _of(form, "contract kind", [form.contract], CONTRACT_KINDS)
    _of(form, "stage", [each.stage for each in form.states], STAGES)
    _of(form, "rule", [each.rule for each in form.checks], CHECK_RULES)
    _of(form, "layout", [each.template for each in form.papers], PAPER_LAYOUTS)
    _of(form, "clauses", form.clauses, [each.stem for each in CLAUSES.glob("*.toml")])
    _of(form, "terms", _named_terms(form), [each.code for each in form.terms])
    for term in form.terms:
        if term.type in ("choice", "many") and not term.choices:
            raise BrokenForm(f"{form.code}: term {term.code} offers no choices")
    _check_steps(form)
    _check_reach(form)


def _of(form: Form, what: str, named: Iterable[str], known: Iterable[str]) -> None:
    """Raise BrokenForm where something is named that is not known."""
    unknown = set(named) - set(known)
    if unknown:
        raise BrokenForm(f"{form.code}: no {what} {sorted(unknown)}")


def _named_terms(form: Form) -> list[str]:
    """Return the codes of terms that other parts of a form name."""
    conditions = [term.when for term in form.terms] + [each.when for each in form.obligations]
    named = [name for each in conditions if each for name in each.names()]
    named += [code for each in form.obligations for code in each.terms.values()]
    named += [code for each in form.checks for code in (each.term, each.other)]
    if form.runs:
        named += [code for code in (form.runs.months, form.runs.until) if code]
    return [*named, *form.value_terms]


def _check_steps(form: Form) -> None:
    states = {each.code for each in form.states}
    for step in form.steps:
        if step.target not in states or not set(step.by) <= set(RIGHTS):
            raise BrokenForm(f"{form.code}: step {step.name}")
    events = {"signed", "effective", *(each.name for each in form.steps)}
    waited = {each.after for each in form.obligations} | {each.after for each in form.duties}
    unknown = waited - events
    if unknown:
        raise BrokenForm(f"{form.code}: nothing called {sorted(unknown)} to wait for")


def _check_reach(form: Form) -> None:
    reached = {form.states[0].code}
    while True:
        more = {step.target for step in form.steps if set(step.sources) & reached} - reached
        if not more:
            break
        reached |= more
    lost = {each.code for each in form.states} - reached
    if lost:
        raise BrokenForm(f"{form.code}: states never reached {sorted(lost)}")
    left = {source for step in form.steps for source in step.sources}
    ends = {"completed", "terminated", "lapsed", "dropped"}
    stuck = {each.code for each in form.states if each.stage not in ends} - left
    if stuck:
        raise BrokenForm(f"{form.code}: states without a way on {sorted(stuck)}")
