import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [
        ("experts", "0003_spoken"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="VendorBucket",
            fields=[
                ("vendor", models.CharField(max_length=200, primary_key=True, serialize=False)),
                (
                    "turn_at",
                    models.DateTimeField(
                        db_default=Now(), help_text="When the last who asked may call."
                    ),
                ),
                ("booked_until", models.DateTimeField(db_default=Now())),
                (
                    "closed_until",
                    models.DateTimeField(
                        db_default=Now(), help_text="The vendor asked everyone to wait until then."
                    ),
                ),
            ],
            options={"verbose_name": "rate limit"},
        ),
        migrations.CreateModel(
            name="VendorUsage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("expert_id", models.UUIDField(db_index=True, null=True)),
                ("file_id", models.UUIDField(null=True)),
                ("vendor", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("embedding", "Embedding"),
                            ("search", "Search"),
                            ("chat", "Chat"),
                        ],
                        max_length=10,
                    ),
                ),
                ("model", models.CharField(max_length=100)),
                ("calls", models.PositiveIntegerField(default=1)),
                ("tokens_in", models.PositiveBigIntegerField(default=0)),
                ("tokens_out", models.PositiveBigIntegerField(default=0)),
                (
                    "estimated",
                    models.BooleanField(
                        default=False,
                        help_text="The vendor did not say; counted from the text.",
                    ),
                ),
                ("at", models.DateTimeField(db_default=Now(), db_index=True)),
                (
                    "owner",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "usage",
                "verbose_name_plural": "usage",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(kind__in=["embedding", "search", "chat"]),
                        name="usage_kind_known",
                    )
                ],
            },
        ),
    ]
