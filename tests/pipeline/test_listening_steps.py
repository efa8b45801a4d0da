"""Answers of listeners in a build: they run two steps, and the results keep everything else."""

import json
import shutil
from pathlib import Path

import pytest

from pipeline.engine.graph import Graph
from pipeline.engine.runner import missing
from pipeline.engine.store import Store
from pipeline.errors import StudyError
from pipeline.listening.listening_results import read_results
from pipeline.listening_steps import LISTENING, RESULTS_WITH_LISTENING
from pipeline.results.listening_stimuli import folder_digest, stimuli
from pipeline.settings.load import load_study
from pipeline.steps import RESULTS, final_step, graph
from report.queries.results import read
from report.run_steps import compute
from tests.pipeline.listening.simulated_listeners import Listener, signed, write
from tests.study_builds import STUDY, latentes_in_process

pytestmark = pytest.mark.xdist_group("whole_build")


@pytest.fixture(scope="module")
def study(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tiny study with answers: of four people, simulated, hostile and foreign."""
    folder = Path(shutil.copytree(built, tmp_path_factory.mktemp("copy") / "study"))
    results = read_results(folder / "build" / "results")
    heard, digest = stimuli(results), folder_digest(results, folder / "build" / "results")
    answers = folder / "answers"
    for number in range(4):
        person = Listener(heard, digest, number, f"n{number}", simulated=False)
        write(answers / f"{number}.json", person.abx("small.1600", 10, 0.5))
    for number in range(20):
        write(answers / f"robot-{number}.json", Listener(heard, digest, number).mushra({}))
    hostile = Listener(heard, "0" * 64, 9, "<script>", simulated=False).abx("small.1600", 10, 1)
    write(answers / "foreign.json", hostile)
    hostile["trials"][0]["ms"] = -1
    write(answers / "negative.json", signed(hostile, study=digest))
    text = STUDY + "\n[listening]\nanswers = 'answers'\n"
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder


def steps(study: Path) -> Graph:
    return graph(load_study(study / "study.toml"), study / "build" / "cache")


def to_run(study: Path) -> list[str]:
    found = steps(study)
    return missing(found, Store(study / "build" / "cache"), [final_step(found)])


def test_answers_are_added_without_computing_anything_else(study: Path) -> None:
    assert to_run(study) == [LISTENING, RESULTS_WITH_LISTENING]
    folder = compute(steps(study), RESULTS_WITH_LISTENING, study / "build")
    before = compute(steps(study), RESULTS, study / "build")
    results, plain = read(folder), read(before)
    assert results.listening is not None
    assert plain.listening is None
    assert (results.listening.tests, results.listening.listeners) == (4, 4)
    reasons = {each.file: each.reason for each in results.listening.left_out}
    assert reasons.pop("foreign.json") == "other_study"
    assert reasons.pop("negative.json") == "invalid"
    assert len(reasons) == 20
    assert set(reasons.values()) == {"simulated"}
    assert results.number("listening.abx.small.1600.trials").value == 40
    assert results.steps[-1].name == LISTENING
    assert {name: each for name, each in results.numbers.items() if each.step != LISTENING} == (
        plain.numbers
    )
    for path in before.rglob("*.flac"):
        assert (folder / path.relative_to(before)).samefile(path)


def test_a_new_answer_runs_the_listening_steps_again_alone(study: Path) -> None:
    compute(steps(study), RESULTS_WITH_LISTENING, study / "build")
    assert to_run(study) == []
    (study / "answers" / "new.json").write_text("{}", encoding="utf-8")
    assert to_run(study) == [LISTENING, RESULTS_WITH_LISTENING]
    (study / "answers" / "new.json").unlink()
    assert to_run(study) == []


def test_the_digest_of_a_study_does_not_depend_on_its_numbers_or_words(built: Path) -> None:
    folder = built / "build" / "results"
    results = read_results(folder)
    other = results.model_copy(update={"numbers": {}, "study": {"report": {"title": "x"}}})
    assert folder_digest(other, folder) == folder_digest(results, folder)
    heard = stimuli(results)
    assert heard.abx == {"small": [1600, 3200]}
    assert heard.mushra == ["original", "anchor.3500", "small.1600", "small.3200"]
    assert heard.songs == [song.name for song in results.songs]


@pytest.mark.parametrize(
    ("place", "message"),
    [("nowhere", "no such folder"), ("study.toml", "is a file; expected a folder")],
)
def test_a_wrong_folder_of_answers_is_one_line(study: Path, place: str, message: str) -> None:
    (study / "wrong.toml").write_text(f"{STUDY}\n[listening]\nanswers = '{place}'\n")
    with pytest.raises(StudyError, match=message) as found:
        graph(load_study(study / "wrong.toml"), study / "build" / "cache")
    assert str(found.value).startswith(f"{study / 'wrong.toml'}:")
    assert "\n" not in str(found.value)


def test_the_command_prints_the_same_and_fails_where_nothing_counts(
    study: Path, tmp_path: Path
) -> None:
    run = latentes_in_process("listening", "answers", cwd=study)
    assert run.returncode == 0, run.stderr
    assert "4 tests of 4 listeners count." in run.stdout
    assert "small.1600" in run.stdout
    assert "answers of a simulated listener" in run.stdout
    (tmp_path / "a.json").write_text(json.dumps({"x": 1}))
    for folder, message in ((tmp_path, "no answers that count"), ("nowhere", "no such folder")):
        run = latentes_in_process("listening", folder, cwd=study)
        assert run.returncode == 1
        assert message in run.stderr
        assert run.stderr.count("\n") == 1
