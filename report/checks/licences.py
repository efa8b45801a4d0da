"""Gate: whoever's music goes out has allowed it, and is credited."""

import json
from collections.abc import Iterator
from pathlib import Path

from report.checks.problem import Problem

SET = 'state it in study.toml: [data] licence = "..."'
SONG = "state it in study.toml: licence of that [[new_songs]]"
ANYWAY = "or publish_unlicensed = true to publish all the same"


def find_problems(out: Path) -> Iterator[Problem]:
    """Songs that the site lets hear without a stated licence, by name."""
    try:
        facts = json.loads((out / "results" / "results.json").read_text(encoding="utf-8"))
    except ValueError:
        yield Problem("results/results.json", "is not whole JSON", "build again")
        return
    study = facts["study"]
    if study["publish_unlicensed"]:
        return
    customization = not facts["data"]["synthetic"]
    for song in facts["songs"]:
        if song["role"] == "new":
            given = bool(study["new_songs"])  # else they are the embedded ones
            missing = given and not (song.get("licence") or "").strip()
        else:
            missing = customization and not (study["data"]["licence"] or "").strip()
        if missing:
            mend = SONG if song["role"] == "new" else SET
            yield Problem(
                "site", f'"{song["name"]}" has no stated licence', f"{mend}, {ANYWAY}", licence=True
            )
