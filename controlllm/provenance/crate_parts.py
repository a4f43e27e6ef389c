"""The kinds of entities that a Run Crate is put together from, each added once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rocrate.model import ContextEntity, Entity
from rocrate.rocrate import ROCrate

from controlllm.errors import ArtifactLost
from controlllm.records import SPOKEN, LinkRecord
from controlllm_tools.resources import Resource

PathOf = Callable[[Resource], Path | None]
"""The stored file of an artefact; None when it is inline."""

_PARAMETER_PROFILE = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"
_VALUE_TYPES = {"number", "boolean", "option"}
_NAME_LIMIT_CHARS = 100


class CrateParts:
    """The kinds of entities that a crate is put together from, each added once."""

    def __init__(self, crate: ROCrate, path_of: PathOf) -> None:
        self._crate = crate
        self._path_of = path_of
        self._examples: dict[str, dict[str, Entity]] = {}
        self._files: dict[str, Entity] = {}

    def add(self, id_: str, type_: str, **about: Any) -> Entity:  # noqa: ANN401 - JSON-LD values
        """An entity about something; what is not known is left out."""
        known = {name: value for name, value in about.items() if value not in (None, "", [])}
        return self._crate.add(
            ContextEntity(self._crate, id_, properties={"@type": type_, **known})
        )

    def data(self, link: LinkRecord) -> Entity:
        """What lies on a made link: a file, or a value."""
        resource = link.resource
        if resource.text is not None and _is_value(link):
            id_ = entity_id("value", link.step, link.port, str(link.position))
            name = link.port.removeprefix(SPOKEN).rpartition(".")[2]
            return self._crate.get(id_) or self.add(
                id_, "PropertyValue", name=name, value=resource.text
            )
        if resource.sha256 not in self._files:
            self._files[resource.sha256] = self._add_file(resource)
        return self._files[resource.sha256]

    def _add_file(self, resource: Resource) -> Entity:
        path = self._path_of(resource)
        if path is not None and not path.is_file():
            msg = f"{resource.handle} is gone from the artefact store; replay its run"
            raise ArtifactLost(msg)
        content = BytesIO((resource.text or "").encode("utf-8", "surrogatepass"))
        about = {
            "name": resource.name or resource.handle,
            "additionalType": str(resource.type),
            "encodingFormat": resource.mime,
            "contentSize": str(resource.size_bytes),
            "sha256": resource.sha256,
        }
        if resource.caption:
            about["description"] = resource.caption
        place = f"artifacts/{resource.sha256}/{_file_name(resource)}"
        return self._crate.add_file(path or content, place, properties=about)

    def parameter(self, id_: str, name: str, owner: Entity, way: str, **about: Any) -> None:  # noqa: ANN401 - JSON-LD values
        """A port of a tool or of the plan."""
        if id_ not in self._examples:
            self._examples[id_] = {}
            conforms = {"@id": _PARAMETER_PROFILE}
            port = self.add(id_, "FormalParameter", name=name, conformsTo=conforms, **about)
            owner[way] = one_or_list([*_many(owner.get(way)), port])

    def give_example(self, id_: str, example: Entity) -> None:
        """Say what lay on a port once."""
        self._examples[id_][example.id] = example

    def connect(self, source: str, target: str) -> Entity:
        """What lies on one port goes to another one."""
        id_ = f"{entity_id('connection')}/{source[1:]}/{target[1:]}"
        return self._crate.get(id_) or self.add(
            id_,
            "ParameterConnection",
            sourceParameter={"@id": source},
            targetParameter={"@id": target},
        )

    def settle(self) -> None:
        """Tell at each port what lay there, and the other way round."""
        for id_, examples in self._examples.items():
            port = self._crate.get(id_)
            kinds = {"PropertyValue" if e.id.startswith("#") else "File" for e in examples.values()}
            port["additionalType"] = one_or_list(sorted(kinds))
            port["workExample"] = one_or_list(examples.values())
            for example in examples.values():
                example["exampleOfWork"] = one_or_list([*_many(example.get("exampleOfWork")), port])


def content_facts(content: bytes, mime: str) -> dict[str, str]:
    """What a crate says of the content of a file."""
    return {
        "encodingFormat": mime,
        "contentSize": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def entity_id(*parts: str) -> str:
    """The id of an entity that is no file, from parts that may hold any character."""
    return "#" + "/".join(quote(part, safe="") for part in parts)


def one_or_list(values: Iterable[Entity | str]) -> Any:  # noqa: ANN401 - JSON-LD
    """Several values as a list, one as itself."""
    held = list(dict.fromkeys(values))
    return held[0] if len(held) == 1 else held


def _many(value: Any) -> list[Any]:  # noqa: ANN401 - JSON-LD
    """Undo `one_or_list`."""
    return [] if value is None else value if isinstance(value, list) else [value]


def _is_value(link: LinkRecord) -> bool:
    """Whether an inline artefact is rather a setting than a document."""
    return link.resource.type.root in _VALUE_TYPES or link.port.startswith(SPOKEN)


def _file_name(resource: Resource) -> str:
    """A name that every file system takes."""
    stem = "".join(c if c.isalnum() or c in "._-" else "_" for c in resource.name).strip(".")
    return stem[-_NAME_LIMIT_CHARS:] or "content"
