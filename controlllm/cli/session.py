"""What commands share: options of the same name mean the same, and a service is opened one way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:  # the service brings in the database library, which help does not need
    from controlllm.service import RunService
    from controlllm.settings import Settings
    from controlllm_planner.planner import Planner
    from controlllm_planner.task import Constraints, Request

Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
RegistryFile = Annotated[
    Path | None, typer.Option("--registry", help="Catalogue to use instead of the built-in one.")
]
AllTools = Annotated[
    bool, typer.Option("--all-tools", help="Plan with tools that cannot run here, too.")
]


def settings_with(registry: Path | None = None, **changes: object) -> Settings:
    """The settings of the environment with what the command line says on top."""
    from controlllm.settings import load_settings

    wanted = {name: value for name, value in changes.items() if value is not None}
    if registry is not None:
        wanted["registry"] = registry
    return load_settings().model_copy(update=wanted)


@contextmanager
def service(registry: Path | None = None, **changes: object) -> Iterator[RunService]:
    """An open service; what it logs goes to a file of the home folder."""
    from controlllm.app import open_service
    from controlllm.cli.live import reading_bar
    from controlllm.cli.log import log_to

    settings = settings_with(registry, **changes)
    log_to(settings.log)
    with ExitStack() as stack:
        with reading_bar() as told:
            opened = stack.enter_context(open_service(settings, told=told))
        yield opened


def planner_of(registry: Path | None, **options: Any) -> Planner:  # noqa: ANN401 - passed on
    """A planner without a service; see `make_planner` for its options."""
    from controlllm.app import make_planner
    from controlllm.cli.live import reading_bar
    from controlllm_tools.registry import load_registry

    settings = settings_with(registry)
    catalogue = load_registry(settings.registry)
    with reading_bar() as told:
        return make_planner(catalogue, settings=settings, told=told, **options)


def make_request(
    opened: RunService, text: str, files: list[Path], constraints: Constraints
) -> Request:
    """A request with its files taken in.

    Raises:
        InvalidInput: A file is missing, broken or of no known kind.
    """
    from controlllm_planner.task import Attachment, Request
    from controlllm_tools.resources import without_controls

    attachments: list[Attachment] = []
    for file in files:
        taken = [each.name for each in attachments]
        attachments.append(opened.intake.attach(file, taken))
    return Request(
        text=without_controls(text), attachments=tuple(attachments), constraints=constraints
    )
