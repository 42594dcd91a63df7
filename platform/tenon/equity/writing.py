"""Events as the JSON that rows and chains keep, and back.

Fractions are texts such as ``3/2``, days ISO dates, amounts integer minor units. Holders are their
keys, so that no fact names a person. Knows no database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from tenon.formulas import equity as eq

JsonFacts = Mapping[str, Any]


def read_event(kind: str, day: date, facts: JsonFacts) -> eq.Event:
    """Return the event that facts tell of; raises KeyError or ValueError for what is none."""
    return _READERS[kind](day, facts)


def payments_json(payments: Sequence[eq.Cash | eq.Technology]) -> list[dict[str, Any]]:
    """Return contributions as JSON."""
    return [_payment_json(payment) for payment in payments]


def right_json(key: str, right: eq.Right) -> dict[str, Any]:
    """Return a subscription right as JSON."""
    return {
        "key": key,
        "holder": right.holder,
        "amount": str(right.amount),
        "strike": str(right.strike),
        "expires_on": right.expires_on.isoformat(),
        "vesting": [[day.isoformat(), str(part)] for day, part in right.vesting],
        "adjustment": right.adjustment,
    }


def grant_json(key: str, grant: eq.Grant) -> dict[str, Any]:
    """Return a grant as JSON."""
    return {
        "key": key,
        "holder": grant.holder,
        "amount": grant.amount,
        "discount": str(grant.discount),
        "cap": None if grant.cap is None else str(grant.cap),
        "limit": None if grant.limit is None else str(grant.limit),
        "includes": grant.includes,
    }


def result_json(step: eq.Step) -> list[dict[str, Any]]:
    """Return who got which units for what, as it is kept with the event."""
    return [
        {
            "holder": line.holder,
            "what": line.what,
            "amount": line.amount,
            "units": line.units,
            "price": str(line.price),
            "residue": str(line.residue),
        }
        for line in step.lines
    ]


def holders_in(facts: JsonFacts) -> set[str]:
    """Return the keys of all holders that facts name."""
    found = {facts[name] for name in ("holder", "seller", "buyer") if name in facts}
    for payment in facts.get("payments", ()):
        found |= {payment[name] for name in ("holder", "institution") if name in payment}
        found |= {key for key, _ in payment.get("team", ())}
    return found


def _part(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def _payment_json(payment: eq.Cash | eq.Technology) -> dict[str, Any]:
    if isinstance(payment, eq.Cash):
        return {"holder": payment.holder, "amount": payment.amount}
    return {
        "institution": payment.institution,
        "value": payment.value,
        "team_share": str(payment.team_share),
        "team": [[holder, str(weight)] for holder, weight in payment.team],
        "appraised": payment.appraised,
    }


def _payments(facts: JsonFacts) -> tuple[eq.Cash | eq.Technology, ...]:
    return tuple(_payment(each) for each in facts["payments"])


def _payment(facts: JsonFacts) -> eq.Cash | eq.Technology:
    if "holder" in facts:
        return eq.Cash(facts["holder"], facts["amount"])
    return eq.Technology(
        institution=facts["institution"],
        value=facts["value"],
        team_share=Fraction(facts["team_share"]),
        team=tuple((holder, Fraction(weight)) for holder, weight in facts["team"]),
        appraised=facts["appraised"],
    )


def _incorporation(day: date, facts: JsonFacts) -> eq.Event:
    price = facts.get("price")
    return eq.Incorporation(day, _payments(facts), None if price is None else Fraction(price))


def _round(day: date, facts: JsonFacts) -> eq.Event:
    pool = facts.get("pool")
    return eq.Round(
        on=day,
        payments=_payments(facts),
        pre_money=facts["pre_money"],
        base=facts["base"],
        pool=None if pool is None else eq.PoolTerms(Fraction(pool["percent"]), pool["timing"]),
        converting=tuple(facts.get("converting", ())),
        pricing=tuple(facts.get("pricing", ())),
    )


def _right(day: date, facts: JsonFacts) -> eq.Event:
    vesting = tuple((date.fromisoformat(on), Fraction(part)) for on, part in facts["vesting"])
    right = eq.Right(
        holder=facts["holder"],
        amount=Fraction(facts["amount"]),
        strike=Fraction(facts["strike"]),
        granted_on=day,
        expires_on=date.fromisoformat(facts["expires_on"]),
        vesting=vesting,
        adjustment=facts["adjustment"],
    )
    return eq.RightGranted(day, facts["key"], right)


def _grant(day: date, facts: JsonFacts) -> eq.Event:
    grant = eq.Grant(
        holder=facts["holder"],
        amount=facts["amount"],
        granted_on=day,
        discount=Fraction(facts["discount"]),
        cap=_part(facts["cap"]),
        includes=facts["includes"],
        limit=_part(facts["limit"]),
    )
    return eq.GrantMade(day, facts["key"], grant)


_READERS: dict[str, Callable[[date, JsonFacts], eq.Event]] = {
    "incorporation": _incorporation,
    "contribution": _round,
    "round": _round,
    "pool": lambda day, facts: eq.Pool(day, Fraction(facts["percent"])),
    "pool_issued": lambda day, f: eq.PoolIssued(day, f["holder"], f["units"], f["paid"]),
    "right_granted": _right,
    "exercise": lambda day, facts: eq.Exercise(day, facts["key"], facts["units"]),
    "right_lapsed": lambda day, facts: eq.RightLapsed(day, facts["key"]),
    "grant_made": _grant,
    "conversion": lambda day, facts: eq.Conversion(day, facts["key"], _part(facts.get("price"))),
    "grant_closed": lambda day, facts: eq.GrantClosed(day, facts["key"], facts["outcome"]),
    "transfer": lambda day, f: eq.Transfer(day, f["seller"], f["buyer"], f["units"]),
    "repurchase": lambda day, f: eq.Repurchase(day, f["holder"], f["units"], f["paid"]),
    "split": lambda day, facts: eq.Split(day, Fraction(facts["ratio"])),
}
