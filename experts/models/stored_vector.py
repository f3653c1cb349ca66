"""Which passages have a vector in a store outside PostgreSQL."""

from django.db import models

from experts.models.passage import Passage


class StoredVector(models.Model):
    """The note that a store took a passage's vector.

    Such a store shows a write only seconds later, so asking it what is missing would embed and
    pay for the newest passages twice. The note is written once the store has said yes.
    """

    passage = models.OneToOneField(
        Passage, on_delete=models.CASCADE, primary_key=True, related_name="stored_vector"
    )
    store = models.CharField(max_length=80, help_text='Vendor and index: "pinecone:experts".')
    embedding_model = models.CharField(max_length=100)

    def __str__(self) -> str:
        return f"{self.passage_id} by {self.embedding_model} in {self.store}"
