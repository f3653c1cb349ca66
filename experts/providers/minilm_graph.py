"""The computation of all-MiniLM-L6-v2, written as an ONNX graph around its published weights.

The package with the weights carries PyTorch's tensors and no graph, and running them with
PyTorch would cost 800 MB. The model is BERT (Devlin et al. 2018, arXiv:1810.04805) with 6
layers, 12 heads and a width of 384, then mean pooling over the mask and unit length (its model
card). Written with onnxruntime's fused operators, it needs 70 ms to make and nothing on disk:
the graph is a few kilobytes and names its weights, which are handed over beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper

LAYERS = 6
HEADS = 12
WIDTH = 384
EPSILON = 1e-12  # layer_norm_eps of the model's config.json
FUSED = "com.microsoft"  # the domain of onnxruntime's own operators
OPSETS = [helper.make_opsetid("", 20), helper.make_opsetid(FUSED, 1)]
IR_VERSION = 10

Weights = Mapping[str, NDArray[np.float32]]


@dataclass
class Graph:
    """A graph under construction: its nodes, and the arrays they take as constants."""

    weights: Weights
    nodes: list[NodeProto] = field(default_factory=list)
    constants: dict[str, NDArray[np.float32]] = field(default_factory=dict)

    def serialized(self) -> bytes:
        """The model that takes `tokens` and `mask` (rows, length) and returns `vectors`."""
        self._write()
        graph = helper.make_graph(
            self.nodes,
            "all-MiniLM-L6-v2",
            inputs=[
                helper.make_tensor_value_info("tokens", TensorProto.INT64, ["rows", "length"]),
                helper.make_tensor_value_info("mask", TensorProto.INT32, ["rows", "length"]),
            ],
            outputs=[helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["rows", WIDTH])],
            initializer=[handed_over(name, array) for name, array in self.constants.items()],
        )
        model = helper.make_model(graph, opset_imports=OPSETS, ir_version=IR_VERSION)
        return bytes(model.SerializeToString())

    def _write(self) -> None:
        hidden = self._embeddings()
        for number in range(LAYERS):
            layer = f"encoder.layer.{number}"
            hidden = self._attention(layer, hidden)
            hidden = self._feed_forward(layer, hidden)
        self._pooling(hidden)

    def _embeddings(self) -> str:
        """Words and positions. A passage is one segment, so its type is part of the position."""
        positions = self.weights["embeddings.position_embeddings.weight"]
        segment = self.weights["embeddings.token_type_embeddings.weight"][0]
        words = self._node("Gather", self._weight("embeddings.word_embeddings.weight"), "tokens")
        length = self._node("Shape", "tokens", start=1, end=2)
        first = self._node("Constant", value_ints=[0])
        places = self._node(
            "Slice", self._constant("positions", positions + segment), first, length
        )
        summed = self._node("Add", words, places)
        norm = [self._weight(f"embeddings.LayerNorm.{part}") for part in ("weight", "bias")]
        return self._node("LayerNormalization", summed, *norm, axis=-1, epsilon=EPSILON)

    def _attention(self, layer: str, hidden: str) -> str:
        """Self-attention; query, key and value are one multiplication, as the operator wants."""
        matrices, biases = (
            [
                self.weights[f"{layer}.attention.self.{part}.{kind}"]
                for part in ("query", "key", "value")
            ]
            for kind in ("weight", "bias")
        )
        attended = self._node(
            "Attention",
            hidden,
            self._constant(f"{layer}.qkv.weight", np.concatenate(matrices).T),
            self._constant(f"{layer}.qkv.bias", np.concatenate(biases)),
            "mask",
            domain=FUSED,
            num_heads=HEADS,
        )
        return self._projected(f"{layer}.attention.output", attended, onto=hidden)

    def _feed_forward(self, layer: str, hidden: str) -> str:
        inner = f"{layer}.intermediate.dense"
        widened = self._node("MatMul", hidden, self._matrix(inner))
        active = self._node("BiasGelu", widened, self._weight(f"{inner}.bias"), domain=FUSED)
        return self._projected(f"{layer}.output", active, onto=hidden)

    def _projected(self, block: str, inner: str, *, onto: str) -> str:
        """The end of both halves of a layer: back to the width, onto the residual, normalised."""
        return self._node(
            "SkipLayerNormalization",
            self._node("MatMul", inner, self._matrix(f"{block}.dense")),
            onto,
            self._weight(f"{block}.LayerNorm.weight"),
            self._weight(f"{block}.LayerNorm.bias"),
            self._weight(f"{block}.dense.bias"),
            domain=FUSED,
            epsilon=EPSILON,
        )

    def _pooling(self, hidden: str) -> None:
        """The sum over the mask: brought to unit length, it is the mean."""
        mask = self._node("Cast", "mask", to=TensorProto.FLOAT)
        middle = self._node("Constant", value_ints=[1])
        summed = self._node("MatMul", self._node("Unsqueeze", mask, middle), hidden)
        sums = self._node("Squeeze", summed, middle)
        self._node("LpNormalization", sums, output="vectors", axis=-1, p=2)

    def _matrix(self, name: str) -> str:
        """A linear layer's weights: PyTorch keeps (out, in), ONNX multiplies by (in, out)."""
        return self._constant(f"{name}.weight", self.weights[f"{name}.weight"].T)

    def _weight(self, name: str) -> str:
        return self._constant(name, self.weights[name])

    def _constant(self, name: str, array: NDArray[np.float32]) -> str:
        self.constants[name] = np.ascontiguousarray(array)
        return name

    def _node(
        self, operator: str, *inputs: str, output: str = "", domain: str = "", **attributes: Any
    ) -> str:
        """Append a node; returns the name of its output."""
        name = output or f"{operator}.{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], domain=domain, **attributes))
        return name


def handed_over(name: str, array: NDArray[np.float32]) -> TensorProto:
    """Announce a constant whose bytes come beside the graph, not in it."""
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=array.shape)
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="handed over in memory")
    return tensor
