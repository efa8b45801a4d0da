"""Which edits change a fingerprint, tested on a copy of a small project."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.engine.fingerprint import fingerprint

ROOT = Path(__file__).parents[3]

STEP = '''
"""A module."""
import numpy as np
from pipeline import helpers
from pipeline.more import scale as grow
from pipeline.tables import SIZES

LIMIT = 3


class Model:
    def run(self, x):
        return helpers.double(x)


def unrelated():
    return 1


def step(x):
    """Docstring."""
    # a comment
    return np.sum(Model().run(grow(x))) + LIMIT + SIZES[0]
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    engine = tmp_path / "pipeline" / "engine"
    engine.mkdir(parents=True)
    (engine.parent / "__init__.py").write_text("")
    (engine / "__init__.py").write_text("")
    for name in ("fingerprint.py", "source_summary.py"):
        shutil.copy(ROOT / "pipeline" / "engine" / name, engine)
    (engine.parent / "work.py").write_text(STEP)
    (engine.parent / "helpers.py").write_text(
        "def double(x):\n    return inner(x)\n\n\ndef inner(x):\n    return 2 * x\n"
    )
    (engine.parent / "more.py").write_text("def scale(x):\n    return 3 * x\n")
    (engine.parent / "tables.py").write_text("SIZES = (1, 2)\nOTHER = 5\n")
    return tmp_path


DIGEST = """
import ast, sys
from pathlib import Path
from pipeline.engine.fingerprint import fingerprint, summaries
if "no-parsing" in sys.argv:
    del ast.parse
if "no-cache" not in sys.argv:
    summaries.keep_in(Path("cache", "sources.json"))
print(fingerprint("pipeline.work:step"))
"""


def digest(project: Path, *options: str) -> str:
    """The fingerprint as a new process computes it; all share a cache of parsed sources."""
    command = [sys.executable, "-c", DIGEST, *options]
    run = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    return run.stdout


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("work.py", "LIMIT = 3", "LIMIT = 4"),
        ("work.py", "+ SIZES[0]", "- SIZES[0]"),
        ("helpers.py", "2 * x", "2.5 * x"),
        ("more.py", "3 * x", "x * 3"),
        ("tables.py", "(1, 2)", "(2, 2)"),
    ],
)
def test_edit_of_reachable_code_changes_the_fingerprint(
    project: Path, file: str, before: str, after: str
) -> None:
    first = digest(project)
    path = project / "pipeline" / file
    path.write_text(path.read_text().replace(before, after))
    assert digest(project) != first


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("work.py", "# a comment", "# another"),
        ("work.py", "Docstring.", "Other words."),
        ("work.py", "A module.", "The module."),
        ("work.py", "return 1", "return 2"),
        ("tables.py", "OTHER = 5", "OTHER = 6"),
        ("helpers.py", "return 2 * x", "return (2 * x)"),
    ],
)
def test_edit_of_unreachable_code_does_not(
    project: Path, file: str, before: str, after: str
) -> None:
    first = digest(project)
    path = project / "pipeline" / file
    path.write_text(path.read_text().replace(before, after))
    assert digest(project) == first


def test_only_changed_sources_are_parsed(project: Path) -> None:
    first = digest(project)
    assert digest(project, "no-parsing") == first
    path = project / "pipeline" / "tables.py"
    status = path.stat()
    path.write_text(path.read_text().replace("(1, 2)", "(3, 2)"))  # of the same size
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(subprocess.CalledProcessError):
        digest(project, "no-parsing")
    assert digest(project) == digest(project, "no-parsing") == digest(project, "no-cache") != first


def test_a_damaged_cache_is_ignored(project: Path) -> None:
    first = digest(project)
    cache = project / "cache" / "sources.json"
    content = cache.read_text()
    [code] = re.findall(r"'pipeline.work:step': '(\w+)'", first)
    assert code in content
    for damaged in (content.replace(code, "0" * len(code)), ""):
        cache.write_text(damaged)
        assert digest(project) == first


def test_numerical_libraries_are_included_with_their_versions() -> None:
    _, libraries = fingerprint("pipeline.models.training:train")
    assert {"torch", "numpy"} <= set(libraries)


def test_missing_function_raises() -> None:
    with pytest.raises(LookupError, match="no function pipeline.models.training:no"):
        fingerprint("pipeline.models.training:no")
