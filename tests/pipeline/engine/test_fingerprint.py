"""Which edits change a fingerprint, tested on a copy of a small project."""

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
    source = ROOT / "pipeline" / "engine" / "fingerprint.py"
    (engine / "fingerprint.py").write_bytes(source.read_bytes())
    (engine.parent / "work.py").write_text(STEP)
    (engine.parent / "helpers.py").write_text(
        "def double(x):\n    return inner(x)\n\n\ndef inner(x):\n    return 2 * x\n"
    )
    (engine.parent / "more.py").write_text("def scale(x):\n    return 3 * x\n")
    (engine.parent / "tables.py").write_text("SIZES = (1, 2)\nOTHER = 5\n")
    return tmp_path


def digest(project: Path) -> str:
    code = (
        "from pipeline.engine.fingerprint import fingerprint as f; print(f('pipeline.work:step'))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True
    )
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


def test_numerical_libraries_are_included_with_their_versions() -> None:
    _, libraries = fingerprint("pipeline.models.training:train")
    assert {"torch", "numpy"} <= set(libraries)


def test_missing_function_raises() -> None:
    with pytest.raises(LookupError, match="no function pipeline.models.training:no"):
        fingerprint("pipeline.models.training:no")
