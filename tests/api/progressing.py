"""What a worker does to an expert's progress, and who listens for it."""

from django.db import connection

from experts.announcements import announce
from experts.models import Expert, ExpertProcessingProgress

LISTENING = """
FROM pg_stat_activity
WHERE query = 'LISTEN expert_progress' AND datname = current_database()
"""


def advance(expert: Expert, percentage: int) -> None:
    """Write the progress, and say so after the commit."""
    ExpertProcessingProgress.objects.filter(expert=expert).update(
        status="processing", stage="extracting_text", progress_percentage=percentage
    )
    announce(expert.pk)


def listeners() -> int:
    """How many connections listen for progress."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {LISTENING}")
        return int(cursor.fetchone()[0])


def cut_listeners() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_terminate_backend(pid) {LISTENING}")
