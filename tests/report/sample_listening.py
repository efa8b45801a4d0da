"""Answers of listeners in a sample, read and analysed as a build does."""

import json
import tempfile
from pathlib import Path

from pipeline.listening.answer_reader import answer_files
from pipeline.listening.listening_results import LISTENING, analysis, read_results
from pipeline.results.listening_stimuli import folder_digest, stimuli
from pipeline.results.reproducible import to_json
from tests.pipeline.listening.simulated_listeners import Listener, share, write

HOSTILE_FILES = ("<script>self.hacked=1<!--.json", "`a` *b* #emph[x] | _c_.json", "=1+1.txt")
"""Names of files that are left out."""


def add(folder: Path, nicknames: tuple[str, ...]) -> None:
    """Add to a results folder what people of these nicknames answer, and files left out."""
    results = read_results(folder)
    heard, study = stimuli(results), folder_digest(results, folder)
    with tempfile.TemporaryDirectory() as temporary:
        answers = Path(temporary)
        for number, name in enumerate(nicknames):
            people = (
                Listener(heard, study, 100 * number + n, name, simulated=False) for n in range(99)
            )
            tests = [next(people).mushra({"original": 98, "anchor.7000": 50})]
            tests.append(next(people).preference({"flow": 9.0, "latente": 9.0}))
            for family, sizes in heard.abx.items():
                tests.append(next(people).staircase(family, 14))
                for size in (sizes[0], sizes[-1]):
                    right = float(share(size, 14))
                    tests.append(next(people).abx(f"{family}.{size}", 10, right))
            for place, test in enumerate(tests):
                write(answers / f"{number}-{place}.json", test)
        for file in HOSTILE_FILES:
            (answers / file).write_text("[" * 9, encoding="utf-8")
        listening, numbers = analysis(results, folder, answers, answer_files(answers))
    path = folder / "results.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["listening"] = listening.model_dump(mode="json")
    content["numbers"] |= {name: each.model_dump(mode="json") for name, each in numbers.items()}
    content["steps"].append(content["steps"][0] | {"name": LISTENING})
    path.write_text(to_json(content), encoding="utf-8")
