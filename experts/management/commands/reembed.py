"""`manage.py reembed`: move every file to the embedder and the vector store chosen now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from experts.housekeeping import move_later
from experts.operations.reembedding import moves
from experts.providers import get_embedder
from experts.providers.base import ProviderError


class Command(BaseCommand):
    help = (
        "Queue every file that the current embedder has not embedded, or the current vector store"
        " does not hold. Experts keep answering meanwhile. Can be repeated at any time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what there is to do")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        files = passages = tokens = 0
        try:
            for move in moves():
                files, passages = files + 1, passages + move.passages
                tokens += move.tokens
                if not dry_run:
                    move_later(move.file)
            name = get_embedder().name
        except ProviderError as error:
            raise CommandError(str(error)) from error
        if not files:
            self.stdout.write(f"Every file is embedded by {name}.")
            return
        verb = "To move" if dry_run else "Queued"
        self.stdout.write(
            f"{verb}: {files:,} files with {passages:,} passages, about {tokens:,} tokens,"
            f" to {name}."
        )
