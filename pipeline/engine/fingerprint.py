"""Fingerprint the project code that a function depends on, by static analysis.

Source files are parsed, not imported, so checking whether a step is up to date does not import
torch. Only code reachable from the function counts: editing a helper it calls changes the
fingerprint; editing a comment, a docstring or an unrelated function of the same file does not.
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
"""Distribution name by import name, where they differ."""

NUMERICAL_LIBRARIES = frozenset(
    "midirenderer numpy optuna pretty_midi pyloudnorm scipy sklearn soundfile torch torchaudio "
    "visqol".split()
)
"""Libraries whose version may change results."""


@cache
def fingerprint(function: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the code and library versions that `function` depends on.

    The engine's own code is left out: it does not affect values.

    Args:
        function: "package.module:name", with the module in this project.

    Returns:
        (code, versions): digests of all reachable code by "module:name", and versions by
        library, including Python's.

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
        module, name = pending.pop()
        label = f"{module}:{name}"
        if label not in code and name in _definitions(module):
            code[label], references, used = _analyze(module, name)
            libraries |= used
            pending += [*references, (module, "")]
    versions = {
        library: _version(DISTRIBUTIONS.get(library, library))
        for library in sorted(libraries & NUMERICAL_LIBRARIES)
    }
    python = {"python": "{}.{}".format(*sys.version_info)}
    return dict(sorted(code.items())), versions | python


_version = cache(metadata.version)


@cache
def _analyze(module: str, name: str) -> tuple[str, set[tuple[str, str]], set[str]]:
    """Return (digest, referenced (module, name) pairs, imported libraries) of a definition."""
    references: set[tuple[str, str]] = set()
    used: set[str] = set()
    nodes = _definitions(module)[name]
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                _resolve(module, part.id, references, used)
            elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                target = _imports(module).get(part.value.id)
                if target and (inner := _submodule(*target)):
                    _resolve(inner, part.attr, references, used)
    text = "\n".join(map(ast.dump, nodes))
    return hashlib.sha256(text.encode()).hexdigest()[:16], references, used


def _resolve(module: str, name: str, references: set[tuple[str, str]], used: set[str]) -> None:
    """Add the definition of a name used in `module` to `references`, or its library to `used`."""
    if name not in _imports(module):
        # Builtins and local variables are added too; they have no definition.
        references.add((module, name))
        return
    source, inner = _imports(module)[name]
    if source.partition(".")[0] != PACKAGE:
        used.add(source.partition(".")[0])
    elif not source.startswith(ENGINE) and inner is not None and not _submodule(source, inner):
        _resolve(source, inner, references, used)


def _submodule(module: str, name: str | None) -> str | None:
    """Return the project module that an imported name refers to, if any."""
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
    """Parse a module and drop its docstrings."""
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
    """Return a module's top-level statements by the name they bind.

    Statements that bind no name have the name "": they run on import, so every user of the
    module depends on them.
    """
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
    """Return the names imported anywhere in a module: name -> (module, name or None)."""
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
