"""What gunicorn and waitress serve: ``tenon.wsgi:app``."""

from tenon import settings
from tenon.app import create_app
from tenon.collector import leave_alone_what_stays

app = create_app(settings.load())
leave_alone_what_stays()
