"""Requests of people who are signed in."""

from django.contrib.auth.models import User
from django.http import HttpRequest


class PersonRequest(HttpRequest):
    """What a view behind `login_required` receives."""

    user: User
