"""Vectors of passages that are gone, and ready files whose vectors are."""

from collections.abc import Iterator
from functools import partial
from uuid import UUID

from experts.housekeeping import move_later, remove_later
from experts.models import Passage, SourceFile
from experts.providers import get_vector_store
from experts.providers.base import Held
from experts.reconciling.findings import Finding, in_hand, pending


def vectors() -> Iterator[Finding]:
    """Compare the store with the passages, one owner after the other. Raises ProviderError."""
    store = get_vector_store()
    leaving = {data["file_id"] for data in pending("remove_stored", "vectors") if data}
    lost: set[UUID] = set()
    for held in store.held():
        yield from orphaned_vectors(held, leaving)
        lost |= {key for key, noted in held.noted.items() if noted - held.there.get(key, set())}
    moving = in_hand("reembed_file", "check_vectors")
    for file in SourceFile.objects.ready().exclude(pk__in=moving).order_by("pk").iterator():
        if file.pk in lost or store.missing(file, model=file.embedding_model).exists():
            yield missing_vectors(file)


def orphaned_vectors(held: Held, leaving: set[str]) -> Iterator[Finding]:
    for file_id, there in held.there.items():
        here = Passage.objects.of_files([file_id]).values_list("ordinal", flat=True)
        orphans = there - set(here)
        if orphans and str(file_id) not in leaving:
            yield orphaned(held.owner_id, file_id, orphans)


def orphaned(owner_id: int, file_id: UUID, ordinals: set[int]) -> Finding:
    vectors = {"owner_id": owner_id, "file_id": str(file_id), "ordinals": sorted(ordinals)}
    count = "1 vector" if len(ordinals) == 1 else f"{len(ordinals)} vectors"
    what = f"{count} of file {file_id} of owner {owner_id}."
    return Finding("orphan", what, partial(remove_later, vectors=vectors))


def missing_vectors(file: SourceFile) -> Finding:
    """Only what is lost is embedded again."""

    def mend() -> None:
        get_vector_store().recount(file)
        move_later(file)

    return Finding("gap", f"vectors of {file.name} ({file.pk}).", mend)
