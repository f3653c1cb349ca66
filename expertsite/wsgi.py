"""The WSGI application, for servers that know no ASGI: live pages then poll."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "expertsite.settings")

application = get_wsgi_application()
