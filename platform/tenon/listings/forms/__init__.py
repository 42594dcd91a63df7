"""Forms of the room: they take shapes apart and put them together; services check the meaning."""

from tenon.listings.forms.experts import ClaimForm, ExpertForm
from tenon.listings.forms.listing import AchievementForm, NeedForm, form_class
from tenon.listings.forms.review import ReviewForm
from tenon.listings.forms.small import FileForm, GrantForm

__all__ = [
    "AchievementForm",
    "ClaimForm",
    "ExpertForm",
    "FileForm",
    "GrantForm",
    "NeedForm",
    "ReviewForm",
    "form_class",
]
