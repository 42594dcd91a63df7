"""The room's blueprint, on which its view modules hang their pages."""

from flask import Blueprint

matches = Blueprint("matches", __name__)
