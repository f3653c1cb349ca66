"""One condition less to read for each statement: no status but those that have a time, or none."""

from django.db import migrations, models
from django.db.models import Case, Q, When


class Migration(migrations.Migration):
    dependencies = [("queueing", "0005_tally")]
    operations = [
        migrations.RemoveConstraint("processingtask", "task_status_is_known"),
        migrations.RemoveConstraint("processingtask", "task_completed_iff_finished"),
        migrations.AddConstraint(
            "processingtask",
            models.CheckConstraint(
                condition=Case(
                    When(completed_at=None, then=Q(status__in=["queued", "processing"])),
                    default=Q(status__in=["completed", "failed", "cancelled"]),
                    output_field=models.BooleanField(),
                ),
                name="task_completed_iff_finished",
            ),
        ),
    ]
