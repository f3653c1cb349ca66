"""Files: into the library, out of it, and read once more."""

import hashlib
from collections.abc import Sequence
from typing import BinaryIO, NamedTuple, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from experts.extraction.errors import ExtractionError
from experts.extraction.media_types import detect
from experts.extraction.names import clean_name
from experts.housekeeping import remove_later
from experts.models import Expert, SourceFile
from experts.operations.processing import queue_processing
from experts.operations.refusals import Refused, stored_or_refused


class Upload(NamedTuple):
    """A file in the library; `duplicate` when its bytes were there before."""

    file: SourceFile
    duplicate: bool


def upload_file(upload: File[bytes], *, owner: User) -> Upload:
    """Put a file into the owner's library; the same bytes twice are one file.

    Raises Refused: `empty`, `too_large`, `unsupported_type`, `storage_unavailable`, and what else
    the content betrays.
    """
    name = clean_name(upload.name or "")
    check_size(upload.size)
    sha256 = digest(upload)
    known = SourceFile.objects.visible_to(owner).filter(sha256=sha256).first()
    if known:
        return Upload(known, duplicate=True)
    file = SourceFile(
        owner=owner,
        name=name,
        size=upload.size,
        media_type=media_type_of(upload, name),
        sha256=sha256,
    )
    return _store(file, upload)


def _store(file: SourceFile, upload: File[bytes]) -> Upload:
    """Object first, row second: a row never points at nothing. Two at once become one file."""
    upload.seek(0)
    with stored_or_refused("file"):
        file.file.save(str(file.pk), upload, save=False)
    try:
        with transaction.atomic():
            file.save(force_insert=True)
    except IntegrityError:
        default_storage.delete(str(file.file.name))
        same = SourceFile.objects.get(owner=file.owner, sha256=file.sha256)
        return Upload(same, duplicate=True)
    return Upload(file, duplicate=False)


def check_size(size: int) -> None:
    """Raises Refused."""
    if size == 0:
        raise Refused("empty", "This file is empty. Check the original and upload it again.")
    if size > settings.MAX_UPLOAD_BYTES:
        raise too_large()


def too_large() -> Refused:
    """For a file past MAX_UPLOAD_BYTES; the upload handler stops it while it arrives."""
    limit = settings.MAX_UPLOAD_BYTES // 1024**2
    return Refused(
        "too_large", f"This file is larger than {limit} MB. Split it and upload the parts."
    )


def digest(upload: File[bytes]) -> str:
    """The sha256 of the bytes, read in chunks, in hexadecimal."""
    sha256 = hashlib.sha256()
    for chunk in upload.chunks():
        sha256.update(chunk)
    return sha256.hexdigest()


def media_type_of(upload: File[bytes], name: str) -> str:
    """By content, whatever the name says. Raises Refused."""
    upload.seek(0)
    try:
        return detect(cast("BinaryIO", upload), name)
    except ExtractionError as error:
        raise Refused(error.code, error.message) from error


def resolve_files(ids: Sequence[UUID], *, owner: User) -> list[SourceFile]:
    """The owner's files of these ids, in this order, each once.

    Raises Refused `unknown_file` for an id that is nobody's or somebody else's, alike.
    """
    found = SourceFile.objects.visible_to(owner).in_bulk(list(ids))
    unknown = [str(key) for key in ids if key not in found]
    if unknown:
        message = "These files are not in your library. Upload them, or choose others."
        raise Refused("unknown_file", message, fields={"selected_files": ", ".join(unknown)})
    return [found[key] for key in dict.fromkeys(ids)]


def delete_file(file: SourceFile) -> None:
    """Delete a file for every reader at once; its object and vectors follow through the queue."""
    with transaction.atomic():
        vectors = {
            "owner_id": file.owner_id,
            "file_id": str(file.pk),
            "passages": file.passages.count(),
        }
        remove_later(names=[str(file.file.name)], vectors=vectors)
        file.delete()


def retry_file(file: SourceFile) -> None:
    """Read a file again that could not be read; its experts wait in the queue once more.

    Raises Refused `not_failed`.
    """
    with transaction.atomic():
        if not SourceFile.objects.filter(pk=file.pk).start_over():
            message = "Only a file that could not be read can be tried again."
            raise Refused("not_failed", message)
        for expert in Expert.objects.filter(files=file):
            queue_processing(expert)
