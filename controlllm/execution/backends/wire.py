"""Jobs and products as JSON lines, between a backend and its worker processes.

Never pickled objects: a worker runs tools of other people, and what it sends back is only read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from controlllm.execution.backends.base import Job
from controlllm_tools.card import ToolCard
from controlllm_tools.perform import Product
from controlllm_tools.resources import MediaFacts, Resource, ResourceType
from controlllm_tools.tool import Inputs, Item

LINE_LIMIT_BYTES = 64 * 2**20


def job_to_json(job: Job) -> dict[str, Any]:
    """A job, as the worker reads it."""
    return {
        "card": job.card.to_json(),
        "inputs": {
            port: [
                {"resource": item.resource.to_json(), "path": str(item.path) if item.path else None}
                for item in items
            ]
            for port, items in job.inputs.items()
        },
        "scratch": str(job.scratch),
        "seed": job.seed,
        "timeout_s": job.timeout_s,
    }


def job_from_json(data: dict[str, Any]) -> Job:
    """Undo `job_to_json`."""
    inputs = {
        port: [
            Item(Resource.from_json(item["resource"]), Path(item["path"]) if item["path"] else None)
            for item in items
        ]
        for port, items in data["inputs"].items()
    }
    return Job(
        card=TypeAdapter(ToolCard).validate_python(data["card"]),
        inputs=Inputs(inputs),
        scratch=Path(data["scratch"]),
        seed=data["seed"],
        timeout_s=data["timeout_s"],
    )


def product_to_json(product: Product) -> dict[str, Any]:
    """A product, as the backend reads it."""
    return {
        "port": product.port,
        "index": product.index,
        "type": str(product.type),
        "mime": product.mime,
        "path": str(product.path) if product.path else None,
        "text": product.text,
        "name": product.name,
        "caption": product.caption,
        "facts": product.facts.known(),
    }


def product_from_json(data: dict[str, Any]) -> Product:
    """Undo `product_to_json`."""
    return Product(
        port=data["port"],
        index=data["index"],
        type=ResourceType(data["type"]),
        mime=data["mime"],
        path=Path(data["path"]) if data["path"] else None,
        text=data["text"],
        name=data["name"],
        caption=data["caption"],
        facts=MediaFacts(**data["facts"]),
    )
