"""A valid study, its settings as users get them wrong, and any settings as TOML."""

import datetime
import json
from dataclasses import dataclass
from pathlib import Path

OWN = "channels = [16, 32, 8]\nkernels = [10, 8, 8]\nstrides = [4, 2, 6]\npaddings = [2, 2, 2]\n"
"""The layers of a model of one's own; its size is 18376."""


@dataclass(frozen=True)
class Case:
    """A study's file, what is wrong with it, and the lines that tell so, each from the number of
    its line on."""

    what: str
    text: str
    told: list[str]


def _cases() -> list[Case]:
    """Those of mistaken.txt, which can be read there as a user would."""
    cases = []
    text = (Path(__file__).parent / "invalid_settings.txt").read_text(encoding="utf-8")
    for block in text.split("\n## ")[1:]:
        what, _, rest = block.rstrip("\n").partition("\n")
        stated, *told = rest.split("\n=> ")
        cases.append(Case(what, stated, told))
    return cases


CASES = _cases()


@dataclass(frozen=True)
class Break:
    """A setting of VALID, the line in place of its own, and the line that tells so.

    What is wrong only beside `partner` is told if that is right by itself.
    """

    setting: str
    line: str
    told: str
    partner: str = ""


VALID = """seed = 7
visqol_clips = 3
[report]
title = "A study"
authors = ["me"]
date = 2026-01-31
site = "https://example.org"
size = 9184
[data]
demo_clips = 12
seconds = 5.0
validation = 0.2
[models]
classic = [9184]
adaptive = [24496]
[training]
learning_rate = 0.02
epochs = 4
batch = 20
[tuning]
trials = 0
use = false
low = 0.001
high = 0.1
[choice]
snr = 6.0
log_mel = 0.5
[tracking]
wandb = "off"
[limits]
genres = 12
"""
"""A study with most of the settings, none of whose names stands twice."""

BREAKS = [Break(*row) for row in (
    ("seed", "seed = true", "seed: found true"),
    ("seed", "sed = 7", "sed is no setting; did you mean seed?"),
    ("visqol_clips", "visqol_clips = 3.0", "visqol_clips: found 3.0"),
    ("title", "title = 3", "report.title: found 3; needs text in quotes"),
    ("title", "tilte = 'x'", "report.tilte is no setting; did you mean title?"),
    ("authors", 'authors = "me"', 'report.authors: found "me"; needs a list'),
    ("date", "date = 07:32:00", "report.date: found the date or time 07:32:00"),
    ("date", 'date = "2026-01-31"', 'report.date: found "2026-01-31"; needs a date without'),
    ("site", 'site = "example.org"', 'report.site: found "example.org"'),
    ("size", "size = 9185", "report.size: 9185 is the size of no such model"),
    ("demo_clips", "demo_clips = 99999999", "data.demo_clips: found 99999999"),
    ("demo_clips", "demo_clips.x = 1", "data.demo_clips: found a table"),
    ("seconds", "seconds = 0.0", "data.seconds: found 0.0; needs a number above 0"),
    ("seconds", "seconds = nan", "data.seconds: found nan"),
    ("seconds", "seconds = 3.0", "data.seconds: a clip of 66150 samples is none for", "classic"),
    ("validation", "validation = 0.5", "data.validation: found 0.5"),
    ("classic", "classic = [77]", "models.classic: 77 is not one of the study's sizes"),
    ("classic", "classic = 9184", "models.classic: found 9184; needs a list"),
    ("classic", "classic = [9184, 9184]", "models.classic: two models of this family"),
    ("classic", 'classic = ["9184"]', 'models.classic: found "9184"; needs a whole number'),
    ("adaptive", "adaptive = [[1]]", "models.adaptive: found [1]"),
    ("learning_rate", "learning_rate = -1", "training.learning_rate: found -1"),
    ("learning_rate", "seed = 3", "training.seed is no setting; it belongs at the top"),
    ("epochs", "epochs = []", "training.epochs: found []"),
    ("epochs", f"epochs = {'9' * 30}", "training.epochs: found a number of more than 20"),
    ("batch", "batch = inf", "training.batch: found inf"),
    ("trials", "trials = -1", "tuning.trials: found -1"),
    ("use", "use = true", "tuning.use: true, but no trial", "trials"),
    ("use", 'use = "no"', 'tuning.use: found "no"; needs true or false'),
    ("low", "low = 0.2", "tuning.low: the search needs low below high"),
    ("snr", "size=9184", "choice.size: a choice of your own needs size and reason"),
    ("snr", "snr = -inf", "choice.snr: found -inf"),
    ("log_mel", "log_mel = -0.0", "choice.log_mel: found -0.0; needs a number above 0"),
    ("wandb", 'wandb = "offlin"', 'tracking.wandb: found "offlin"; did you mean offline?'),
    ("genres", "genres = 0", "limits.genres: found 0"),
)]  # fmt: skip


def toml(value: object) -> str:
    """A document of TOML with these settings, tables written as values."""
    assert isinstance(value, dict)
    return "".join(f"{json.dumps(name)} = {_inline(inner)}\n" for name, inner in value.items())


def _inline(value: object) -> str:
    match value:
        case dict():
            inner = [f"{json.dumps(name)} = {_inline(item)}" for name, item in value.items()]
            return f"{{{', '.join(inner)}}}"
        case list():
            return f"[{', '.join(map(_inline, value))}]"
        case str():
            # The signs beyond 16 bits as themselves, of the rest what JSON and TOML share.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case bool():
            return str(value).lower()
        case datetime.date() | datetime.time():
            return value.isoformat()
        case _:
            return str(value)
