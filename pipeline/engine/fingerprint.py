"""Fingerprints of the code that a function calls in this project, read without running it.

Source files are parsed, never imported, so that asking whether a step is up to date costs no
import of torch. A name counts if the function reaches it: an edit to a helper changes the
fingerprint, an edit to a comment, a docstring or another function of the same file does not.
"""

import ast
import hashlib
import sys
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
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


@dataclass
class Reach:
    """What a function reaches: {"module:name": its code} here, and libraries elsewhere."""

    code: dict[str, str] = field(default_factory=dict)
    libraries: set[str] = field(default_factory=set)


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
    reach = Reach()
    if not _path(module) or name not in _definitions(module):
        raise LookupError(f"no function {function}")
    _follow(module, name, reach)
    digests = {
        place: hashlib.sha256(code.encode()).hexdigest()[:16]
        for place, code in sorted(reach.code.items())
    }
    versions = {
        library: version(DISTRIBUTIONS.get(library, library))
        for library in sorted(reach.libraries & DECIDING)
    }
    return digests, versions | {"python": "{}.{}".format(*sys.version_info)}


def _follow(module: str, name: str, reach: Reach) -> None:
    """Add what `name` of `module` is made of, and all that it names in turn."""
    place = f"{module}:{name}"
    if place in reach.code:
        return
    if name:
        _follow(module, "", reach)
    definitions, imports = _definitions(module), _imports(module)
    if name in imports:
        _follow_import(*imports[name], reach)
        return
    if name not in definitions:
        return  # a builtin, or a local variable
    reach.code[place] = "\n".join(ast.dump(_bare(node)) for node in definitions[name])
    for node in definitions[name]:
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                _follow(module, part.id, reach)
            elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                target = imports.get(part.value.id)
                if target and (inner := _submodule(*target)):
                    _follow(inner, part.attr, reach)


def _follow_import(module: str, name: str | None, reach: Reach) -> None:
    if module.partition(".")[0] != PACKAGE:
        reach.libraries.add(module.partition(".")[0])
    elif module.startswith(ENGINE):
        return
    elif name is not None and not _submodule(module, name):
        _follow(module, name, reach)


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
    path = _path(module)
    if path is None:
        raise LookupError(f"no module {module}")
    return ast.parse(path.read_text(encoding="utf-8"))


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


def _bare(node: ast.stmt) -> ast.stmt:
    """The node without docstrings, which no result depends on."""
    copy = ast.parse(ast.unparse(node)).body[0]
    for part in ast.walk(copy):
        if (
            isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and isinstance(part.body[0], ast.Expr)
            and isinstance(part.body[0].value, ast.Constant)
            and isinstance(part.body[0].value.value, str)
        ):
            part.body = part.body[1:] or [ast.Pass()]
    return copy
