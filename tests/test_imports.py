"""Imports run one way, within each package and between the two."""

import ast
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.study_builds import ROOT

LAYERS = {
    "pipeline": (
        ("control_characters", "file_names", "slug"),
        ("errors",),
        ("engine",),
        ("architecture", "audio", "music_folder"),
        ("settings",),
        ("data",),
        ("models",),
        ("coding",),
        ("evaluation",),
        ("analysis", "generation"),
        ("results",),
        ("listening",),
        ("music_steps", "encode_steps", "coding_steps", "generation_steps", "listening_steps"),
        ("tracking",),
        ("steps", "inspection_steps"),
    ),
    "report": (
        ("errors", "paths", "checksummed_file", "byte_text"),
        ("customization", "language", "manifest", "interrupts", "step_lookup", "terminal"),
        ("statistics", "run_steps", "run_alone", "inspection_table", "listening_table"),
        ("page_cache",),
        ("inspect_music", "song_commands"),
        ("queries",),
        ("figures",),
        ("prose", "pandoc"),
        ("site", "checks"),
        ("pdf",),
        ("render", "publish"),
        ("build",),
        ("cli",),
        ("__main__",),
    ),
}
"""The subpackages and modules of each package, from the bottom; those of one row do not import
each other. `engine` runs steps of any kind and imports none of them."""


def modules(package: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / package).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        yield name.removesuffix(".__init__"), ast.parse(path.read_bytes())


def imported(tree: ast.Module) -> Iterator[str]:
    """Every module that a module imports, at its top or inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                path = ROOT.joinpath(*node.module.split("."), f"{alias.name}.py")
                yield f"{node.module}.{alias.name}" if path.is_file() else node.module


@pytest.mark.parametrize("package", LAYERS)
def test_imports_run_downwards(package: str) -> None:
    level = {room: rank for rank, row in enumerate(LAYERS[package]) for room in row}
    wrong = []
    for name, tree in modules(package):
        room = name.split(".")[1] if "." in name else None
        if room is None:
            continue
        for target in imported(tree):
            parts = target.split(".")
            if parts[0] != package or len(parts) < 2 or parts[1] == room:
                continue
            if level[parts[1]] >= level[room]:
                wrong.append(f"{name} imports {target}")
    assert not wrong


@pytest.mark.parametrize("package", LAYERS)
def test_modules_do_not_import_each_other_in_circles(package: str) -> None:
    graph = {name: {t for t in imported(tree) if t != name} for name, tree in modules(package)}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path[path.index(name) :], name])
        if name in done:
            return
        for target in graph.get(name, set()):
            visit(target, (*path, name))
        done.add(name)

    for name in graph:
        visit(name, ())


def test_the_pipeline_does_not_import_the_report() -> None:
    for name, tree in modules("pipeline"):
        assert not [target for target in imported(tree) if target.split(".")[0] == "report"], name


def test_the_report_reads_results_and_runs_steps_but_computes_nothing() -> None:
    below = {"errors", "control_characters", "slug", "results", "engine", "settings"}
    commands = {"report.cli", "report.run_steps", "report.publish.preview", "report.step_lookup"}
    for name, tree in modules("report"):
        rooms = {
            target.split(".")[1] for target in imported(tree) if target.startswith("pipeline.")
        }
        beyond = rooms - below
        assert not beyond or name in commands, f"{name} imports {beyond} of the pipeline"


def test_errors_are_imported_from_where_they_are_defined() -> None:
    homes = {"StudyError": "pipeline.errors", "ReportError": "report.errors"}
    for path in [*(ROOT / "pipeline").rglob("*.py"), *(ROOT / "report").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    assert homes.get(alias.name, node.module) == node.module, path


def test_no_two_modules_have_the_same_name() -> None:
    names = Counter(
        path.stem
        for package in LAYERS
        for path in (ROOT / package).rglob("*.py")
        if not path.stem.startswith("__")
    )
    # Each package has its errors; settings and results each have their schema.
    assert {name for name, count in names.items() if count > 1} <= {"errors", "schema"}


def test_every_module_says_what_it_is_for() -> None:
    for package in LAYERS:
        for name, tree in modules(package):
            first = (ast.get_docstring(tree) or "").partition("\n")[0]
            assert first.endswith((".", ":")) or not first, f"{name}: {first}"
            assert first, name
