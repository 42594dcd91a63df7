"""Every table, imported in one place so that the metadata is complete.

Migrations and tests import this; rooms import only the models of rooms before them.
"""

from tenon.accounts import models as accounts
from tenon.credit import models as credit
from tenon.credit.statements import models as statements
from tenon.db import Base
from tenon.history import models as history
from tenon.introductions import models as introductions
from tenon.listings import models as listings
from tenon.matches import models as matches
from tenon.notices import bounce_models as bounces
from tenon.notices import models as notices
from tenon.outbox import models as outbox
from tenon.taxonomy import models as taxonomy

metadata = Base.metadata

__all__ = [
    "accounts",
    "bounces",
    "credit",
    "history",
    "introductions",
    "listings",
    "matches",
    "metadata",
    "notices",
    "outbox",
    "statements",
    "taxonomy",
]
