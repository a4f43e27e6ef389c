"""Export a sentence encoder for `CONTROLLLM_SENTENCE_MODEL`: safetensors to ONNX. Run once.

    pip install torch==2.13.0 safetensors onnx
    python training/export_sentence_encoder.py --encoder <folder of a hub> --out <folder>

The folder then holds `model.onnx` and the vocabulary, and needs no torch to be read. Some seconds
for all-MiniLM-L6-v2 (90 MB). A folder of a hub that has `onnx/model.onnx` needs no export.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import torch
from bert_encoder import BertEncoder

VOCABULARIES = ("tokenizer.json", "vocab.txt")


def export(encoder: Path, out: Path) -> Path:
    """Write `model.onnx`, which takes any number of texts of any length, and its vocabulary."""
    found = [encoder / name for name in VOCABULARIES if (encoder / name).is_file()]
    if not found:
        msg = f"{encoder} has neither {' nor '.join(VOCABULARIES)}"
        raise SystemExit(msg)
    out.mkdir(parents=True, exist_ok=True)
    for file in found:
        if file.parent.resolve() != out.resolve():
            shutil.copy(file, out)
    example = torch.ones(2, 8, dtype=torch.long)
    axes = {0: "texts", 1: "pieces"}
    names = ["input_ids", "attention_mask", "last_hidden_state"]
    torch.onnx.export(
        BertEncoder(encoder).eval(),
        (example, example),
        str(out / "model.onnx"),
        input_names=names[:2],
        output_names=names[2:],
        dynamic_axes=dict.fromkeys(names, axes),
        opset_version=17,
        dynamo=False,
    )
    return out / "model.onnx"


def main() -> None:
    """Export one encoder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    file = export(arguments.encoder, arguments.out)
    print(f"{file}: {file.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
