"""From passages to stored vectors, paying for none twice."""

from collections import deque
from concurrent.futures import Future

from experts.ingestion.aside import Aside
from experts.ingestion.holding import hold
from experts.ingestion.pausing import shown_pause
from experts.ingestion.report import Report
from experts.models import Passage, SourceFile
from experts.providers import get_embedder, get_vector_store
from experts.providers.base import Embedder, ProviderError, Vector
from experts.providers.pacing import pausing
from experts.providers.tokens import passage_batches
from experts.providers.usage import Account, charged_to
from queueing.models import ProcessingTask

WINDOW = 128  # passages that are put in the order of their length


class Unembedded:
    """A file's passages without a vector of today's model, in units to be embedded at once.

    A unit has the tokens of a batch and half the passages: so two of them, one being stored and
    one being embedded, are no more than a batch, and no more is lost with a killed worker. Of a
    window those that are alike in length come together, so that little of a unit is padding.
    Only a window and a unit are in memory, however many passages there are.
    """

    def __init__(self, file: SourceFile, embedder: Embedder) -> None:
        self._missing = get_vector_store().missing(file, model=embedder.name)
        self._embedder = embedder
        self._window = max(WINDOW, embedder.batch_size)
        self._from = 0  # ordinal
        self._rest: list[Passage] = []  # looked at, and too few for a unit
        self._units: deque[list[Passage]] = deque()

    def count(self) -> int:
        return self._missing.count()

    def next_unit(self, *, known: int | None = None) -> list[Passage]:
        """The next ones; empty when none is left.

        With `known` passages so far, and more to come, it is empty also while there are too few.
        """
        few = min(self._size, WINDOW)
        if not self._units and (known is None or known - self._from >= few):
            self._look(known)
        return self._units.popleft() if self._units else []

    @property
    def _size(self) -> int:
        """Passages of a unit at most. An embedder may learn that it has to take fewer."""
        return max(1, self._embedder.batch_size // 2)

    def _look(self, known: int | None) -> None:
        found = list(self._missing.filter(ordinal__gte=self._from)[: self._window])
        all_seen = len(found) < self._window
        looked_at = found[-1].ordinal + 1 if found else self._from
        self._from = max(looked_at, known or 0) if all_seen else looked_at
        alike = sorted(self._rest + found, key=lambda passage: len(passage.text))
        self._units.extend(passage_batches(alike, self._embedder, most=self._size))
        is_last = all_seen and known is None
        self._rest = [] if is_last or not self._units else self._units.pop()


class Embedding:
    """Embeds what is there, unit by unit; one is embedded while the one before is stored."""

    def __init__(self, file: SourceFile, *, task: ProcessingTask, report: Report) -> None:
        self._file, self._task, self._report = file, task, report
        self._embedder, self._store = get_embedder(), get_vector_store()
        self._left = Unembedded(file, self._embedder)
        self._done = Passage.objects.of_files([file.pk]).count() - self._left.count()
        self._aside = Aside("embedding")
        self._unit: list[Passage] = []
        self._largest = 1  # passages in a unit
        self.call: Future[list[Vector]] | None = None
        self.is_over = False

    def step(self, *, known: int, complete: bool) -> bool:
        """Store the unit that is embedded, begin with the next; whether there was one to store.

        `known` passages there are so far, or in all, when that is `complete`.
        """
        if self.call and not self.call.done():
            return False
        made = self.call and (self._unit, self.call.result())
        self._begin(None if complete else known)
        if made:
            self._keep(*made)
            size = self._largest
            self._report.embedded(self._done, known=known, complete=complete, batch_size=size)
        self.is_over = complete and self.call is None
        return bool(made)

    def close(self) -> None:
        """End it, wherever it is."""
        self._aside.end()
        self.call = None  # an error in it knows this object, which would outlive its clients

    def _begin(self, known: int | None) -> None:
        self._unit = self._left.next_unit(known=known)
        self.call = self._aside.start(self._embed, self._unit) if self._unit else None

    def _embed(self, unit: list[Passage]) -> list[Vector]:
        """The vectors, charged to the file's owner and to the expert that needs it."""
        account = Account(self._file.owner_id, self._task.expert_id, self._file.pk)
        with pausing(shown_pause(self._report, self._aside.rest)), charged_to(account):
            return self._embedder.embed_passages([passage.text for passage in unit])

    def _keep(self, unit: list[Passage], vectors: list[Vector]) -> None:
        hold(self._file, self._task, embedding_model=self._embedder.name)
        self._store.upsert(unit, vectors, model=self._embedder.name)
        self._done += len(unit)
        self._largest = max(self._largest, len(unit))


def verify(file: SourceFile) -> None:
    """As many vectors as passages, or the file is not ready. Raises ProviderError."""
    if missing := get_vector_store().missing(file, model=get_embedder().name).count():
        raise ProviderError(f"{missing} vectors of {file.name} were not stored.")
