"""Files that a person brings with a form: taken into the library first, then selected."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, QueryDict

from experts.costs import estimate
from experts.forms import SelectionForm
from experts.models import SourceFile
from experts.operations import Refused, Upload, upload_file
from experts.views.live import identifiers
from experts.views.phrases import estimate_in_words
from experts.views.shown import ShownFile

MOST_CHOICES = 200  # newest files that a picker offers


@dataclass(frozen=True)
class Brought:
    """What became of the uploads of one request: files, and why others were refused."""

    uploads: list[Upload]
    problems: list[str]


def bring(request: HttpRequest, *, owner: User) -> Brought:
    """Upload every file of the request; each stands or falls alone."""
    brought = Brought([], [])
    for upload in request.FILES.getlist("new_files"):
        try:
            brought.uploads.append(upload_file(upload, owner=owner))
        except Refused as refusal:
            brought.problems.append(f"{upload.name}: {refusal.message}")
    brought.problems.extend(
        f"{name}: This file is larger than {most_megabytes()} MB. Split it and upload the parts."
        for name in request.META.get("upload.too_large", [])
    )
    return brought


def most_megabytes() -> int:
    """How large an uploaded file may be."""
    return int(settings.MAX_UPLOAD_BYTES // 1024**2)


def with_selected(data: QueryDict, brought: Brought) -> QueryDict:
    """What was sent, with the new files among those selected."""
    data = data.copy()
    for upload in brought.uploads:
        data.appendlist("selected_files", str(upload.file.pk))
    return data


def show_problems(form: SelectionForm, brought: Brought) -> None:
    for problem in brought.problems:
        form.add_error("new_files", problem)


@dataclass(frozen=True)
class Choice(ShownFile):
    """A file that a picker offers, ticked or not."""

    chosen: bool


def ticked(form: SelectionForm, request: HttpRequest) -> list[str]:
    """What is chosen so far: on the form as sent, or by the link that led to it (`?file=…`)."""
    sent = form.data if isinstance(form.data, QueryDict) else request.GET
    return sent.getlist("selected_files" if form.is_bound else "file")


def choices(*, owner: User, chosen: Iterable[str], without: Iterable[UUID] = ()) -> list[Choice]:
    """The newest files of the library and, however old, the chosen ones on top."""
    mine = SourceFile.objects.visible_to(owner).exclude(pk__in=list(without))
    chosen_files = mine.in_bulk(identifiers(list(chosen)))
    newest = mine.exclude(pk__in=list(chosen_files))[:MOST_CHOICES]
    return [Choice(file, chosen=True) for file in chosen_files.values()] + [
        Choice(file, chosen=False) for file in newest
    ]


def estimated(picked: Iterable[Choice]) -> str:
    """What the chosen files are going to cost, in words."""
    return estimate_in_words(estimate([each.file for each in picked if each.chosen]))
