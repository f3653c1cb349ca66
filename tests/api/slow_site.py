"""The site as uvicorn serves it, with an answerer that takes its time and says when it ends."""

import os
import sys
import time
from collections.abc import Iterator
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "expertsite.settings"

from experts import providers
from tests.api.serving import SECONDS, WORDS


class SlowAnswerer:
    name = "slow"

    def answer(self, question: str, quotes: Any, **about: Any) -> Iterator[str]:
        try:
            for number in range(WORDS):
                yield f"word{number} "
                time.sleep(SECONDS)
            yield "[1]"
        finally:
            sys.stderr.write("The answerer ends.\n")


providers.IMPLEMENTATIONS["ANSWERER"]["extractive"] = f"{__name__}.SlowAnswerer"

from expertsite.asgi import application  # noqa: E402  (it loads the answerer)

__all__ = ["application"]
