"""The room's one blueprint."""

from flask import Blueprint

trials = Blueprint("trials", __name__, url_prefix="/deals")
