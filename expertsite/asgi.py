"""The ASGI application that uvicorn serves: pages, API and server-sent events."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "expertsite.settings")

application = get_asgi_application()
