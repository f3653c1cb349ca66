from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("experts", "0002_passage_vectors")]

    operations = [
        migrations.AddField(
            model_name="expert",
            name="tool_id",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                help_text="At the voice vendor: the tool by which the agent searches our files.",
                max_length=128,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="expert",
            name="secret_id",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                help_text="At the voice vendor: where it keeps the secret that the tool sends.",
                max_length=128,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="conversation",
            name="call_id",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                help_text="The voice vendor's name for it, when it was spoken.",
                max_length=128,
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("call_id", ""), _negated=True),
                fields=("expert", "call_id"),
                name="call_told_once",
            ),
        ),
    ]
