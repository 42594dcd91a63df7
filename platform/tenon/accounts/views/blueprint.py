"""The room's blueprint, apart so that each file of pages can add to it."""

from flask import Blueprint

accounts = Blueprint("accounts", __name__)
