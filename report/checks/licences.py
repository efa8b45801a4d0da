"""Check: every published song, and what was generated from the music, has a stated licence."""

import json
from collections.abc import Iterator
from pathlib import Path

from report.checks.problem import Problem

DATASET_FIX = "set [data] licence in study.toml"
SONG_FIX = "set the licence of its [[new_songs]] entry in study.toml"
OVERRIDE = "or set publish_unlicensed = true to publish anyway"


def find_problems(out: Path) -> Iterator[Problem]:
    """Yield the songs on the site, and the generated music, that have no stated licence."""
    try:
        facts = json.loads((out / "results" / "results.json").read_text(encoding="utf-8"))
    except ValueError:
        yield Problem("results/results.json", "is not valid JSON", "run latentes build again")
        return
    study = facts["study"]
    if study["publish_unlicensed"]:
        return
    user_music = not facts["data"]["synthetic"]
    unlicensed = user_music and not (study["data"]["licence"] or "").strip()
    for song in facts["songs"]:
        if song["role"] == "new":
            from_user = bool(study["new_songs"])  # otherwise they are the embedded songs
            missing = from_user and not (song.get("licence") or "").strip()
        else:
            missing = unlicensed
        if missing:
            fix = SONG_FIX if song["role"] == "new" else DATASET_FIX
            what = f'"{song["name"]}" has no stated licence'
            yield Problem("site", what, f"{fix}, {OVERRIDE}", licence=True)
    if unlicensed and (facts["generated"] or facts.get("new_music")):
        what = "the music generated from the data has no stated licence"
        yield Problem("site", what, f"{DATASET_FIX}, {OVERRIDE}", licence=True)
