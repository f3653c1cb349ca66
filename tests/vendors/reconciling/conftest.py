"""An expert on vendors, to be compared with the database."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from experts.models import Expert
from queueing.testing import drain
from tests.vendors.learnt import expert_over, read_file
from tests.vendors.standin import StandIn


@pytest.fixture
def expert(vendors: StandIn, alice: User, settings: Settings, tmp_path: Path) -> Expert:
    """Ready and settled, on vendors; its files lie in a directory of the test's own."""
    settings.MEDIA_ROOT = tmp_path
    expert = expert_over(read_file(alice, "The garden opens at nine.", "It closes at six."))
    drain(skip_delays=True)
    return expert
