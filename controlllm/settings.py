"""Settings: every option once, from the environment. Functions take values, not settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import AliasChoices, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from controlllm.errors import ConfigurationError

_ROOT = Path(__file__).resolve().parent


def default_registry() -> Path:
    """The registry beside the source tree, else the one inside the installed package."""
    beside = _ROOT.parent / "registry.yaml"
    return beside if beside.is_file() else _ROOT / "registry.yaml"


class Settings(BaseSettings):
    """What can be set, with its environment variable and default.

    Attributes:
        home: Folder of everything the program keeps: database, artefacts, scratch, logs.
        registry: The catalogue's entry file.
        database_url: SQLAlchemy URL; SQLite below `home` by default.
        backend: `process` runs tools in worker processes, `inline` in this one.
        max_parallel: Calls under way at once.
        step_timeout_s: One time limit for every step; by default it follows the estimate.
        learn: Whether plans reckon with how tools did in earlier runs, and not with cards alone.
        sentence_model: Folder of a sentence encoder that the planner reads requests with; without
            one it reads them by single words.
        cache: Whether results of equal deterministic work are used again.
        lease_s: After so long without a sign of life, another process may take a run over; a
            process gives such signs every few seconds, so less than 6 would lose living runs.
        sweep_grace_s: Age from which an artefact file without a row is removed.
    """

    model_config = SettingsConfigDict(
        env_prefix="CONTROLLLM_", env_ignore_empty=True, extra="ignore", populate_by_name=True
    )

    home: Path = Field(default_factory=lambda: platformdirs.user_data_path("controlllm"))
    registry: Path = Field(default_factory=default_registry)
    database_url: str = Field(
        default="", validation_alias=AliasChoices("CONTROLLLM_DATABASE_URL", "DATABASE_URL")
    )
    backend: Literal["process", "inline"] = "process"
    max_parallel: Annotated[int, Field(ge=1, le=256)] = 2
    step_timeout_s: Annotated[float, Field(gt=0)] | None = None
    learn: bool = True
    sentence_model: Path | None = None
    cache: bool = True
    lease_s: Annotated[float, Field(ge=6)] = 15.0
    sweep_grace_s: Annotated[float, Field(ge=0)] = 3_600.0

    @property
    def root(self) -> Path:
        """The home folder as an absolute path; workers stand in a folder of their own."""
        return self.home.absolute()

    @property
    def database(self) -> str:
        """The database URL, with the default filled in."""
        if self.database_url:
            return self.database_url
        # as sqlalchemy's URL.create does it, without the time that importing it takes
        file = str(self.root / "controlllm.db").replace("%", "%25")
        return f"sqlite:///{file.replace('?', '%3F').replace('#', '%23')}"

    @property
    def artifact_root(self) -> Path:
        """Folder of the artefact store."""
        return self.root / "artifacts"

    @property
    def scratch_root(self) -> Path:
        """Folder of the scratch folders of all processes."""
        return self.root / "scratch"

    @property
    def vector_root(self) -> Path:
        """Folder of what a sentence encoder made of the cards; can be thrown away."""
        return self.root / "cache"

    @property
    def log(self) -> Path:
        """Warnings and errors of the program itself."""
        return self.root / "logs" / "controlllm.log"

    @property
    def worker_log(self) -> Path:
        """What workers and their libraries print."""
        return self.root / "logs" / "workers.log"


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        ConfigurationError: A value is wrong; the message names the variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        name = str(fault["loc"][0]).upper()
        variable = name if name.endswith("DATABASE_URL") else f"CONTROLLLM_{name}"
        msg = f"{variable}={fault['input']!r}: {fault['msg']}"
        raise ConfigurationError(msg) from error
