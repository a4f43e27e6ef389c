"""Composition root: settings to live objects. The only place that chooses implementations."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from controlllm.errors import ConfigurationError
from controlllm.events import RunId
from controlllm.execution.artifacts import ArtifactStore
from controlllm.execution.backends.base import ExecutionBackend
from controlllm.execution.backends.inline import InlineBackend
from controlllm.execution.backends.process import ProcessBackend
from controlllm.identity import is_gone, this_process
from controlllm.intake import FILE_TYPES, Intake
from controlllm.provenance.engine import open_engine, open_to_read, reading
from controlllm.provenance.observations import Experience, priors_of
from controlllm.provenance.store import SqlStore
from controlllm.service import RunService
from controlllm.settings import Settings
from controlllm_planner.decompose.base import Decomposer
from controlllm_planner.decompose.by_matching import ByMatching
from controlllm_planner.decompose.in_english import InEnglish
from controlllm_planner.matching.card_sentences import CardSentences
from controlllm_planner.matching.clause_encoder import shipped_encoder
from controlllm_planner.matching.kept_vectors import Told
from controlllm_planner.matching.model import Matcher
from controlllm_planner.matching.sentence_encoder import EncoderUnusable, SentenceEncoder
from controlllm_planner.planner import Planner
from controlllm_planner.priors import NOTHING_SEEN, Priors
from controlllm_planner.relevance import LexicalRelevance
from controlllm_planner.search.adaptive import Adaptive
from controlllm_planner.search.base import SearchBudget, SearchStrategy
from controlllm_planner.search.beam import Beam
from controlllm_planner.search.best_first import BestFirst
from controlllm_planner.search.exhaustive import Exhaustive
from controlllm_planner.search.greedy import Greedy
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.needs import missing_needs
from controlllm_tools.registry import Registry, load_registry

STRATEGIES: dict[str, Callable[[], SearchStrategy]] = {
    "best_first": BestFirst,
    "adaptive": Adaptive,
    "beam": Beam,
    "greedy": Greedy,
    "exhaustive": Exhaustive,
}

SEARCH_SECONDS = 2.0
"""Time bound of one search; its bound in work is in `SearchBudget`."""


@contextmanager
def open_service(
    settings: Settings, registry: Registry | None = None, told: Told | None = None
) -> Iterator[RunService]:
    """A service over the configured database, artefacts and catalogue.

    Args:
        settings: What to open.
        registry: The catalogue; by default that of the settings.
        told: See `make_planner`.

    Raises:
        ConfigurationError: A setting is wrong.
        CatalogueError: The registry is wrong.
        StoreUnavailable: The database does not answer.
    """
    registry = registry or load_registry(settings.registry)
    artifacts = ArtifactStore(settings.artifact_root)
    planner = make_planner(registry, settings=settings, told=told)
    store = open_record(settings)
    if settings.learn:
        planner = replace(planner, priors=Experience(store.priors, time.monotonic).priors)
    owner = this_process()
    scratch = settings.scratch_root / owner.replace("/", "-")
    _remove_scratch_of_the_dead(settings)
    try:
        yield RunService(
            registry=registry,
            planner=planner,
            store=store,
            artifacts=artifacts,
            intake=Intake(artifacts, frozenset(registry.types)),
            backend=lambda: _backend(settings, scratch),
            scratch=scratch,
            owner=owner,
            is_gone=is_gone,
            now=utc_now,
            new_id=_new_run_id,
            max_parallel=settings.max_parallel,
            use_cache=settings.cache,
        )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        store.close()


def open_record(settings: Settings) -> SqlStore:
    """The record alone; whoever opens it closes it.

    Raises:
        ConfigurationError: The database cannot be used.
        StoreUnavailable: It does not answer.
    """
    return SqlStore(open_engine(settings.database), now_s=_wall_s, lease_s=settings.lease_s)


def recorded_priors(settings: Settings) -> Priors:
    """What the record knows of the tools by now, nothing where there is none; it is only read.

    Raises:
        ConfigurationError: The database cannot be used.
        StoreUnavailable: It does not answer.
    """
    engine = open_to_read(settings.database)
    if engine is None:
        return NOTHING_SEEN
    try:
        with reading(engine) as connection:
            return priors_of(connection)
    finally:
        engine.dispose()


def make_planner(  # noqa: PLR0913 - options by name
    registry: Registry,
    *,
    strategy: str = "best_first",
    all_tools: bool = False,
    solutions: int = 5,
    settings: Settings | None = None,
    told: Told | None = None,
) -> Planner:
    """A planner over a catalogue, that knows of its tools what their cards say.

    Args:
        registry: The catalogue.
        strategy: A name of `STRATEGIES`.
        all_tools: Whether to plan with tools that cannot run here.
        solutions: How many solutions to look for per task.
        settings: Say the time limit of every step, which sentence encoder to read with, and where
            to keep what it made of the cards. Without them there is no such limit, the encoder is
            the one that comes along, and nothing is kept.
        told: Is told how far the reading of a large catalogue is, where it was never read before.

    Raises:
        ConfigurationError: The folder of a sentence encoder holds none that can be used.
    """
    graph = ToolGraph.from_registry(registry)
    relevance = LexicalRelevance(graph)
    return Planner(
        graph=graph,
        relevance=relevance,
        decomposer=_decomposer(graph, relevance, settings, told),
        strategy=STRATEGIES[strategy](),
        unavailable={} if all_tools else unavailable_tools(registry),
        budget=lambda: _budget(solutions),
        step_timeout_s=settings.step_timeout_s if settings else None,
        file_types=FILE_TYPES,
    )


def _decomposer(
    graph: ToolGraph, relevance: LexicalRelevance, settings: Settings | None, told: Told | None
) -> Decomposer:
    """Reads requests by the encoder of the settings, else by the one that comes along.

    Raises:
        ConfigurationError: The folder of the settings holds none that can be used.
    """
    kept = settings.vector_root if settings else None
    folder = settings.sentence_model if settings else None
    try:
        encoder = SentenceEncoder(folder.absolute()) if folder else shipped_encoder()
        sentences = CardSentences(graph.cards, encoder, kept, told)
        matcher = Matcher.shipped(graph, relevance, sentences)
    except EncoderUnusable as error:
        msg = f"CONTROLLLM_SENTENCE_MODEL: {error}"
        raise ConfigurationError(msg) from error
    return InEnglish(ByMatching(graph, relevance, matcher), relevance)


def unavailable_tools(registry: Registry) -> dict[str, str]:
    """Why each tool that cannot run here cannot, by name."""
    reasons = {}
    for card in registry.cards.values():
        if card.entry_point is None:
            reasons[card.name] = "it has no entry point: it can be planned, not run"
        elif missing := missing_needs(card.needs):
            reasons[card.name] = "; ".join(map(str, missing))
    return reasons


def sweep_artifacts(service: RunService, settings: Settings) -> list[Path]:
    """Remove artefact files that no row points to and that no step can be about to commit."""
    kept = service.store.stored_digests()
    grace_s = settings.sweep_grace_s
    return service.artifacts.sweep(kept, now_s=_wall_s(), grace_s=grace_s)


def utc_now() -> str:
    """The current time, as the record writes it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _budget(solutions: int) -> SearchBudget:
    end = time.monotonic() + SEARCH_SECONDS
    return SearchBudget(solutions=solutions, is_over=lambda: time.monotonic() > end)


def _backend(settings: Settings, scratch: Path) -> ExecutionBackend:
    if settings.backend == "inline":
        return InlineBackend()
    return ProcessBackend(scratch, settings.worker_log)


def _wall_s() -> float:
    return datetime.now(UTC).timestamp()


def _new_run_id() -> RunId:
    """Sortable by time, and short enough to type its beginning."""
    stamp = datetime.now(UTC).strftime("%y%m%d-%H%M%S")
    return RunId(f"{stamp}-{secrets.token_hex(3)}")


def _remove_scratch_of_the_dead(settings: Settings) -> None:
    """What killed processes left behind."""
    if not settings.scratch_root.is_dir():
        return
    for folder in settings.scratch_root.iterdir():
        host, _, rest = folder.name.rpartition("-")
        host, _, pid = host.rpartition("-")
        if is_gone(f"{host}/{pid}/{rest}"):
            shutil.rmtree(folder, ignore_errors=True)
