"""Fingerprints of the code that a function calls in this project, read without running it.

Source files are parsed, never imported, so that asking whether a step is up to date costs no
import of torch. A name counts if the function reaches it: an edit to a helper changes the
fingerprint, an edit to a comment, a docstring or another function of the same file does not.
"""

import ast
import hashlib
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

PACKAGE = "pipeline"
ENGINE = "pipeline.engine."
ROOT = Path(__file__).parents[2]

DISTRIBUTIONS = {"sklearn": "scikit-learn", "pretty_midi": "pretty-midi", "visqol": "visqol-python"}
"""Where a library's import name is not the name it is installed under."""

DECIDING = frozenset(
    "midirenderer numpy optuna pretty_midi pyloudnorm scipy sklearn soundfile torch torchaudio "
    "visqol".split()
)
"""Libraries whose version decides numbers."""


@cache
def fingerprint(function: str) -> tuple[dict[str, str], dict[str, str]]:
    """Digests of all code that `function` reaches, by "module:name", and the versions of the
    libraries it uses, Python's among them. The engine's own code carries values and decides
    none: it does not count.

    Args:
        function: "package.module:name", with the module inside this project.

    Raises:
        LookupError: there is no such module or function.
    """
    module, _, name = function.partition(":")
    if not _path(module) or name not in _definitions(module):
        raise LookupError(f"no function {function}")
    code: dict[str, str] = {}
    libraries: set[str] = set()
    pending = [(module, name)]
    while pending:
        place = pending.pop()
        label = ":".join(place)
        if label not in code and place[1] in _definitions(place[0]):
            code[label], named, used = _made_of(*place)
            libraries |= used
            pending += [*named, (place[0], "")]
    versions = {
        library: _version(DISTRIBUTIONS.get(library, library))
        for library in sorted(libraries & DECIDING)
    }
    python = {"python": "{}.{}".format(*sys.version_info)}
    return dict(sorted(code.items())), versions | python


_version = cache(metadata.version)


@cache
def _made_of(module: str, name: str) -> tuple[str, set[tuple[str, str]], set[str]]:
    """What `name` of `module` is made of: its digest, the places in this project that it names,
    and the libraries."""
    named: set[tuple[str, str]] = set()
    used: set[str] = set()
    nodes = _definitions(module)[name]
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                _resolve(module, part.id, named, used)
            elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                target = _imports(module).get(part.value.id)
                if target and (inner := _submodule(*target)):
                    _resolve(inner, part.attr, named, used)
    text = "\n".join(map(ast.dump, nodes))
    return hashlib.sha256(text.encode()).hexdigest()[:16], named, used


def _resolve(module: str, name: str, named: set[tuple[str, str]], used: set[str]) -> None:
    """Note where a name that stands in a module is defined, or of which library it is."""
    if name not in _imports(module):
        named.add((module, name))  # or a builtin, or a local variable, which is defined nowhere
        return
    source, inner = _imports(module)[name]
    if source.partition(".")[0] != PACKAGE:
        used.add(source.partition(".")[0])
    elif not source.startswith(ENGINE) and inner is not None and not _submodule(source, inner):
        _resolve(source, inner, named, used)


def _submodule(module: str, name: str | None) -> str | None:
    """The project module that an imported name stands for, if it stands for one."""
    whole = module if name is None else f"{module}.{name}"
    return whole if whole.partition(".")[0] == PACKAGE and _path(whole) else None


@cache
def _path(module: str) -> Path | None:
    stem = ROOT.joinpath(*module.split("."))
    for path in (stem.with_suffix(".py"), stem / "__init__.py"):
        if path.is_file():
            return path
    return None


@cache
def _tree(module: str) -> ast.Module:
    """A module as parsed: without comments, and without docstrings, on which nothing depends."""
    path = _path(module)
    if path is None:
        raise LookupError(f"no module {module}")
    tree = ast.parse(path.read_bytes())
    for part in ast.walk(tree):
        if (
            isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and isinstance(part.body[0], ast.Expr)
            and isinstance(part.body[0].value, ast.Constant)
            and isinstance(part.body[0].value.value, str)
        ):
            part.body = part.body[1:] or [ast.Pass()]
    return tree


@cache
def _definitions(module: str) -> dict[str, list[ast.stmt]]:
    """Statements at the top of a module by the name they bind; those that bind none, and so run
    for whoever uses the module, by the empty name."""
    found: dict[str, list[ast.stmt]] = {}
    for node in _tree(module).body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names = [node.name]
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = [
                    part.id
                    for target in targets
                    for part in ast.walk(target)
                    if isinstance(part, ast.Name)
                ]
            case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
                continue
            case _:
                names = [""]
        for name in names:
            found.setdefault(name, []).append(node)
    return found


@cache
def _imports(module: str) -> dict[str, tuple[str, str | None]]:
    """Imported names of a module, wherever it imports them: (module, name or None)."""
    found: dict[str, tuple[str, str | None]] = {}
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name if alias.asname else alias.name.partition(".")[0]
                found[alias.asname or top] = (top, None)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                found[alias.asname or alias.name] = (node.module, alias.name)
    return found
