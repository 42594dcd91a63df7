"""What gunicorn and waitress serve: ``tenon.wsgi:app``."""

from tenon import settings
from tenon.app import create_app

app = create_app(settings.load())
