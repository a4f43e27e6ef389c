"""The story of a run as a Provenance Run Crate (Workflow Run RO-Crate, profile 0.5).

    plan                     File, SoftwareSourceCode, ComputationalWorkflow and HowTo at once
    step of the plan         HowToStep; only steps that were begun, the profile has no others
    tool                     SoftwareApplication, with a FormalParameter for each port in use
    step that was run        CreateAction of the tool, and a ControlAction that points to the
                             HowToStep
    run                      CreateAction of the plan; the engine's OrganizeAction holds it together
    artefact                 File; a number, a truth value or words of the request are a
                             PropertyValue

Who reads from whom is a ParameterConnection between the ports.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rocrate.model import ComputationalWorkflow, ComputerLanguage, ContextEntity, Entity
from rocrate.rocrate import ROCrate

from controlllm.errors import ArtifactLost
from controlllm.provenance.story import RunStory
from controlllm.records import FROM_PERSON, LinkRecord, StepRecord
from controlllm_tools.resources import Resource

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/provenance/0.5": ("Provenance Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
_TERMS = "https://w3id.org/ro/terms/workflow-run/context"
_WORKFLOW_PROFILE = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
_PARAMETER_PROFILE = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"
_STATUS = "http://schema.org/{}ActionStatus"
_VALUE_TYPES = {"number", "boolean", "option"}

PathOf = Callable[[Resource], Path | None]


def run_crate(story: RunStory, path_of: PathOf, engine_version: str) -> ROCrate:
    """Tell the story of a run as a crate, which can then be written to a folder.

    Args:
        story: Of the run.
        path_of: The stored file of an artefact; None when it is inline.
        engine_version: Version of this program.

    Raises:
        ArtifactLost: A stored file is gone.
    """
    return _Packer(story, path_of).pack(engine_version)
