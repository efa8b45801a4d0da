"""Steps that add the answers of listeners to a study's results."""

from pathlib import Path

from pipeline.engine.file_digests import digests
from pipeline.engine.graph import Step
from pipeline.listening.answer_reader import answer_files
from pipeline.settings.schema import Study

LISTENING = "listening"

RESULTS_WITH_LISTENING = "results.listening"
"""The step whose value is the results folder of a study with answers."""

SECONDS = 2.0
"""Time of the analysis."""


def listening_steps(study: Study, results: str, cache: Path) -> list[Step]:
    """The analysis of the study's answers, and the results with it; none without answers.

    The steps before the results do not depend on answers, so that new answers run these alone.

    Args:
        results: the step of the results without answers.
        cache: folder of the index of file digests.
    """
    folder = study.listening.answers
    if folder is None:
        return []
    contents = digests(folder, answer_files(folder), cache / "files.json", lambda path: False)
    return [
        Step(
            LISTENING,
            "pipeline.listening.listening_results:analyse_answers",
            {"answers": contents},
            {"results": results},
            untracked={"folder": str(folder)},
            cost=SECONDS,
        ),
        Step(
            RESULTS_WITH_LISTENING,
            "pipeline.listening.listening_results:add_listening",
            {"answers": folder.name, "by": study.choice.by, "expected": SECONDS},
            {"results": results, "heard": LISTENING},
            folder=True,
            history=True,
        ),
    ]
