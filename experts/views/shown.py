"""Experts, files and answers as templates want them: facts of rows put into words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from experts.extraction.formats import PIECES
from experts.models import Expert, Message, SourceFile, SourcePage
from experts.progress import progress_of_many
from experts.views.phrases import counted, warning_in_words
from experts.views.wording import StateWords, in_words

HUES = 8  # as many as app.css has colours for initials
FILE_STATES = {
    SourceFile.Status.PENDING: ("idle", "Not read yet"),
    SourceFile.Status.EXTRACTING: ("working", "Extracting text…"),
    SourceFile.Status.EMBEDDING: ("working", "Generating embeddings…"),
    SourceFile.Status.READY: ("ready", "Ready"),
    SourceFile.Status.NO_TEXT: ("failed", "No text"),
    SourceFile.Status.FAILED: ("failed", "Failed"),
}
WITHOUT_TEXT = {
    SourcePage.Condition.TEXT: "This page is blank.",
    SourcePage.Condition.BLANK: "This page is blank.",
    SourcePage.Condition.NO_TEXT: "This page has no text: it is a picture.",
    SourcePage.Condition.GARBLED: "The text of this page cannot be read: its letters are garbled.",
}


@dataclass(frozen=True)
class ShownExpert:
    """An expert with its state in words; `processing` names the task that the state is of."""

    expert: Expert
    state: StateWords
    can_chat: bool
    processing: str | None

    @property
    def hue(self) -> int:
        """A colour for the initials that stays with the name."""
        return sum(self.expert.name.encode()) % HUES


def show_expert(expert: Expert, progress: dict[str, Any]) -> ShownExpert:
    can_chat = expert.is_ready or progress["status"] == "completed"
    return ShownExpert(expert, in_words(progress), can_chat, progress["task_id"])


def show_experts(experts: Iterable[Expert]) -> list[ShownExpert]:
    """In a number of queries that does not grow; the experts' progress is selected already."""
    experts = list(experts)
    progress = progress_of_many([expert.pk for expert in experts])
    return [show_expert(expert, progress[expert.pk]) for expert in experts]


@dataclass(frozen=True)
class ShownFile:
    """A file with its state in words."""

    file: SourceFile

    @property
    def tone(self) -> str:
        return "queued" if self.has_warnings else FILE_STATES[self.status][0]

    @property
    def words(self) -> str:
        return "Ready, with warnings" if self.has_warnings else FILE_STATES[self.status][1]

    @property
    def status(self) -> SourceFile.Status:
        return SourceFile.Status(self.file.status)

    @property
    def has_warnings(self) -> bool:
        return self.status == SourceFile.Status.READY and bool(self.file.warnings)

    @property
    def length(self) -> str:
        """ "12 pages" or slides, once it has been opened; other formats have sections."""
        piece = PIECES.get(self.file.media_type, "section")
        return counted(self.file.pages, piece) if self.file.pages else ""

    @property
    def is_being_read(self) -> bool:
        return self.status in (SourceFile.Status.EXTRACTING, SourceFile.Status.EMBEDDING)

    @property
    def can_retry(self) -> bool:
        return self.status in (SourceFile.Status.FAILED, SourceFile.Status.NO_TEXT)

    @property
    def reasons(self) -> list[str]:
        """Why it failed, or what is wrong with parts of it."""
        if self.file.error_message:
            return [self.file.error_message]
        return [warning_in_words(warning) for warning in self.file.warnings]


@dataclass(frozen=True)
class ShownPage:
    """A page of a file as it was read, or why there is nothing to show."""

    page: SourcePage

    @property
    def instead_of_text(self) -> str:
        return WITHOUT_TEXT.get(SourcePage.Condition(self.page.condition), "")


@dataclass(frozen=True)
class Piece:
    """A stretch of an answer: text, or (with a number) a citation."""

    text: str
    citation: dict[str, Any] | None = None


@dataclass(frozen=True)
class ShownMessage:
    """What one side said, its [1] turned into citations."""

    message: Message

    @property
    def from_person(self) -> bool:
        return self.message.role == Message.Role.PERSON

    @property
    def pieces(self) -> list[Piece]:
        """The text cut at its citations, each kept on the line of the word before it."""
        known = {citation["number"]: citation for citation in self.message.citations}
        parts = re.split(
            r"(\[\d+\])", re.sub(r" (?=\[\d+\])", "\N{NO-BREAK SPACE}", self.message.text)
        )
        return [Piece(part, known.get(_number(part))) for part in parts]

    @property
    def pk(self) -> UUID:
        return self.message.pk


def _number(part: str) -> int | None:
    found = re.fullmatch(r"\[(\d+)\]", part)
    return int(found[1]) if found else None
