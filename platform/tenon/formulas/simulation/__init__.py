"""The same result under several deal forms, side by side: who gets which cash in which year.

Pure and exact (fractions throughout, rounded by whoever shows them). The project is the same
whatever the form: the firm launches, sells and may be sold at the end; a form only says who gets
what of it. What is assumed stands in ``flows.py``; knows no database, no room and no language.
"""

from tenon.formulas.simulation.flows import Cash, cash_of, project_cash
from tenon.formulas.simulation.holdings import Stage, stages
from tenon.formulas.simulation.inputs import FORMS, PARTIES, PAY_MODES, Setting
from tenon.formulas.simulation.judging import (
    Outcome,
    cumulative,
    indifferent_sales,
    npv,
    simulate,
    stays_positive_from,
)

__all__ = [
    "FORMS",
    "PARTIES",
    "PAY_MODES",
    "Cash",
    "Outcome",
    "Setting",
    "Stage",
    "cash_of",
    "cumulative",
    "indifferent_sales",
    "npv",
    "project_cash",
    "simulate",
    "stages",
    "stays_positive_from",
]
