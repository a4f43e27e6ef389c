"""A sentence encoder that is small enough to know what it says: a vector for each word.

A real ONNX file, written by hand: one Gather from a table of words. The field numbers are those of
`onnx.proto3`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
INPUTS = ("input_ids", "attention_mask")
_FLOAT, _INT64 = 1, 7


def write_encoder(
    folder: Path,
    meanings: Mapping[str, Sequence[float]],
    *,
    inputs: Sequence[str] = INPUTS,
    file: str = "model.onnx",
) -> Path:
    """Write a folder with an encoder of some words; all other words mean nothing."""
    width = len(next(iter(meanings.values())))
    rows = [[0.0] * width for _ in MARKS] + [list(each) for each in meanings.values()]
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(_model(np.array(rows, dtype=np.float32), inputs))
    (folder / "vocab.txt").write_text("\n".join((*MARKS, *meanings)) + "\n", encoding="utf-8")
    return folder


def _model(table: np.ndarray, inputs: Sequence[str]) -> bytes:
    node = _text(1, "table") + _text(1, inputs[0]) + _text(2, "states") + _text(4, "Gather")
    dims = b"".join(_number(1, size) for size in table.shape)
    stored = dims + _number(2, _FLOAT) + _text(8, "table") + _bytes(9, table.tobytes())
    graph = _bytes(1, node) + _text(2, "words") + _bytes(5, stored)
    graph += b"".join(_bytes(11, _value(name, _INT64, ("texts", "pieces"))) for name in inputs)
    graph += _bytes(12, _value("states", _FLOAT, ("texts", "pieces", "width")))
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _number(2, 17))


def _value(name: str, kind: int, axes: Sequence[str]) -> bytes:
    shape = b"".join(_bytes(1, _text(2, axis)) for axis in axes)
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, shape)))


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])
