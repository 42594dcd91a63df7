"""What people fill in: a company, its events, an appraisal, answers, an exercise; and what-if."""

from tenon.equity.forms.events import FORMS, EventForm
from tenon.equity.forms.reading import RoomForm, read_minor, read_number, read_units
from tenon.equity.forms.steps import (
    AppraisalForm,
    ArticlesForm,
    AskForm,
    CompanyForm,
    ExerciseForm,
    FirstCallForm,
    StrikeForm,
    WhatIfForm,
)

__all__ = [
    "FORMS",
    "AppraisalForm",
    "ArticlesForm",
    "AskForm",
    "CompanyForm",
    "EventForm",
    "ExerciseForm",
    "FirstCallForm",
    "RoomForm",
    "StrikeForm",
    "WhatIfForm",
    "read_minor",
    "read_number",
    "read_units",
]
