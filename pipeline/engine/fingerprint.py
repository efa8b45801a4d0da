"""Fingerprint the project code that a function depends on, by static analysis.

Source files are parsed, not imported, so checking whether a step is up to date does not import
torch. Only code reachable from the function counts: editing a helper it calls changes the
fingerprint; editing a comment, a docstring or an unrelated function of the same file does not.
"""

import sys
from functools import cache
from importlib import metadata
from pathlib import Path

from pipeline.engine.source_summary import Summary, SummaryCache

PACKAGE = "pipeline"
ENGINE = "pipeline.engine."
ROOT = Path(__file__).parents[2]

DISTRIBUTIONS = {"sklearn": "scikit-learn", "pretty_midi": "pretty-midi", "visqol": "visqol-python"}
"""Distribution name by import name, where they differ."""

NUMERICAL_LIBRARIES = frozenset(
    "av midirenderer numpy optuna pretty_midi pyloudnorm scipy sklearn soundfile torch torchaudio "
    "visqol".split()
)
"""Libraries whose version may change results."""


summaries = SummaryCache()
"""Of the modules of `ROOT`."""


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
    if not _path(module) or name not in _summary(module).definitions:
        raise LookupError(f"no function {function}")
    code: dict[str, str] = {}
    libraries: set[str] = set()
    pending = [(module, name)]
    while pending:
        module, name = pending.pop()
        label = f"{module}:{name}"
        if label not in code and name in _summary(module).definitions:
            code[label], references, used = _analyze(module, name)
            libraries |= used
            pending += [*references, (module, "")]
    summaries.save()
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
    summary = _summary(module)
    definition = summary.definitions[name]
    for inner in definition.names:
        _resolve(module, inner, references, used)
    for imported, attribute in definition.attributes:
        if target := _submodule(*summary.imports[imported]):
            _resolve(target, attribute, references, used)
    return definition.digest, references, used


def _resolve(module: str, name: str, references: set[tuple[str, str]], used: set[str]) -> None:
    """Add the definition of a name used in `module` to `references`, or its library to `used`."""
    imports = _summary(module).imports
    if name not in imports:
        # Builtins and local variables are added too; they have no definition.
        references.add((module, name))
        return
    source, inner = imports[name]
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
def _summary(module: str) -> Summary:
    path = _path(module)
    if path is None:
        raise LookupError(f"no module {module}")
    return summaries.get(module, path.read_bytes())
