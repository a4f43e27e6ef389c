"""The model of `controlllm_planner.matching.model`, in a form that can be fitted.

Requests of several catalogues are laid into one batch, padded to the largest of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from labelled_requests import Case, Catalogue
from torch.nn.functional import dropout, pad

from controlllm_planner.matching.features import CLAUSE_FEATURES, TOOL_FEATURES

RANK = 64
DROPPED = {"clauses": 0.2, "sentences": 0.2}
"""Share of what a clause means that is left out at each look while fitting, by kind."""

_NO_TOOL = -1e4
_LEAST = 1e-6


class Catalogues:
    """The figures of all catalogues, padded to the largest.

    Attributes:
        number: Of each catalogue, by label.
        sizes: How many tools each has, `(catalogues,)`.
        meant: What names and what the other texts of cards mean, `(catalogues, tools, dimensions)`.
        makes: Whether the main output of a tool is of a type, `(catalogues, tools, types)`.
        takes: Whether a tool takes a type, `(catalogues, types, tools)`.
    """

    def __init__(self, catalogues: Mapping[str, Catalogue]) -> None:
        self.number = {label: row for row, label in enumerate(catalogues)}
        held = list(catalogues.values())
        self.sizes = torch.tensor([len(each.names) for each in held])
        most = int(self.sizes.max())
        types = max(each.takes.shape[1] for each in held)
        names = torch.stack([_padded(each.names, most) for each in held])
        self.meant = names, torch.stack([_padded(each.texts, most) for each in held])
        self.takes = torch.stack([_padded(_padded(e.takes, most).T, types) for e in held])
        self.makes = torch.stack([_padded(_main_types(e, types), most) for e in held])

    def links(self, cases: Iterable[Case]) -> dict[int, torch.Tensor]:
        """How often tools follow each other in some cases, `(tools, tools)` by catalogue."""
        counted: dict[int, torch.Tensor] = {}
        for case in cases:
            row = self.number[case.catalogue]
            for before, after in case.links:
                most = int(self.sizes.max())
                counted.setdefault(row, torch.zeros(most, most))[before, after] += 1
        return {row: torch.log1p(counts) for row, counts in counted.items()}


def _main_types(catalogue: Catalogue, types: int) -> torch.Tensor:
    made = torch.zeros(len(catalogue.main), types)
    has_main = catalogue.main >= 0
    made[has_main, catalogue.main[has_main]] = 1.0
    return made


def _padded(rows: torch.Tensor, count: int) -> torch.Tensor:
    return pad(rows, (0, 0, 0, count - len(rows)))


@dataclass
class Batch:
    """Requests laid together.

    Attributes:
        catalogue: Number of the catalogue of each request, `(requests,)`.
        owner: Number of the request of each clause, `(clauses,)`.
        place: Of each clause in its request, in the same form.
        tools: `(clauses, tools, figures)`.
        clause: `(clauses, CLAUSE_FEATURES)`.
        meaning: `(clauses, dimensions)`.
        pieces: The word pieces of all clauses, by their rows in the table.
        piece_of: The clause of each.
        shares: What each adds to what its clause means.
        at_hand: `(requests, tools, 2)`.
        needed: Whether a tool reaches a goal, `(requests, goals, tools)`.
        real: Whether a tool is one of its catalogue, `(requests, tools)`.
    """

    catalogue: torch.Tensor
    owner: torch.Tensor
    place: torch.Tensor
    tools: torch.Tensor
    clause: torch.Tensor
    meaning: torch.Tensor
    pieces: torch.Tensor
    piece_of: torch.Tensor
    shares: torch.Tensor
    at_hand: torch.Tensor
    needed: torch.Tensor
    real: torch.Tensor

    @classmethod
    def of(cls, cases: Sequence[Case], catalogues: Catalogues) -> Batch:
        """Lay cases together."""
        numbers = torch.tensor([catalogues.number[case.catalogue] for case in cases])
        sizes = catalogues.sizes[numbers]
        most = int(sizes.max())
        needed = torch.zeros(len(cases), max(len(case.needed) for case in cases), most)
        for row, case in enumerate(cases):
            for goal, tools in enumerate(case.needed):
                needed[row, goal, tools] = 1.0
        counts = torch.tensor([len(case.clause) for case in cases])
        return cls(
            catalogue=numbers,
            owner=torch.arange(len(cases)).repeat_interleave(counts),
            place=torch.cat([torch.arange(count) for count in counts.tolist()]),
            tools=torch.cat([pad(c.tools, (0, 0, 0, most - c.tools.shape[1])) for c in cases]),
            clause=torch.cat([case.clause for case in cases]),
            meaning=torch.cat([case.meaning for case in cases]),
            pieces=torch.cat([case.pieces for case in cases]),
            piece_of=torch.cat(
                [c.piece_of + at for c, at in zip(cases, counts.cumsum(0) - counts, strict=True)]
            ),
            shares=torch.cat([case.shares for case in cases]),
            at_hand=torch.stack([_padded(case.at_hand, most) for case in cases]),
            needed=needed,
            real=torch.arange(most)[None] < sizes[:, None],
        )

    def by_request(self, figures: torch.Tensor) -> torch.Tensor:
        """Figures of clauses, as `(requests, most clauses, ...)`; zero where there is none."""
        shape = (len(self.catalogue), int(self.place.max()) + 1, *figures.shape[1:])
        return torch.zeros(shape).index_put((self.owner, self.place), figures)


class Model(torch.nn.Module):
    """The matcher of one kind.

    Attributes:
        kind: `lexical`, `words`, `clauses` or `sentences`.
        place: For each word piece its place among those that are learned, or -1, `(pieces,)`.
    """

    def __init__(self, kind: str, dimensions: int, figures: int, places: torch.Tensor) -> None:
        super().__init__()
        parameter = torch.nn.Parameter
        self.kind = kind
        means = float(kind != "lexical")
        more = figures - TOOL_FEATURES
        used = [1.0, 1, means, means, means] + [1.0] * 9 + [1.0] * more
        begin = [1.5, 1.5, 3, 3, 1.5, 0.3, 0.3, 0.3, 0.3, 1, 0.5, -0.5, 0.5, 0.5] + [2.0] * more
        self.register_buffer("used", torch.tensor(used))
        self.tool = parameter(torch.tensor(begin))
        self.clause = parameter(torch.zeros(CLAUSE_FEATURES))
        self.mute = parameter(torch.zeros(dimensions))
        spread = 1.4 / dimensions**0.5
        self.words = parameter(torch.randn(dimensions, RANK) * spread)
        self.cards = parameter(torch.randn(dimensions, RANK) * spread)
        self.register_buffer("place", places)
        self.learned = parameter(torch.zeros(int(places.max()) + 1, RANK))
        self.learned_mute = parameter(torch.zeros(len(self.learned)))
        self.name_share = parameter(torch.tensor(0.5))
        self.bias = parameter(torch.tensor(0.0))
        self.at_hand = parameter(torch.tensor([0.3, 0.3]))
        self.flow = parameter(torch.tensor([0.1, 0.1, 0.1]))

    def forward(
        self, batch: Batch, catalogues: Catalogues, links: Mapping[int, torch.Tensor]
    ) -> torch.Tensor:
        """Scores `(clauses, 1 + tools)` before the softmax; the first column is for no tool."""
        scores = batch.tools @ (self.tool * self.used) + self.bias
        scores = scores + (batch.at_hand @ self.at_hand)[batch.owner]
        none = batch.clause @ self.clause
        if self.kind != "lexical":
            place = self.place[batch.pieces]
            held = place >= 0
            place, clause, share = place[held], batch.piece_of[held], batch.shares[held, None]
            asked = (batch.meaning @ self.words).index_add(0, clause, self.learned[place] * share)
            none = none.index_add(0, clause, self.learned_mute[place] * share[:, 0])
            asked = dropout(asked, DROPPED.get(self.kind, 0.0), self.training)
            cards = self._cards(batch, catalogues)
            scores = scores + (cards @ asked[..., None])[..., 0]
            none = none + batch.meaning @ self.mute
        scores = scores.masked_fill(~batch.real[batch.owner], _NO_TOOL)
        first = torch.softmax(torch.cat([none[:, None], scores], 1), 1)
        followed = self._followed(batch.by_request(first), batch, catalogues, links)
        scores = scores + followed[batch.owner, batch.place] @ self.flow
        return torch.cat([none[:, None], scores], 1)

    def _cards(self, batch: Batch, catalogues: Catalogues) -> torch.Tensor:
        """What the cards mean that each clause may ask for, `(clauses, tools, rank)`."""
        rows, of_request = batch.catalogue.unique(return_inverse=True)
        names, texts = (each[rows, : batch.real.shape[1]] for each in catalogues.meant)
        meant = self.name_share * names + (1 - self.name_share) * texts
        return (meant @ self.cards)[of_request[batch.owner]]

    def _followed(
        self,
        first: torch.Tensor,
        batch: Batch,
        catalogues: Catalogues,
        links: Mapping[int, torch.Tensor],
    ) -> torch.Tensor:
        """The figures of what comes before, `(requests, clauses, tools, 3)`."""
        most = batch.real.shape[1]
        makes = catalogues.makes[batch.catalogue, :most]
        takes = catalogues.takes[batch.catalogue, :, :most]
        known = [
            (row, links[each]) for row, each in enumerate(batch.catalogue.tolist()) if each in links
        ]
        latest = torch.zeros(len(first), 1, most)
        nothing_yet = torch.ones(len(first), 1)
        found = []
        for clause in range(first.shape[1]):
            taking = (latest @ makes @ takes)[:, 0]
            led = torch.zeros_like(taking)
            for row, pull in known:
                led[row] = latest[row, 0] @ pull[:most, :most]
            unfilled = nothing_yet * batch.at_hand[..., 0]
            found.append(torch.stack([taking, unfilled, led], -1))
            guess = first[:, clause]
            latest = guess[:, None, 1:] + guess[:, :1, None] * latest
            nothing_yet = nothing_yet * guess[:, :1]
        return torch.stack(found, 1)

    def losses(
        self, batch: Batch, catalogues: Catalogues, links: Mapping[int, torch.Tensor], extra: float
    ) -> torch.Tensor:
        """Per request, minus the log likelihood of asking for what is needed and nothing else."""
        asked = torch.softmax(self(batch, catalogues, links), 1)[:, 1:]
        asked = batch.by_request(asked.clamp(_LEAST, 1 - _LEAST))
        met = torch.einsum("rct,rgt->rcg", asked, batch.needed).clamp(max=1 - _LEAST)
        missed = torch.log1p(-met).sum(1).exp().clamp(max=1 - _LEAST)
        is_goal = batch.needed.any(2)
        total = -(torch.log1p(-missed) * is_goal).sum(1)
        others = batch.real & ~batch.needed.any(1)
        more = torch.einsum("rct,rt->rc", asked, others.float()).clamp(max=1 - _LEAST)
        return total - extra * torch.log1p(-more).sum(1)
