"""The words of passages, kept so that BM25 reads only what a question asks for.

A segment is a run of one file's passages; a posting says which of them hold a lexeme. One row
holds all of a lexeme's passages in a segment: a row for each passage would take ten times the
room of the text itself.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from experts.models.passage import Passage
from experts.models.source_file import SourceFile


class PostingSegment(models.Model):
    """Up to SIZE passages of a file, indexed in one statement: there, or not there, as a whole.

    It goes with its first passage, so passages made anew are indexed anew.
    """

    SIZE = 1000

    source_file = models.ForeignKey(
        SourceFile, on_delete=models.CASCADE, related_name="posting_segments"
    )
    first_passage = models.OneToOneField(
        Passage, on_delete=models.CASCADE, related_name="opened_segment"
    )
    passages = models.PositiveIntegerField(help_text="How many passages it covers.")
    length = models.PositiveBigIntegerField(help_text="Lexemes in all of them, with repetitions.")

    def __str__(self) -> str:
        return f"{self.source_file_id}, {self.passages} passages"


class Posting(models.Model):
    """A lexeme in a segment; the arrays run in parallel, one element a passage.

    `passage_count` is their length, stored so that a search skips common words unread.
    """

    pk = models.CompositePrimaryKey("segment_id", "lexeme")
    segment = models.ForeignKey(
        PostingSegment, on_delete=models.CASCADE, related_name="postings", db_index=False
    )
    lexeme = models.TextField(db_collation="C")
    passage_count = models.PositiveIntegerField()
    passage_ids = ArrayField(models.BigIntegerField())
    frequencies = ArrayField(models.PositiveSmallIntegerField(), help_text="In each passage.")
    lengths = ArrayField(models.PositiveIntegerField(), help_text="Lexemes of each passage.")

    def __str__(self) -> str:
        return f"{self.lexeme} in {self.passage_count} passages"
