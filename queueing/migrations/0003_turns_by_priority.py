"""An owner's latest turn is looked up among the tasks of one priority."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("queueing", "0002_table_settings")]
    operations = [
        migrations.RemoveIndex("processingtask", "task_of_owner"),
        migrations.AddIndex(
            "processingtask",
            models.Index(
                "owner_id",
                "priority",
                "turn",
                condition=models.Q(
                    ("owner_id__isnull", False), ("status__in", ["queued", "processing"])
                ),
                name="task_of_owner",
            ),
        ),
    ]
