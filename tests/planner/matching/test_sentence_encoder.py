"""Sentence encoders from folders."""

from pathlib import Path

import pytest
from encoders import write_encoder

from controlllm_planner.matching.sentence_encoder import EncoderUnusable, SentenceEncoder

MEANINGS = {"dog": (1, 0, 0), "hound": (0.9, 0.1, 0), "song": (0, 1, 0), "loud": (0, 0, 1)}


@pytest.fixture
def encoder(tmp_path: Path) -> SentenceEncoder:
    return SentenceEncoder(write_encoder(tmp_path, MEANINGS))


def test_a_text_means_the_mean_of_its_pieces(encoder: SentenceEncoder) -> None:
    dog, both, hound = encoder.encode(["dog", "Dog song", "a hound"])
    assert dog == pytest.approx([1, 0, 0], abs=1e-4)
    assert both == pytest.approx([0.5**0.5, 0.5**0.5, 0], abs=1e-4)
    assert float(dog @ hound) > 0.99
    assert encoder.width == 3


def test_folders_as_a_hub_gives_them_are_read_too(tmp_path: Path) -> None:
    names = ("input_ids", "attention_mask", "token_type_ids")
    folder = write_encoder(tmp_path, MEANINGS, inputs=names, file="onnx/model.onnx")
    assert SentenceEncoder(folder).encode(["dog"]).shape == (1, 3)


def test_equal_files_have_equal_digests_and_others_do_not(tmp_path: Path) -> None:
    one, other = (write_encoder(tmp_path / name, MEANINGS) for name in ("one", "other"))
    third = write_encoder(tmp_path / "third", {**MEANINGS, "cat": (1, 1, 0)})
    digests = [SentenceEncoder(folder).digest for folder in (one, other, third)]
    assert digests[0] == digests[1] != digests[2]


def broken(folder: Path, what: str) -> Path:
    """A folder with an encoder of which one thing is wrong."""
    inputs = ("pixels",) if what == "takes pixels" else ("input_ids", "attention_mask")
    write_encoder(folder, MEANINGS, inputs=inputs)
    model, vocabulary = folder / "model.onnx", folder / "vocab.txt"
    if what == "cut off":
        model.write_bytes(model.read_bytes()[:80])
    if what == "no model":
        model.unlink()
    if what == "safetensors only":
        model.rename(folder / "model.safetensors")
    if what == "no vocabulary":
        vocabulary.unlink()
    if what == "vocabulary of another model":
        words = "\n".join([*vocabulary.read_text().split(), *map(str, range(50)), "word"])
        vocabulary.write_text(words, encoding="utf-8")
    return folder / "nowhere" if what == "no folder" else folder


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("no folder", "no such folder"),
        ("no model", r"model\.onnx"),
        ("safetensors only", r"export_sentence_encoder\.py"),
        ("cut off", "cannot be read"),
        ("no vocabulary", r"vocab\.txt"),
        ("vocabulary of another model", "cannot encode a word"),
        ("takes pixels", "takes pixels"),
    ],
)
def test_a_broken_folder_is_named_with_what_is_wrong(
    tmp_path: Path, what: str, reason: str
) -> None:
    with pytest.raises(EncoderUnusable, match=reason) as caught:
        SentenceEncoder(broken(tmp_path, what))
    assert str(tmp_path) in str(caught.value)
