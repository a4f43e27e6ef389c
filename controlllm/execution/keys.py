"""The key of a step: one value for cache, resume and provenance.

Two steps with equal keys do equal work: same tool and card, same input contents, same parameters,
same seed, same tenant. Out of the key stay run, step id, names, times and attempts. Inputs are
known by content only once the steps before are done, so the key is made when a step may start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from controlllm_tools.resources import Resource, digest_of

KEY_VERSION = 1


def step_key(
    tool: str,
    card_hash: str,
    inputs: Mapping[str, Sequence[Resource]],
    *,
    seed: int,
    tenant: str = "local",
) -> str:
    """sha256 over everything that decides a step's result.

    The card's hash covers name, version, models and defaults, so a change of any of them starts
    anew.
    """
    contents = {
        port: [[str(each.type), each.sha256] for each in held] for port, held in inputs.items()
    }
    return digest_of([KEY_VERSION, tool, card_hash, contents, seed, tenant])
