"""How long a vendor is waited for: short troubles are waited out, long ones go to the caller."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from experts.providers.base import PausedError, ProviderError
from experts.providers.vendor import SilenceError

Result = TypeVar("Result")

ATTEMPTS = 3
FIRST_PAUSE = 0.5  # seconds; the second is twice as long
PATIENCE = 2.0  # seconds; of a longer pause the caller learns, so that it can be shown


def with_retries(call: Callable[[], Result], *, attempts: int = ATTEMPTS) -> Result:
    """Call, and again after a short trouble. Only for what may be repeated.

    Raises the last ProviderError; at once when it is permanent, or was or asks for a long wait.
    """
    for attempt in range(1, attempts):
        try:
            return call()
        except ProviderError as error:
            if not is_short(error):
                raise
            jitter = random.uniform(0.5, 1)  # noqa: S311  not a secret
            time.sleep(error.retry_after or FIRST_PAUSE * attempt * jitter)
    return call()


def is_short(error: ProviderError) -> bool:
    """Whether it may be over in a moment. A pause is everyone's: `paced` sees to it."""
    lasting = error.permanent or isinstance(error, SilenceError | PausedError)
    return not lasting and (error.retry_after or 0) <= PATIENCE
