"""Results do not depend on which values are stored: any may be deleted or damaged."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipeline.engine.graph import Graph
from pipeline.engine.runner import _history
from pipeline.engine.store import Store
from pipeline.results.sections.machine import describe_steps
from pipeline.settings.load import load_study
from pipeline.steps import RESULTS, graph
from tests.study_builds import latentes_in_process, made, results, stored

pytestmark = pytest.mark.xdist_group("whole_build")


@pytest.fixture(scope="module")
def study(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tiny study, to delete values in."""
    return Path(shutil.copytree(built, tmp_path_factory.mktemp("copy") / "study"))


@pytest.fixture(scope="module")
def steps(study: Path) -> Graph:
    return graph(load_study(study / "study.toml"), study / "build" / "cache")


def test_provenance_names_every_step_whichever_value_is_gone(study: Path, steps: Graph) -> None:
    store, expected = Store(study / "build" / "cache"), results(study)["steps"]
    costs = steps.steps[RESULTS].parameters["expected"]
    assert [step["name"] for step in expected] == steps.ancestors(RESULTS)
    for name in steps.ancestors(RESULTS):
        path = store.path(name, steps.key(name))
        path.rename(path.with_name("away"))
        described = describe_steps(_history(steps, store, RESULTS), costs)
        path.with_name("away").rename(path)
        assert json.loads(json.dumps([vars(step) for step in described])) == expected, name


def entries(study: Path, steps: Graph, kind: str) -> list[Path]:
    """Stored values of steps by the first word of their name, or of those that the results do not
    read."""
    read = {RESULTS, *steps.steps[RESULTS].dependencies}
    names = (
        [name for name in steps.ancestors(RESULTS) if name not in read]
        if kind == "not read"
        else [name for name in steps.steps if name.partition(".")[0] == kind]
    )
    assert names
    return [study / "build" / "cache" / name / steps.key(name) for name in names]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["not read", "corpus", "tuning", "training"])
def test_a_build_without_some_values_makes_the_same_bytes(
    built: Path, study: Path, steps: Graph, kind: str
) -> None:
    for path in [*entries(study, steps, kind), *entries(study, steps, RESULTS)]:
        shutil.rmtree(path, ignore_errors=True)  # an earlier test may have deleted it
    for name in ("informe.pdf", "site", "results"):
        path = study / "build" / name
        path.unlink() if path.is_file() else shutil.rmtree(path)
    run = latentes_in_process("build", cwd=study)
    assert run.returncode == 0, run.stderr
    assert made(study) == made(built)
    assert stored(study).items() <= stored(built).items()


def test_an_edited_record_of_a_step_is_computed_again(
    built: Path, study: Path, steps: Graph
) -> None:
    edits: dict[str, Any] = {"seconds": 1e6, "finished": "2001-01-01T00:00:00+00:00"}
    path = study / "build" / "cache" / "featured" / steps.key("featured") / "entry.json"
    entry = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(entry | edits), encoding="utf-8")
    (results_entry,) = entries(study, steps, RESULTS)
    shutil.rmtree(results_entry, ignore_errors=True)
    run = latentes_in_process("build", cwd=study)
    assert run.returncode == 0, run.stderr
    assert "Warning: featured: stored value is damaged; recomputing" in run.stderr
    assert made(study) == made(built)
