"""The product's own settings, with data of the tests' own and passwords hashed quickly."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

os.environ["ENV_FILE"] = os.devnull  # somebody's .env may hold real keys
os.environ["DEBUG"] = "1"
os.environ["EXPERTSITE_DATA_DIR"] = os.environ.get("EXPERTSITE_TEST_DATA_DIR", "var/test")
for name in list(os.environ):
    if name.startswith(("OPENAI_", "PINECONE_", "ELEVENLABS_", "AWS_")):
        del os.environ[name]

from expertsite.settings import *  # noqa: F403, E402  (the environment must be set before)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SCRATCH = Path(tempfile.mkdtemp(prefix="expertsite-tests-"))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)
MEDIA_ROOT = SCRATCH / "uploads"
STATIC_ROOT = SCRATCH / "static"
STATIC_ROOT.mkdir()  # ServeStatic warns without one
SERVESTATIC_USE_FINDERS = False  # each test client would list all static files, which takes 20 ms
