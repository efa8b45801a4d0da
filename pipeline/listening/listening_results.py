"""The steps that analyse the answers of listeners and add them to the results of a study."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.control_characters import escape_invisible_json
from pipeline.engine.file_digests import has_digest
from pipeline.errors import StudyError
from pipeline.listening import abx, mushra
from pipeline.listening.answer_format import FixedAbx, Mushra, PreferenceTest, StaircaseAbx
from pipeline.listening.answer_reader import read_answers
from pipeline.listening.ear_choice import choose_by_ear
from pipeline.listening.intervals import guessing_p, mean_interval, share_interval
from pipeline.listening.listeners import by_listener
from pipeline.listening.preference import preferences
from pipeline.results.listening_schema import Listening, Rating
from pipeline.results.listening_stimuli import folder_digest, stimuli
from pipeline.results.number_names import is_documented
from pipeline.results.reproducible import to_json
from pipeline.results.schema import Number, Results
from pipeline.results.sections.machine import describe_steps

LISTENING = "listening"

MEASURES = ("visqol", "snr")
"""Measures that the scores are compared with."""


def analyse_answers(results: Path, folder: str, answers: dict[str, str]) -> dict[str, Any]:
    """The step that analyses a folder of answers to the tests of a study.

    Args:
        results: the study's results folder.
        folder: the folder of answers.
        answers: SHA-256 of its files.

    Returns:
        `listening` (a `Listening`) and `numbers`, as JSON values.

    Raises:
        StudyError: a file has changed since it was hashed.
    """
    for file, digest in answers.items():
        try:
            with Path(folder, file).open("rb") as stream:
                same = has_digest(stream, digest)
        except OSError:
            continue  # left out by the reader
        if not same:
            raise StudyError(f"{Path(folder, file)}: changed while the build ran; run it again")
    listening, numbers = analysis(read_results(results), results, Path(folder), list(answers))
    dumped = {name: number.model_dump(mode="json") for name, number in numbers.items()}
    return {"listening": listening.model_dump(mode="json"), "numbers": dumped}


def read_results(folder: Path) -> Results:
    """The results in a folder, with the names that the report shows.

    Raises:
        StudyError: there are none, or they cannot be read.
    """
    path = folder / "results.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Results.model_validate(escape_invisible_json(content))
    except FileNotFoundError:
        raise StudyError(f"{path}: no such file; run latentes build first") from None
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise StudyError(f"{path}: cannot be read ({reason}); run latentes build again") from None


def analysis(
    results: Results, results_folder: Path, folder: Path, files: list[str]
) -> tuple[Listening, dict[str, Number]]:
    """The analysis of the answers in a folder, and its numbers by name."""
    heard = stimuli(results)
    read = read_answers(folder, files, folder_digest(results, results_folder), heard)
    numbers: dict[str, Number] = {}

    def number(name: str, value: float, unit: str = "", **more: Any) -> None:
        if not is_documented(name):
            raise ValueError(f"{name} follows no pattern of pipeline.results.number_names")
        numbers[name] = Number(value=value, unit=unit, step=LISTENING, **more)

    listeners, seed = len(by_listener(read.tests)), results.study["seed"]
    number("listening.tests", len(read.tests))
    number("listening.listeners", listeners)
    number("listening.left_out", len(read.left_out))
    trials = [test for test in read.tests if isinstance(test, FixedAbx | StaircaseAbx)]
    families = [abx.abx_family(family, sizes, trials) for family, sizes in heard.abx.items()]
    section = Listening(
        tests=len(read.tests),
        listeners=listeners,
        min_trials=abx.MIN_TRIALS,
        min_listeners=mushra.MIN_LISTENERS,
        good=mushra.GOOD,
        abx=[found for found in families if found is not None],
        scores=abx.listener_scores([test for test in trials if isinstance(test, FixedAbx)]),
        preferences=preferences(
            heard.preference, [test for test in read.tests if isinstance(test, PreferenceTest)]
        ),
        left_out=read.left_out,
    )
    _abx_numbers(number, section, heard.abx, trials, seed)
    panel = mushra.panel([test for test in read.tests if isinstance(test, Mushra)])
    ratings = _ratings(number, panel, heard.mushra)
    for measure in MEASURES:
        values = _measured(results, heard.songs, heard.mushra, measure)
        if (found := mushra.agreement(panel, values, seed)) is not None:
            number(f"listening.agreement.{measure}", found[0], interval=found[1])
    for each in section.preferences:
        if decided := each.won + each.lost:
            interval = share_interval(each.won, decided)
            name = f"listening.preference.{each.kind}.{each.a}.{each.b}.share"
            number(name, each.won / decided, interval=interval)
    return section.model_copy(update={"ratings": ratings, "screened": panel.screened}), numbers


def add_listening(
    folder: Path,
    results: Path,
    heard: dict[str, Any],
    answers: str,
    by: str,
    history: dict[str, dict[str, Any]],
    expected: float,
) -> None:
    """The step that writes the results folder of a study with answers.

    Its files are links to those of `results`, or copies where the file system has no links.

    Args:
        heard: as `analyse_answers` returns it.
        answers: name of the folder of answers.
        by: "ear" if listeners choose the smallest acceptable sizes where there are enough answers.
        history: of the steps that led here; see `pipeline.engine.graph.Step`.
        expected: seconds that the analysis is expected to take.
    """
    shutil.copytree(results, folder, copy_function=_link, dirs_exist_ok=True)
    path = folder / "results.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()  # the link, so that the original stays
    finished = str(history[LISTENING].get("finished", ""))[:10]
    (step,) = describe_steps({LISTENING: history[LISTENING]}, {LISTENING: expected})
    content |= {"listening": heard["listening"], "computed": max(content["computed"], finished)}
    content["study"]["listening"] = {"answers": answers}
    content["numbers"] |= {
        name: {key: value for key, value in number.items() if value is not None}
        for name, number in heard["numbers"].items()
    }
    content["steps"].append(step.model_dump(mode="json"))
    if by == "ear":
        choose_by_ear(content)
    path.write_text(to_json(content), encoding="utf-8")


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _abx_numbers(
    number: Callable[..., None],
    section: Listening,
    sizes: Mapping[str, list[int]],
    tests: list[FixedAbx | StaircaseAbx],
    seed: int,
) -> None:
    for found in section.abx:
        prefix = f"listening.abx.{found.family}"
        for each in found.sizes:
            if each.trials:
                name = f"{prefix}.{each.size}"
                number(f"{name}.trials", each.trials)
                number(f"{name}.correct", each.correct)
                interval = share_interval(each.correct, each.trials)
                number(f"{name}.proportion", each.correct / each.trials, interval=interval)
                number(f"{name}.p", guessing_p(each.correct, each.trials))
        range_ = sizes[found.family]
        if found.curve is not None and (size := abx.threshold(found.curve, range_)) is not None:
            counts = abx.family_counts(found.family, range_, tests)
            ends = abx.threshold_interval(counts, seed)
            number(f"{prefix}.threshold", size, "numbers", interval=ends)


def _ratings(number: Callable[..., None], panel: mushra.Panel, versions: list[str]) -> list[Rating]:
    found = []
    for version in versions:
        means = panel.means(version)
        if means:
            found.append(Rating(version=version, listeners=len(means)))
            interval = mean_interval(means) if len(means) > 1 else None
            name = f"listening.mushra.{version}.score"
            number(name, float(np.mean(means)), interval=interval)
    return found


def _measured(
    results: Results, songs: list[str], versions: list[str], measure: str
) -> dict[str, float]:
    """The mean of a measure over the songs, of each version that all have it for."""
    found = {}
    for version in versions:
        names = [f"song.{song}.{version}.{measure}" for song in songs]
        if all(name in results.numbers for name in names):
            found[version] = float(np.mean([results.numbers[name].value for name in names]))
    return found
