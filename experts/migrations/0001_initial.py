import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import queueing.identifiers


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Expert",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=queueing.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("description", models.TextField(blank=True, max_length=1000)),
                ("persona", models.TextField(blank=True, max_length=8000)),
                ("first_message", models.TextField(blank=True, max_length=1000)),
                ("language", models.CharField(default="en", max_length=12)),
                ("voice_id", models.CharField(blank=True, max_length=64)),
                ("avatar", models.ImageField(blank=True, upload_to="avatars/")),
                ("agent_id", models.CharField(blank=True, editable=False, max_length=128)),
                (
                    "agent_status",
                    models.CharField(
                        choices=[("pending", "Pending"), ("ready", "Ready"), ("failed", "Failed")],
                        default="pending",
                        editable=False,
                        max_length=8,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="experts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Passage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "ordinal",
                    models.PositiveIntegerField(help_text="From 0, through the whole file."),
                ),
                ("page", models.PositiveIntegerField()),
                ("location", models.CharField(max_length=200)),
                (
                    "start",
                    models.PositiveIntegerField(help_text="Characters into the page's text."),
                ),
                ("end", models.PositiveIntegerField()),
                ("text", models.TextField()),
            ],
            options={
                "ordering": ["source_file", "ordinal"],
            },
        ),
        migrations.CreateModel(
            name="Conversation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=queueing.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conversations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conversations",
                        to="experts.expert",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=queueing.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("person", "Person"), ("expert", "Expert")], max_length=6
                    ),
                ),
                ("text", models.TextField()),
                (
                    "grounded",
                    models.BooleanField(
                        default=False, help_text="Whether the files hold the answer."
                    ),
                ),
                (
                    "citations",
                    models.JSONField(
                        default=list,
                        help_text="A list of {number, passage_id, file_id, file_name, page, text}.",
                    ),
                ),
                (
                    "notice",
                    models.TextField(
                        blank=True, help_text="What went amiss while it was answered."
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="experts.conversation",
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="StoredVector",
            fields=[
                (
                    "passage",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="stored_vector",
                        serialize=False,
                        to="experts.passage",
                    ),
                ),
                (
                    "store",
                    models.CharField(
                        help_text='Vendor and index: "pinecone:experts".', max_length=80
                    ),
                ),
                ("embedding_model", models.CharField(max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name="PostingSegment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("passages", models.PositiveIntegerField(help_text="How many passages it covers.")),
                (
                    "length",
                    models.PositiveBigIntegerField(
                        help_text="Lexemes in all of them, with repetitions."
                    ),
                ),
                (
                    "first_passage",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="opened_segment",
                        to="experts.passage",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "segment_id",
                        "lexeme",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("lexeme", models.TextField(db_collation="C")),
                ("passage_count", models.PositiveIntegerField()),
                (
                    "passage_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                (
                    "frequencies",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(),
                        help_text="In each passage.",
                        size=None,
                    ),
                ),
                (
                    "lengths",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(),
                        help_text="Lexemes of each passage.",
                        size=None,
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="postings",
                        to="experts.postingsegment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SourceFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=queueing.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("file", models.FileField(max_length=255, upload_to="files/%Y/%m/")),
                ("name", models.CharField(max_length=255)),
                ("size", models.BigIntegerField(help_text="Bytes.")),
                ("media_type", models.CharField(max_length=100)),
                ("sha256", models.CharField(max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("extracting", "Extracting"),
                            ("embedding", "Embedding"),
                            ("ready", "Ready"),
                            ("no_text", "No Text"),
                            ("failed", "Failed"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                (
                    "pages",
                    models.PositiveIntegerField(
                        help_text="Unknown until the file is opened.", null=True
                    ),
                ),
                ("pages_read", models.PositiveIntegerField(default=0)),
                ("error_code", models.CharField(blank=True, max_length=32)),
                ("error_message", models.TextField(blank=True)),
                (
                    "warnings",
                    models.JSONField(default=list, help_text="A list of {code, message, pages}."),
                ),
                ("embedding_model", models.CharField(blank=True, max_length=100)),
                (
                    "reader_id",
                    models.UUIDField(
                        editable=False, help_text="The task that reads it.", null=True
                    ),
                ),
                ("reader_attempt", models.PositiveIntegerField(editable=False, null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="source_files",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="postingsegment",
            name="source_file",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="posting_segments",
                to="experts.sourcefile",
            ),
        ),
        migrations.AddField(
            model_name="passage",
            name="source_file",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="passages",
                to="experts.sourcefile",
            ),
        ),
        migrations.CreateModel(
            name="ExpertFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ordinal", models.PositiveIntegerField()),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="selections",
                        to="experts.expert",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="selections",
                        to="experts.sourcefile",
                    ),
                ),
            ],
            options={
                "ordering": ["ordinal"],
            },
        ),
        migrations.AddField(
            model_name="expert",
            name="files",
            field=models.ManyToManyField(
                blank=True,
                related_name="experts",
                through="experts.ExpertFile",
                to="experts.sourcefile",
            ),
        ),
        migrations.CreateModel(
            name="SourcePage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.PositiveIntegerField(
                        help_text="From 1; unpaged formats count sections."
                    ),
                ),
                ("location", models.CharField(help_text='For a person: "Page 3".', max_length=200)),
                (
                    "condition",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("blank", "Blank"),
                            ("no_text", "No Text"),
                            ("garbled", "Garbled"),
                        ],
                        default="text",
                        max_length=8,
                    ),
                ),
                (
                    "scanned",
                    models.BooleanField(
                        default=False, help_text="Without text, but with a picture."
                    ),
                ),
                ("text", models.TextField(blank=True)),
                (
                    "source_file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="source_pages",
                        to="experts.sourcefile",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="ExpertProcessingProgress",
            fields=[
                (
                    "expert",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="progress",
                        serialize=False,
                        to="experts.expert",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("file_processing", "File Processing"),
                            ("extracting_text", "Extracting Text"),
                            ("generating_embeddings", "Generating Embeddings"),
                            ("storing_vectors", "Storing Vectors"),
                            ("completed", "Completed"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=24,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("processing", "Processing"),
                            ("completed", "Completed"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("progress_percentage", models.PositiveSmallIntegerField(default=0)),
                ("task_id", models.UUIDField(db_index=True, null=True)),
                ("details", models.JSONField(default=dict)),
                (
                    "first_completed_at",
                    models.DateTimeField(help_text="Since when it can be talked to.", null=True),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "db_table": "expert_processing_progress",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("progress_percentage__range", (0, 100))),
                        name="progress_is_a_percentage",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("progress_percentage", 100), _negated=True),
                            ("status", "completed"),
                            _connector="OR",
                        ),
                        name="progress_100_only_when_completed",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="sourcefile",
            index=models.Index(
                models.F("owner"),
                models.OrderBy(models.F("created_at"), descending=True),
                name="file_of_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcefile",
            constraint=models.UniqueConstraint(
                fields=("owner", "sha256"), name="same_bytes_same_file"
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcefile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        ["pending", "extracting", "embedding", "ready", "no_text", "failed"],
                    )
                ),
                name="file_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="passage",
            constraint=models.UniqueConstraint(
                fields=("source_file", "ordinal"), name="passage_stored_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="expertfile",
            constraint=models.UniqueConstraint(
                fields=("expert", "file"), name="file_selected_once"
            ),
        ),
        migrations.AddIndex(
            model_name="expert",
            index=models.Index(
                models.F("owner"),
                models.OrderBy(models.F("created_at"), descending=True),
                name="expert_of_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcepage",
            constraint=models.UniqueConstraint(
                fields=("source_file", "number"), name="page_read_once"
            ),
        ),
    ]
