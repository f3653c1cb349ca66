"""Stored files and pictures that no row names, and rows whose file is not there."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice

from django.core.files.storage import default_storage

from experts.housekeeping import remove_later
from experts.models import Expert, SourceFile
from experts.models.places import folders
from experts.providers.files import storage_errors
from experts.reconciling.findings import SETTLING, Finding, pending

BATCH = 500


def objects() -> Iterator[Finding]:
    """Compare this site's folders of the storage with the rows. Raises ProviderError."""
    leaving = {name for names in pending("remove_stored", "names") for name in names or ()}
    there: set[str] = set()
    with storage_errors():
        for folder in folders():
            names = stored(folder)
            while batch := list(islice(names, BATCH)):
                there.update(batch)
                yield from orphaned_objects(batch, leaving)
        yield from gaps(there)


def stored(folder: str) -> Iterator[str]:
    """The names of all objects below a folder."""
    try:
        below, names = default_storage.listdir(folder)
    except FileNotFoundError:  # nothing was stored there yet
        return
    yield from (f"{folder}/{name}" for name in names)
    for each in below:
        yield from stored(f"{folder}/{each}")


def orphaned_objects(names: Sequence[str], leaving: set[str]) -> Iterator[Finding]:
    known = {*SourceFile.objects.filter(file__in=names).values_list("file", flat=True)}
    known |= {*Expert.objects.filter(avatar__in=names).values_list("avatar", flat=True)}
    for name in names:
        if name not in known | leaving:
            modified = default_storage.get_modified_time(name)
            if modified < datetime.now(UTC) - SETTLING:
                mend = partial(remove_later, names=[name])
                yield Finding("orphan", f"{name}, of {modified:%Y-%m-%d}.", mend)


def gaps(there: set[str]) -> Iterator[Finding]:
    """Rows whose object is neither among those listed nor anywhere else, or came meanwhile."""
    for file in SourceFile.objects.only("name", "file").iterator():
        if is_gone(str(file.file.name), there):
            yield Finding("gap", f"the original of {file.name} ({file.pk}). Upload it again.", None)
    for expert in Expert.objects.exclude(avatar="").iterator():
        if is_gone(str(expert.avatar.name), there):
            yield missing_avatar(expert)


def is_gone(name: str, there: set[str]) -> bool:
    return name not in there and not default_storage.exists(name)


def missing_avatar(expert: Expert) -> Finding:
    def mend() -> object:
        shown = Expert.objects.filter(pk=expert.pk, avatar=expert.avatar.name)
        return shown.update(avatar="")  # its initials stand in for it

    return Finding("gap", f"the picture of {expert.name} ({expert.pk}).", mend)
