"""`manage.py create_api_token`: a token for a program, alone on one line of the output."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from experts.tokens import create_token


class Command(BaseCommand):
    help = "Print a new API token of an account. It is shown this once and stored hashed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--create-user", action="store_true", help="make the account if there is none"
        )

    def handle(self, *, username: str, create_user: bool, **options: Any) -> None:
        users = get_user_model().objects
        user = users.filter(username=username).first()
        if user is None and create_user:
            user = users.create_user(username)
            self.stderr.write(f"Created the account {username}, which has no password yet.")
        if user is None:
            raise CommandError(f'There is no account "{username}". Add --create-user to make one.')
        self.stdout.write(create_token(user))
