"""Limits on how often one address may do what is costly or tempting.

In one process the counts live in memory; with Redis they are shared by all.
"""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from tenon.settings import Settings
from tenon.web.requests import current_actor

BOX = "30 per minute; 600 per day"
SIGN_IN = "10 per minute; 100 per hour"
UPLOAD = "20 per hour"
WRITE = "60 per minute"
ASK = "40 per day"


def _who() -> str:
    actor = current_actor()
    return f"user:{actor.user_id}" if actor.signed_in else get_remote_address()


limiter = Limiter(key_func=_who, strategy="moving-window")


def install(app: Flask, settings: Settings) -> None:
    """Attach the limiter; its storage is Redis where that is set."""
    app.config["RATELIMIT_STORAGE_URI"] = settings.redis_url or "memory://"
    app.config["RATELIMIT_ENABLED"] = settings.rate_limits
    app.config["RATELIMIT_HEADERS_ENABLED"] = True
    limiter.init_app(app)
