"""What whole sentences mean, by an encoder in a folder: ONNX, no torch.

Optional: the planner is complete without one. The folder is as a hub gives it, with `model.onnx` or
`onnx/model.onnx` beside `tokenizer.json` or `vocab.txt`. The vector of a text is the mean of the
last hidden states of its pieces, of length one (Reimers and Gurevych, "Sentence-BERT", 2019).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from controlllm_planner.matching.word_pieces import NoWordPieces, WordPieces
from controlllm_planner.matching.word_vectors import Matrix, to_unit

MODEL_FILES = ("model.onnx", "onnx/model.onnx")
PIECE_LIMIT = 128
"""Pieces of a text that are read: the encoder was trained with as many."""

_TEXT_LIMIT_CHARS = 4_000
_BATCH = 32
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
GRAIN = 16_384
"""Vectors are rounded to such parts of one: how many texts are encoded together shall not show."""

Numbers = NDArray[np.int64]


class EncoderUnusable(Exception):
    """A folder holds no encoder that can be used; the message says what would help."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"{folder} is no usable sentence encoder: {reason}")


class Encoder(Protocol):
    """Turns texts into directions.

    Attributes:
        folder: Where it is.
        digest: Names the encoder: equal digests give equal vectors.
        width: Numbers of one vector.
    """

    folder: Path
    digest: str
    width: int

    def encode(self, texts: Sequence[str]) -> Matrix:
        """One vector of length one for each text, zero for a blank one: `(texts, width)`."""


class SentenceEncoder:
    """An encoder of one folder, see `Encoder`."""

    def __init__(self, folder: Path) -> None:
        """Read the folder.

        Raises:
            EncoderUnusable: It is missing, incomplete, broken or of another kind.
        """
        # loading it takes 0.4 s, and only those who have set a folder need it
        import onnxruntime  # noqa: PLC0415

        self.folder = folder
        file = _model_file(folder)
        try:
            self._pieces = WordPieces.of_folder(folder)
            with file.open("rb") as stream:
                self.digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except (NoWordPieces, OSError) as error:
            raise EncoderUnusable(folder, str(error)) from error
        options = onnxruntime.SessionOptions()
        # a thread that waits in a loop for work takes the processor from the tools
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(file, options)
        except Exception as error:
            reason = f"{file.name} cannot be read: {_first_line(error)}"
            raise EncoderUnusable(folder, reason) from error
        self._inputs = {each.name for each in self._session.get_inputs()}
        if not {"input_ids"} <= self._inputs <= _INPUTS:
            reason = f"{file.name} takes {', '.join(sorted(self._inputs))}, not {_words(_INPUTS)}"
            raise EncoderUnusable(folder, reason)
        self.width = self._checked_width(folder)

    def _checked_width(self, folder: Path) -> int:
        """Numbers of one vector, found by encoding a word."""
        try:
            states = self._states([self._pieces.ids("word", PIECE_LIMIT)])
        except Exception as error:
            reason = f"it cannot encode a word: {_first_line(error)}"
            raise EncoderUnusable(folder, reason) from error
        if states.ndim != 3 or states.shape[:2] != (1, 3) or not np.isfinite(states).all():
            reason = f"its first output has the shape {states.shape}, not (texts, pieces, width)"
            raise EncoderUnusable(folder, reason)
        return int(states.shape[2])

    def encode(self, texts: Sequence[str]) -> Matrix:
        """See `Encoder`; texts of like length are encoded together."""
        vectors = np.zeros((len(texts), self.width), dtype=np.float32)
        rows = [row for row, text in enumerate(texts) if text.strip()]
        ids = {row: self._pieces.ids(texts[row][:_TEXT_LIMIT_CHARS], PIECE_LIMIT) for row in rows}
        rows.sort(key=lambda row: len(ids[row]))
        for at in range(0, len(rows), _BATCH):
            batch = rows[at : at + _BATCH]
            lengths = np.array([len(ids[row]) for row in batch])
            states = self._states([ids[row] for row in batch])
            counts = np.arange(states.shape[1])[None] < lengths[:, None]
            means = (states * counts[..., None]).sum(axis=1) / lengths[:, None]
            vectors[batch] = np.round(to_unit(means) * GRAIN) / GRAIN
        return vectors

    def _states(self, ids: Sequence[list[int]]) -> Matrix:
        """The last hidden states, `(texts, longest, width)`."""
        shape = len(ids), max(map(len, ids))
        padded, attended = (np.zeros(shape, dtype=np.int64) for _ in range(2))
        for row, pieces in enumerate(ids):
            padded[row, : len(pieces)] = pieces
            attended[row, : len(pieces)] = 1
        fed = {"input_ids": padded, "attention_mask": attended}
        fed["token_type_ids"] = np.zeros(shape, dtype=np.int64)
        states: Matrix = self._session.run(None, {name: fed[name] for name in self._inputs})[0]
        return states


def _model_file(folder: Path) -> Path:
    if not folder.is_dir():
        raise EncoderUnusable(folder, "there is no such folder")
    for name in MODEL_FILES:
        if (folder / name).is_file():
            return folder / name
    if any(folder.glob("*.safetensors")):
        reason = (
            "it holds safetensors only; export them once with "
            f"`python training/export_sentence_encoder.py --encoder {folder} --out <folder>`"
        )
        raise EncoderUnusable(folder, reason)
    raise EncoderUnusable(folder, f"it has neither {' nor '.join(MODEL_FILES)}")


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:200] or type(error).__name__


def _words(names: set[str]) -> str:
    return ", ".join(sorted(names))
