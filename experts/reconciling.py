"""What vendors and the storage hold, compared with the database: orphans there, gaps here.

An orphan is at a vendor and belongs to nothing here; a gap is known here and missing there.
Mending goes through the queue, as every removal does, so a vendor that is down drops none.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.core.files.storage import default_storage

from experts.housekeeping import BEHIND_EVERYTHING, move_later, remove_later
from experts.models import Expert, Passage, SourceFile
from experts.providers import get_vector_store, get_voice_agents
from experts.providers.base import AgentParts, Held, ProviderError
from experts.providers.files import storage_errors
from queueing import enqueue
from queueing.identifiers import moment_of
from queueing.models import ProcessingTask

SETTLING = timedelta(hours=1)  # what is younger may be on its way into the database
FOLDERS = ("files", "avatars")
BATCH = 500


class Finding(NamedTuple):
    """Something that does not agree; `mend` queues what puts it right, where anything can."""

    fault: str  # "orphan" or "gap"
    what: str
    mend: Callable[[], object] | None


class Comparison(NamedTuple):
    """Of one kind of thing; `trouble` says why it could not be compared."""

    kind: str
    findings: Sequence[Finding] = ()
    trouble: str = ""

    def lines(self) -> list[str]:
        trouble = [f"{self.kind}: not compared. {self.trouble}"] * bool(self.trouble)
        return trouble + [f"{self.kind}, {each.fault}: {each.what}" for each in self.findings]

    def counts(self) -> dict[str, Any]:
        """For the result of a task."""
        faults = [finding.fault for finding in self.findings]
        counted = {"orphans": faults.count("orphan"), "gaps": faults.count("gap")}
        return {**counted, "trouble": self.trouble} if self.trouble else counted


def compare() -> list[Comparison]:
    """Compare agents, vectors and objects; what is down does not keep the others from it."""
    kinds = {"agents": agents, "vectors": vectors, "objects": objects}
    return [compared(kind, find) for kind, find in kinds.items()]


def compared(kind: str, find: Callable[[], Iterator[Finding]]) -> Comparison:
    try:
        return Comparison(kind, list(find()))
    except ProviderError as error:
        return Comparison(kind, trouble=str(error))


# Agents


def agents() -> Iterator[Finding]:
    """An expert's secret, tool and agent at the voice vendor, each known by its expert's id."""
    there: dict[UUID, list[AgentParts]] = {}
    for parts in get_voice_agents().agents():
        there.setdefault(parts.expert_id, []).append(parts)
    here = Expert.objects.in_bulk()
    leaving = pending("remove_voice_agent", "expert_id")
    for expert_id, found in there.items():
        if expert_id in here:
            yield from superfluous(here[expert_id], found)
        elif str(expert_id) not in leaving and is_settled(expert_id):
            yield orphaned_agent(expert_id, found)
    for expert in here.values():
        if there_is_less(expert, there.get(expert.pk, [])):
            yield missing_agent(expert)


def orphaned_agent(expert_id: UUID, found: Sequence[AgentParts]) -> Finding:
    def mend() -> object:
        return enqueue(
            "remove_voice_agent",
            task_data={"expert_id": str(expert_id), "agent_id": "", "tool_id": "", "secret_id": ""},
            priority=BEHIND_EVERYTHING,
        )

    return Finding("orphan", f"{', '.join(ids(found))}: expert {expert_id} is gone.", mend)


def superfluous(expert: Expert, found: Sequence[AgentParts]) -> Iterator[Finding]:
    """A second agent of one expert. Removing is by expert, so it would take the right one too."""
    own = {expert.agent_id, expert.tool_id, expert.secret_id}
    for key in ids(found):
        if key not in own and expert.agent_status == Expert.AgentStatus.READY:
            what = f"{key}: {expert.name} uses another. Remove it on the vendor's own page."
            yield Finding("orphan", what, None)


def there_is_less(expert: Expert, found: Sequence[AgentParts]) -> bool:
    """Whether an expert's agent or its parts are missing at the vendor that says it is spoken."""
    if not get_voice_agents().keeps_agents or expert.agent_status != Expert.AgentStatus.READY:
        return False
    return bool({expert.agent_id, expert.tool_id, expert.secret_id} - set(ids(found)))


def missing_agent(expert: Expert) -> Finding:
    def mend() -> object:
        return enqueue("sync_voice_agent", expert_id=expert.pk, owner_id=str(expert.owner_id))

    return Finding("gap", f"{expert.agent_id or 'an agent'} of {expert.name} ({expert.pk}).", mend)


def ids(found: Sequence[AgentParts]) -> list[str]:
    keys = [key for parts in found for key in (parts.agent_id, parts.tool_id, parts.secret_id)]
    return [key for key in keys if key]


# Vectors


def vectors() -> Iterator[Finding]:
    """Vectors of passages that are gone, and ready files whose vectors are."""
    store = get_vector_store()
    leaving = {data["file_id"] for data in pending("remove_stored", "vectors") if data}
    lost: set[UUID] = set()
    for held in store.held():
        yield from orphaned_vectors(held, leaving)
        lost |= {key for key, noted in held.noted.items() if noted - held.there.get(key, set())}
    for file in SourceFile.objects.ready().order_by("pk").iterator():
        if file.pk in lost or store.missing(file, model=file.embedding_model):
            yield missing_vectors(file)


def orphaned_vectors(held: Held, leaving: set[str]) -> Iterator[Finding]:
    for file_id, there in held.there.items():
        here = Passage.objects.of_files([file_id]).values_list("ordinal", flat=True)
        orphans = there - set(here)
        if orphans and str(file_id) not in leaving:
            yield orphaned(held.owner_id, file_id, orphans)


def orphaned(owner_id: int, file_id: UUID, ordinals: set[int]) -> Finding:
    vectors = {"owner_id": owner_id, "file_id": str(file_id), "ordinals": sorted(ordinals)}
    what = f"{len(ordinals)} vectors of file {file_id} of owner {owner_id}."
    return Finding("orphan", what, partial(remove_later, vectors=vectors))


def missing_vectors(file: SourceFile) -> Finding:
    def mend() -> None:
        get_vector_store().withdraw(file.pk)
        move_later(file)

    return Finding("gap", f"vectors of {file.name} ({file.pk}).", mend)


# Objects


def objects() -> Iterator[Finding]:
    """Stored files and pictures that no row names, and rows whose file is not there."""
    leaving = {name for names in pending("remove_stored", "names") for name in names or ()}
    there: set[str] = set()
    with storage_errors():
        for folder in FOLDERS:
            names = stored(folder)
            while batch := list(islice(names, BATCH)):
                there.update(batch)
                yield from orphaned_objects(batch, leaving)
    for file in SourceFile.objects.only("name", "file").iterator():
        if file.file.name not in there:
            yield Finding("gap", f"the original of {file.name} ({file.pk}). Upload it again.", None)
    for expert in Expert.objects.exclude(avatar="").iterator():
        if expert.avatar.name not in there:
            yield missing_avatar(expert)


def stored(folder: str) -> Iterator[str]:
    """The names of all objects below a folder."""
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:  # nothing was stored there yet
        return
    yield from (f"{folder}/{name}" for name in names)
    for each in folders:
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


def missing_avatar(expert: Expert) -> Finding:
    def mend() -> object:
        shown = Expert.objects.filter(pk=expert.pk, avatar=expert.avatar.name)
        return shown.update(avatar="")  # its initials stand in for it

    return Finding("gap", f"the picture of {expert.name} ({expert.pk}).", mend)


# What is on its way


def pending(task_type: str, name: str) -> list[Any]:
    """What removals that still wait, or run, have under this name in their data."""
    tasks = ProcessingTask.objects.unfinished().filter(task_type=task_type)
    return [data.get(name) for data in tasks.values_list("task_data", flat=True)]


def is_settled(key: UUID) -> bool:
    """Whether a row of this key was made long enough ago to be here: the key holds its time."""
    return moment_of(key) < datetime.now(UTC) - SETTLING
