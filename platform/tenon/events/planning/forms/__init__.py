"""What organisers fill in; each form reads itself into what a verb of the room takes."""

from tenon.events.planning.forms.basics import BasicsForm, LimitsForm, TextsForm
from tenon.events.planning.forms.days import DaysForm
from tenon.events.planning.forms.groups import GroupsForm
from tenon.events.planning.forms.interpreting import InterpretersForm
from tenon.events.planning.forms.outline import OutlineForm
from tenon.events.planning.forms.places import ClosuresForm, MapForm, RoomsForm
from tenon.events.planning.forms.programme import SessionForm
from tenon.events.planning.forms.stepping import CallOffForm, StepForm

__all__ = [
    "BasicsForm",
    "CallOffForm",
    "ClosuresForm",
    "DaysForm",
    "GroupsForm",
    "InterpretersForm",
    "LimitsForm",
    "MapForm",
    "OutlineForm",
    "RoomsForm",
    "SessionForm",
    "StepForm",
    "TextsForm",
]
