"""Where an entry point leads, found by reading source: nothing of it is imported or run."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path


def entry_point_fault(entry_point: str) -> str | None:
    """What is wrong with `module:Class`, or None.

    Compiled modules, and modules that import everything from another one, are believed.
    """
    module_name, _, class_name = entry_point.partition(":")
    spec = _spec(module_name)
    if spec is None:
        return f"module {module_name!r} does not exist; check the path and what is installed"
    names = _names(spec.origin) if spec.origin else None
    if names is not None and class_name not in names and "*" not in names:
        return f"module {module_name!r} defines no {class_name!r}"
    return None


@cache
def _spec(module_name: str) -> ModuleSpec | None:
    """Find a module; unlike `importlib.util.find_spec` this does not import its parents."""
    first, *rest = module_name.split(".")
    try:
        spec = importlib.util.find_spec(first)
    except (ImportError, ValueError):
        return None
    name = first
    for part in rest:
        if spec is None or spec.submodule_search_locations is None:
            return None
        name = f"{name}.{part}"
        spec = PathFinder.find_spec(name, list(spec.submodule_search_locations))
    return spec


@cache
def _names(origin: str) -> frozenset[str] | None:
    """Names bound at the top of a module, imported ones too; None when there is no source."""
    path = Path(origin)
    if path.suffix != ".py":
        return None
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return frozenset()  # it cannot be imported either
    return frozenset(name for statement in tree.body for name in _bound(statement))


def _bound(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            # a module's own __getattr__ may offer any name
            yield "*" if name == "__getattr__" else name
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            for alias in aliases:
                yield alias.asname or alias.name.partition(".")[0]
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case ast.If(body=body, orelse=other) | ast.Try(body=body, orelse=other):
            handlers = statement.handlers if isinstance(statement, ast.Try) else []
            for inner in [*body, *other, *(s for handler in handlers for s in handler.body)]:
                yield from _bound(inner)
        case _:
            return
