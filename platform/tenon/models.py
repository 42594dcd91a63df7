"""Every table, imported in one place so that the metadata is complete.

Migrations and tests import this; rooms import only the models of rooms before them.
"""

from tenon.accounts import models as accounts
from tenon.commissions import models as commissions
from tenon.compliance import models as compliance
from tenon.credit import models as credit
from tenon.credit.statements import models as statements
from tenon.db import Base
from tenon.deals import models as deals
from tenon.desk import models as desk
from tenon.equity import models as equity
from tenon.events import models as events
from tenon.figures import models as figures
from tenon.history import models as history
from tenon.insight import models as insight
from tenon.insight.reports import models as insight_reports
from tenon.introductions import models as introductions
from tenon.ledger import models as ledger
from tenon.listings import models as listings
from tenon.matches import models as matches
from tenon.network import models as network
from tenon.notices import bounce_models as bounces
from tenon.notices import models as notices
from tenon.outbox import models as outbox
from tenon.payments import models as payments
from tenon.payments.reports import models as use_reports
from tenon.rights import models as rights
from tenon.routing import models as routing
from tenon.rules import models as rules
from tenon.searches import models as searches
from tenon.sharing import models as sharing
from tenon.simulations import models as simulations
from tenon.taxonomy import models as taxonomy
from tenon.trials import models as trials

metadata = Base.metadata

__all__ = [
    "accounts",
    "bounces",
    "commissions",
    "compliance",
    "credit",
    "deals",
    "desk",
    "equity",
    "events",
    "figures",
    "history",
    "insight",
    "insight_reports",
    "introductions",
    "ledger",
    "listings",
    "matches",
    "metadata",
    "network",
    "notices",
    "outbox",
    "payments",
    "rights",
    "routing",
    "rules",
    "searches",
    "sharing",
    "simulations",
    "statements",
    "taxonomy",
    "trials",
    "use_reports",
]
