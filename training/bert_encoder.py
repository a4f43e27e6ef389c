"""A sentence encoder of the BERT family, forward pass only, from the files that a hub gives."""

from __future__ import annotations

import json
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from safetensors.torch import load_file


class BertEncoder(torch.nn.Module):
    """The last hidden states of token ids; `config.json` says how large it is.

    Attributes:
        width: Numbers of one hidden state.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        config = json.loads((folder / "config.json").read_text())
        if config["model_type"] != "bert" or config["hidden_act"] != "gelu":
            msg = f"{folder}: model_type {config['model_type']!r}; only BERT encoders are read"
            raise SystemExit(msg)
        self.width, self.epsilon = config["hidden_size"], config["layer_norm_eps"]
        self.layers, self.heads = config["num_hidden_layers"], config["num_attention_heads"]
        for name, weight in load_file(folder / "model.safetensors").items():
            self.register_buffer(_plain(name), weight)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Token ids and what counts of them, `(batch, length)`, to `(batch, length, width)`."""
        x = F.embedding(input_ids, self._of("embeddings.word_embeddings.weight"))
        x = x + self._of("embeddings.position_embeddings.weight")[: input_ids.shape[1]]
        x = x + self._of("embeddings.token_type_embeddings.weight")[0]
        x = self._norm(x, "embeddings.LayerNorm")
        bias = (1.0 - attention_mask.to(x.dtype))[:, None, None, :] * -1e9
        for layer in range(self.layers):
            x = self._layer(x, bias, f"encoder.layer.{layer}")
        return x

    def _of(self, name: str) -> torch.Tensor:
        return self.get_buffer(_plain(name))

    def _linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, self._of(f"{name}.weight"), self._of(f"{name}.bias"))

    def _norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        weight, bias = self._of(f"{name}.weight"), self._of(f"{name}.bias")
        return F.layer_norm(x, (self.width,), weight, bias, self.epsilon)

    def _layer(self, x: torch.Tensor, bias: torch.Tensor, name: str) -> torch.Tensor:
        batch, length = x.shape[0], x.shape[1]
        size = self.width // self.heads
        query, key, value = (
            self._linear(x, f"{name}.attention.self.{part}")
            .reshape(batch, length, self.heads, size)
            .transpose(1, 2)
            for part in ("query", "key", "value")
        )
        weights = torch.softmax(query @ key.transpose(2, 3) / size**0.5 + bias, -1)
        mixed = (weights @ value).transpose(1, 2).reshape(batch, length, self.width)
        mixed = self._linear(mixed, f"{name}.attention.output.dense")
        x = self._norm(mixed + x, f"{name}.attention.output.LayerNorm")
        inner = F.gelu(self._linear(x, f"{name}.intermediate.dense"))
        inner = self._linear(inner, f"{name}.output.dense")
        return self._norm(inner + x, f"{name}.output.LayerNorm")


def _plain(name: str) -> str:
    return name.removeprefix("bert.").replace(".", "__")
