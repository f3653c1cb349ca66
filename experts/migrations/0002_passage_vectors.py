from django.db import migrations, models
from pgvector.django import VectorField

# Where Pinecone holds the vectors, the server need not have pgvector. The table is there all
# the same, so that deleting a file means the same statements everywhere; it stays empty.
ADD_EMBEDDING = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector') THEN
        CREATE EXTENSION IF NOT EXISTS vector;
        ALTER TABLE experts_passagevector ADD COLUMN embedding vector NOT NULL;
    ELSE
        ALTER TABLE experts_passagevector ADD COLUMN embedding real[] NOT NULL;
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("experts", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="PassageVector",
            fields=[
                (
                    "passage",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        primary_key=True,
                        related_name="vector",
                        serialize=False,
                        to="experts.passage",
                    ),
                ),
                ("embedding_model", models.CharField(max_length=100)),
                (
                    "source_file",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="+", to="experts.sourcefile"
                    ),
                ),
            ],
        ),
        migrations.RunSQL(
            ADD_EMBEDDING,
            reverse_sql="ALTER TABLE experts_passagevector DROP COLUMN embedding",
            state_operations=[
                migrations.AddField(
                    model_name="passagevector", name="embedding", field=VectorField()
                )
            ],
        ),
    ]
