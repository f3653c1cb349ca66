"""The ASGI application that uvicorn serves: pages, API and server-sent events."""

import os
from threading import Thread

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "expertsite.settings")

django_application = get_asgi_application()

from experts.providers import warm_up  # noqa: E402  (Django has to be set up first)
from expertsite.request_limit import RequestLimit  # noqa: E402  (likewise)

application = RequestLimit(django_application)

Thread(target=warm_up, name="warm-up", daemon=True).start()
