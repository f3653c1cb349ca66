"""The queue, an app with tasks, a database: there is no more to installing it."""

import json
import os

SECRET_KEY = "not secret"
INSTALLED_APPS = ["queueing", "tests.queueing.project"]
DATABASES = {"default": json.loads(os.environ["QUEUE_TEST_DATABASE"])}
