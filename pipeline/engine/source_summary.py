"""What the source files of a program define and refer to, cached by their content."""

import ast
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Definition:
    """The top-level statements of a module that bind one name.

    Attributes:
        digest: of the statements, without comments and docstrings.
        names: all names in them.
        attributes: attributes of imported names in them: (name, attribute).
    """

    digest: str
    names: Sequence[str]
    attributes: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Summary:
    """A source file.

    Attributes:
        imports: names imported anywhere in it: name -> (module, name or None).
        definitions: by the name that they bind. Statements that bind no name have the name "":
            they run on import, so every user of the module depends on them.
    """

    imports: dict[str, Sequence[Any]]
    definitions: dict[str, Definition]


class SummaryCache:
    """Summaries of modules; a source is parsed only if it differs from that of the last time."""

    def __init__(self) -> None:
        self._index: Path | None = None
        self._known: dict[str, list[Any]] = {}  # digest of the source and summary, as JSON
        self._saved: dict[str, list[Any]] = {}

    def keep_in(self, index: Path) -> None:
        """Read the summaries that a file keeps, if any, and let `save` write it."""
        # Absolute: a later command in this process may run in another folder.
        self._index, self._saved = index.absolute(), _read(index)
        self._known |= self._saved

    def get(self, module: str, source: bytes) -> Summary:
        """Return the summary of a module with this source."""
        digest = hashlib.sha256(source).hexdigest()
        entry = self._known.get(module)
        if entry is None or entry[0] != digest:
            entry = self._known[module] = [digest, *_parse(source)]
        _, imports, definitions = entry
        return Summary(imports, {name: Definition(*parts) for name, parts in definitions.items()})

    def save(self) -> None:
        """Write the file of `keep_in` if it lacks a summary."""
        if self._index is not None and self._known != self._saved:
            self._saved = dict(self._known)
            _write(self._index, self._saved)


def _read(index: Path) -> dict[str, list[Any]]:
    """Return what `_write` wrote; empty if there is no such file or it is damaged."""
    try:
        digest, _, content = index.read_bytes().partition(b"\n")
    except OSError:
        return {}
    known: dict[str, list[Any]] = json.loads(content) if digest == _digest(content) else {}
    return known


def _write(index: Path, known: dict[str, list[Any]]) -> None:
    content = json.dumps(known).encode()
    draft = index.with_suffix(f".{os.getpid()}")
    try:
        index.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(_digest(content) + b"\n" + content)
        os.replace(draft, index)
    except OSError:  # not cached: sources are parsed again next time
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _digest(content: bytes) -> bytes:
    """Digest of summaries; those of other code or another Python, which may differ, lack it."""
    code = Path(__file__).read_bytes()
    return hashlib.sha256(b"\n".join([code, sys.version.encode(), content])).hexdigest().encode()


def _parse(source: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the imports and the definitions of a `Summary`, as JSON."""
    tree = ast.parse(source)
    for part in ast.walk(tree):
        if (
            isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and isinstance(part.body[0], ast.Expr)
            and isinstance(part.body[0].value, ast.Constant)
            and isinstance(part.body[0].value.value, str)
        ):
            part.body = part.body[1:] or [ast.Pass()]
    imports = dict(_imports(tree))
    definitions: dict[str, list[ast.stmt]] = {}
    for node in tree.body:
        for name in _bound_names(node):
            definitions.setdefault(name, []).append(node)
    return imports, {name: _define(nodes, imports) for name, nodes in definitions.items()}


def _define(nodes: list[ast.stmt], imports: dict[str, Any]) -> list[Any]:
    names: set[str] = set()
    attributes: set[tuple[str, str]] = set()
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                names.add(part.id)
            elif (
                isinstance(part, ast.Attribute)
                and isinstance(part.value, ast.Name)
                and part.value.id in imports
            ):
                attributes.add((part.value.id, part.attr))
    text = "\n".join(map(ast.dump, nodes))
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return [digest, sorted(names), sorted(attributes)]


def _bound_names(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            parts = [part for target in targets for part in ast.walk(target)]
            return [part.id for part in parts if isinstance(part, ast.Name)]
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return []
    return [""]


def _imports(tree: ast.Module) -> Iterator[tuple[str, tuple[str, str | None]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name if alias.asname else alias.name.partition(".")[0]
                yield alias.asname or top, (top, None)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield alias.asname or alias.name, (node.module, alias.name)
