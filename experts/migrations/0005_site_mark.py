"""Lets a site tell what it keeps at vendors from what another keeps there."""

from secrets import token_hex

from django.db import migrations, models

import experts.models.places


def draw_the_mark(apps, schema_editor):
    apps.get_model("experts", "Site").objects.create(only=True, mark=token_hex(4))


class Migration(migrations.Migration):
    dependencies = [("experts", "0004_vendors")]

    operations = [
        migrations.CreateModel(
            name="Site",
            fields=[
                ("only", models.BooleanField(default=True, primary_key=True, serialize=False)),
                (
                    "mark",
                    models.CharField(
                        help_text="Eight hexadecimal digits, by chance.", max_length=8
                    ),
                ),
                (
                    "home",
                    models.URLField(
                        blank=True,
                        help_text="PUBLIC_URL of the site whose orphans may be removed.",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("only", True)), name="one_site_only")
                ],
            },
        ),
        migrations.RunPython(draw_the_mark, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="expert",
            name="avatar",
            field=models.ImageField(blank=True, upload_to=experts.models.places.place_of_avatar),
        ),
        migrations.AlterField(
            model_name="sourcefile",
            name="file",
            field=models.FileField(max_length=255, upload_to=experts.models.places.place_of_file),
        ),
    ]
