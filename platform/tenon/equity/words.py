"""What codes of this room are called: events, states, kinds; marked for translation."""

from __future__ import annotations

from collections.abc import Mapping

from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

EVENTS: Mapping[str, str] = {
    "incorporation": N_("Founding"),
    "contribution": N_("Contribution of technology"),
    "round": N_("Financing round"),
    "pool": N_("Option pool"),
    "pool_issued": N_("Options issued from the pool"),
    "right_granted": N_("Subscription right granted"),
    "exercise": N_("Subscription right exercised"),
    "right_lapsed": N_("Subscription right lapsed"),
    "grant_made": N_("Grant that may convert"),
    "conversion": N_("Grant converted"),
    "grant_closed": N_("Grant ended without conversion"),
    "transfer": N_("Transfer between holders"),
    "repurchase": N_("Repurchase"),
    "split": N_("Split, or reserve turned into capital"),
    "strike": N_("Correction"),
}

STATES: Mapping[str, str] = {
    "granted": N_("Granted, not vested or converted yet"),
    "vested": N_("Vested"),
    "exercised_in_part": N_("Exercised in part"),
    "exercised": N_("Exercised"),
    "lapsed": N_("Lapsed"),
    "conversion_proposed": N_("Conversion proposed"),
    "converted": N_("Converted"),
    "repaid": N_("Repaid"),
    "closed": N_("Closed without fault"),
    "terminated": N_("Ended with its deal"),
}

KINDS: Mapping[str, str] = {
    "limited": N_("Limited company"),
    "joint_stock": N_("Joint-stock company"),
}

AGREEMENTS: Mapping[str, str] = {
    "subscription": N_("Share subscription agreement"),
    "grant": N_("Invest then equity"),
}

PROPOSALS: Mapping[str, str] = {
    "exercise": N_("Exercise"),
    "conversion": N_("Conversion"),
    "repaid": N_("Repayment of the grant"),
    "closed": N_("Closing without fault"),
}

LINES: Mapping[str, str] = {
    "cash": N_("Cash"),
    "technology": N_("Technology"),
    "team": N_("Technology, the team's part"),
    "conversion": N_("Conversion of a grant"),
    "exercise": N_("Exercise of a right"),
    "pool": N_("From the option pool"),
}

ADJUSTMENTS: Mapping[str, str] = {
    "none": N_("No adjustment"),
    "full_ratchet": N_("Full ratchet"),
    "weighted_average": N_("Weighted average"),
}

ANSWERS: Mapping[str, str] = {
    "takes_up": N_("Takes up its part"),
    "waives": N_("Waives"),
}

HOLDERS: Mapping[str, str] = {
    "organisation": N_("Organisation"),
    "team": N_("Team"),
    "person": N_("Person"),
    "other": N_("Another holder"),
}
