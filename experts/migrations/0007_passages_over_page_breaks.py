from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("experts", "0006_talks_in_the_ledger"),
    ]

    operations = [
        migrations.AddField(
            model_name="passage",
            name="next_end",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="passage",
            name="next_start",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Where it goes on in the next page's text, if it does.",
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="passage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("next_end", None), ("next_start", None)),
                    models.Q(
                        ("next_end__gt", models.F("next_start")),
                        ("next_end__isnull", False),
                        ("next_start__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="passage_goes_on_somewhere",
            ),
        ),
    ]
