"""Lets the ledger hold talks, which are billed by their length."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("experts", "0005_site_mark")]

    operations = [
        migrations.RemoveConstraint(model_name="vendorusage", name="usage_kind_known"),
        migrations.AlterField(
            model_name="vendorusage",
            name="kind",
            field=models.CharField(
                choices=[
                    ("embedding", "Embedding"),
                    ("search", "Search"),
                    ("chat", "Chat"),
                    ("talk", "Talk"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="vendorusage",
            name="seconds",
            field=models.PositiveIntegerField(default=0, help_text="How long a talk was."),
        ),
        migrations.AddConstraint(
            model_name="vendorusage",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["embedding", "search", "chat", "talk"])),
                name="usage_kind_known",
            ),
        ),
    ]
