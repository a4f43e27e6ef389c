"""Teach a small encoder what a large one says of short texts. Run once; the result is shipped.

The pupil is the transformer of `controlllm_planner.matching.clause_encoder`: it reads the planner's
word vectors and has 1.3 million weights besides, the teacher 22.7 million. It learns the direction
that the teacher gives to each text, in the teacher's principal components, and how near the texts
of a batch are to each other (Hinton and others, 2015; Park and others, "Relational Knowledge
Distillation", 2019).

    pip install torch==2.13.0
    apt-get install wordnet-base
    python training/distil_clause_encoder.py --encoder <folder with model.onnx> \
        --packages <folder of Python packages>... --out <npz>

About twelve minutes for the texts and the teacher, and half an hour for the pupil, on two cores.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from clause_corpus import corpus
from torch import nn

from controlllm_planner.matching.clause_encoder import HEADS, ClauseEncoder, pieces_of, unpacked
from controlllm_planner.matching.sentence_encoder import SentenceEncoder
from controlllm_planner.matching.word_vectors import shipped_vectors

WIDTH, LAYERS, INNER = 192, 2, 768
FREQUENT = 1_500
"""Word pieces that have a vector of their own besides that of the table: `to`, `without`."""

LONGEST = 48
BATCH = 256
RATE, WARM_UP = 1e-3, 300
HELD_OUT = 3_000
NEARNESS = 2.0
"""Weight of how near texts are to each other, beside where each one points."""


class Layer(nn.Module):
    """Attention and a feed-forward network, each on top of what was there (pre-norm)."""

    def __init__(self) -> None:
        super().__init__()
        self.n1, self.n2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.o = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.a, self.b = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)

    def forward(self, states: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """States `(texts, pieces, WIDTH)` to the same; `real` `(texts, pieces)` hides padding."""
        texts, length, _ = states.shape
        joint = self.qkv(self.n1(states)).view(texts, length, 3, HEADS, WIDTH // HEADS)
        query, key, value = joint.permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(query, key, value, real[:, None, None])
        states = states + self.o(seen.transpose(1, 2).reshape(states.shape))
        return states + self.b(F.relu(self.a(self.n2(states))))


class Pupil(nn.Module):
    """The encoder in a form that can be taught.

    Args:
        frequent: Rows of the pieces with vectors of their own.
    """

    def __init__(self, frequent: Sequence[int]) -> None:
        super().__init__()
        table = torch.tensor(shipped_vectors().table)
        self.register_buffer("table", F.normalize(table, dim=-1))
        place = torch.zeros(len(table), dtype=torch.long)
        place[list(frequent)] = torch.arange(1, len(frequent) + 1)
        self.register_buffer("place", place)
        self.inp = nn.Linear(table.shape[1], WIDTH)
        self.own = nn.Embedding(len(frequent) + 1, WIDTH, padding_idx=0)
        self.pos = nn.Embedding(LONGEST, WIDTH)
        nn.init.zeros_(self.own.weight)
        nn.init.normal_(self.pos.weight, std=0.02)
        self.blocks = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm, self.out = nn.LayerNorm(WIDTH), nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, pieces: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Rows of pieces `(texts, longest)` to directions `(texts, WIDTH)`."""
        real = torch.arange(pieces.shape[1])[None] < lengths[:, None]
        words = self.inp(self.table[pieces]) + self.own(self.place[pieces])
        states = words + self.pos.weight[: pieces.shape[1]]
        for block in self.blocks:
            states = block(states, real)
        shares = (real / lengths[:, None])[:, None]
        both = torch.cat([shares @ self.norm(states), shares @ words], -1)
        return F.normalize(self.out(both[:, 0]), dim=-1)


def lessons(teacher: SentenceEncoder, texts: Sequence[str]) -> torch.Tensor:
    """Where each text points, in the principal components of all: `(texts, WIDTH)`."""
    said = teacher.encode(texts)
    apart = said - said.mean(axis=0)
    variance, components = np.linalg.eigh(apart.T @ apart)
    print(f"{WIDTH} components hold {variance[-WIDTH:].sum() / variance.sum():.3f}", flush=True)
    return F.normalize(torch.tensor(apart @ components[:, : -WIDTH - 1 : -1]), dim=-1)


class School:
    """Texts as pieces, with what the teacher says of them."""

    def __init__(self, texts: Sequence[str], taught: torch.Tensor) -> None:
        self.pieces = [pieces_of(text, shipped_vectors().number, LONGEST) for text in texts]
        self.texts, self.taught = texts, taught
        known = [row for row, found in enumerate(self.pieces) if found]
        self.held_out, self.rows = known[:HELD_OUT], known[HELD_OUT:]

    def frequent(self) -> list[int]:
        """The pieces that are said most often."""
        said = Counter(piece for row in self.rows for piece in self.pieces[row])
        return [piece for piece, _ in said.most_common(FREQUENT)]

    def answers(self, pupil: Pupil, rows: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
        """What the pupil says of some texts, and what it should say."""
        lengths = torch.tensor([len(self.pieces[row]) for row in rows])
        padded = torch.zeros(len(rows), int(lengths.max()), dtype=torch.long)
        for at, row in enumerate(rows):
            padded[at, : lengths[at]] = torch.tensor(self.pieces[row])
        return pupil(padded, lengths), self.taught[list(rows)]

    def batches(self, chance: random.Random) -> Iterator[list[int]]:
        """All texts once, those of like length together."""
        order = chance.sample(self.rows, len(self.rows))
        for at in range(0, len(order), BATCH * 40):
            alike = sorted(order[at : at + BATCH * 40], key=lambda row: len(self.pieces[row]))
            drawn = [alike[at : at + BATCH] for at in range(0, len(alike), BATCH)]
            yield from chance.sample(drawn, len(drawn))

    @torch.no_grad()
    def likeness(self, pupil: Pupil) -> float:
        """Mean cosine with the teacher on texts that were never taught."""
        found = [
            (said * meant).sum(-1)
            for at in range(0, len(self.held_out), BATCH)
            for said, meant in [self.answers(pupil, self.held_out[at : at + BATCH])]
        ]
        return float(torch.cat(found).mean())

    def likeness_of_planner(self, file: Path) -> float:
        """The same for the encoder that the planner makes of a file."""
        with np.load(file) as stored:
            encoder = ClauseEncoder(unpacked(dict(stored)), shipped_vectors(), "")
        said = torch.tensor(encoder.encode([self.texts[row] for row in self.held_out]))
        return float((said * self.taught[self.held_out]).sum(-1).mean())


def teach(school: School, passes: int) -> Pupil:
    """A pupil after some passes over all texts."""
    torch.manual_seed(0)
    pupil, chance = Pupil(school.frequent()), random.Random(0)
    matrices = [each for each in pupil.parameters() if each.dim() > 1]
    rest = [each for each in pupil.parameters() if each.dim() == 1]
    groups = [{"params": matrices, "weight_decay": 0.02}, {"params": rest, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=RATE)
    steps = passes * math.ceil(len(school.rows) / BATCH)
    step, begun = 0, time.monotonic()
    for each in range(passes):
        for rows in school.batches(chance):
            for group in optimiser.param_groups:
                slope = 0.01 + 0.99 * (1 + math.cos(math.pi * step / steps)) / 2
                group["lr"] = RATE * min(1.0, step / WARM_UP) * slope
            said, meant = school.answers(pupil, rows)
            apart = ((said @ said.T - meant @ meant.T) ** 2).mean()
            loss = (1 - (said * meant).sum(-1)).mean() + NEARNESS * apart
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(pupil.parameters(), 1.0)
            optimiser.step()
            step += 1
        minutes = (time.monotonic() - begun) / 60
        print(f"pass {each + 1}: {school.likeness(pupil):.4f}, {minutes:.0f} min", flush=True)
    return pupil


def packed(pupil: Pupil) -> dict[str, np.ndarray]:
    """Weights of 8 bits with one scale a column, as the planner reads them."""
    stored: dict[str, np.ndarray] = {}
    for name, parameter in pupil.named_parameters():
        values = parameter.detach().numpy()
        if values.ndim == 1:
            stored[name] = values.astype(np.float16)
            continue
        rows = values if name in {"own.weight", "pos.weight"} else values.T
        scale = np.maximum(np.abs(rows).max(axis=0), 1e-12) / 127
        stored[name] = np.round(rows / scale).astype(np.int8)
        stored[f"{name}.scale"] = scale.astype(np.float16)
    place = pupil.place.numpy()
    stored["frequent"] = np.argsort(place, kind="stable")[-int(place.max()) :].astype(np.uint16)
    return stored


def main() -> None:
    """Ask the teacher, teach the pupil, and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True, metavar="DIR")
    parser.add_argument("--packages", type=Path, nargs="*", default=[], metavar="DIR")
    parser.add_argument("--wordnet", type=Path, default=Path("/usr/share/wordnet"), metavar="DIR")
    parser.add_argument("--passes", type=int, default=12)
    parser.add_argument("--out", type=Path, required=True, metavar="NPZ")
    arguments = parser.parse_args()
    texts = corpus(arguments.wordnet, arguments.packages)
    print(f"{len(texts)} texts", flush=True)
    school = School(texts, lessons(SentenceEncoder(arguments.encoder), texts))
    np.savez(arguments.out, **packed(teach(school, arguments.passes)))
    size, likeness = arguments.out.stat().st_size / 1e6, school.likeness_of_planner(arguments.out)
    print(f"{arguments.out}: {size:.1f} MB; as the planner reads it {likeness:.4f}")


if __name__ == "__main__":
    main()
