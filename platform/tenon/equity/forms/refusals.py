"""Why arithmetic or law refuse what was typed, in words."""

from __future__ import annotations

from flask_babel import gettext as _


def impossible(code: str) -> str | None:
    """Return in words why arithmetic or law refuse an event; None for a foreign code."""
    known = {
        "not_founded": _("The table begins with the founding; nothing comes before it."),
        "founded_already": _("The company has been founded already."),
        "nothing_issued": _("The amounts are too small for a single unit."),
        "amount_not_positive": _("Amounts are above zero."),
        "below_par": _("That is below par, and no unit is issued below par."),
        "base_not_chosen": _("Please choose what the valuation is spread on: the prices differ."),
        "pool_timing_not_chosen": _("Please choose whom the pool dilutes: the prices differ."),
        "pool_needs_fully_diluted": _(
            "A pool inside the pre-money belongs to the units that the valuation is spread on: "
            "choose fully diluted."
        ),
        "pool_shrinks": _("The pool is larger than that already."),
        "percent_out_of_range": _("A part lies between 0 and 100 per cent."),
        "includes_not_chosen": _(
            "Of an open grant nobody has chosen whether the pre-money includes its conversion."
        ),
        "pre_money_too_small": _("The pre-money valuation does not cover what it includes."),
        "no_valuation": _("Please state a valuation above zero."),
        "above_appraisal": _("Technology is not contributed above its appraised value."),
        "team_share": _("The team's part needs somebody to hold it."),
        "not_enough_units": _("The holder does not have that many."),
        "not_enough_in_pool": _("The pool does not hold that many."),
        "nothing_moves": _("Nothing would change."),
        "nobody_left": _("Somebody must be left to hold the company."),
        "split_leaves_parts": _("Some holders would be left with parts of a unit."),
        "reserve_too_small": _("Registered capital can only grow out of the capital reserve."),
        "not_priced": _("An event rests on this one: what it priced has been converted."),
        "not_exercisable": _("That many cannot be subscribed today."),
        "not_in_part": _("The agreement knows no exercise in part: all that has vested, or none."),
        "no_fallback": _("No valuation was agreed for a conversion without a round."),
        "too_early": _("The time agreed for a round has not run out yet."),
        "first_call_open": _(
            "The holders must first say whether they take up their part of the increase: Company "
            "Law, art. 227. The step is on the deal’s page."
        ),
        "first_call_short": _(
            "The holders were asked about fewer units than this brings, or others hold units by "
            "now: ask them again. Company Law, art. 227. The step is on the deal’s page."
        ),
        "grant_open": _(
            "A part of the grant has fallen due and is not recorded as paid: record the payment, "
            "or waive it, first."
        ),
        "nothing_paid": _("Nothing of the grant has been paid, so that nothing can be repaid."),
        "not_here": _("The rules of the region close no grant without fault."),
        "in_the_future": _("That day has not come yet."),
        "other_currency": _("The deal is in another currency than the company's table."),
        "unknown_holder": _("A holder is not in the table."),
        "too_many": _("The table cannot take more holders."),
        "impossible": _("These figures do not fit together."),
    }
    found = known.get(code)
    return None if found is None else str(found)
