"""A valid study, typical errors in settings, and conversion of any settings to TOML."""

import datetime
import json
from dataclasses import dataclass
from pathlib import Path

OWN = "channels = [16, 32, 8]\nkernels = [10, 8, 8]\nstrides = [4, 2, 6]\npaddings = [2, 2, 2]\n"
"""User-defined layers; their latent size is 18376."""


@dataclass(frozen=True)
class Case:
    """A study's file and the error messages it must give, each beginning with its line number."""

    title: str
    text: str
    errors: list[str]


def _load_cases() -> list[Case]:
    """Parse invalid_settings.txt."""
    cases = []
    text = (Path(__file__).parent / "invalid_settings.txt").read_text(encoding="utf-8")
    for block in text.split("\n## ")[1:]:
        title, _, rest = block.rstrip("\n").partition("\n")
        content, *errors = rest.split("\n=> ")
        cases.append(Case(title, content, errors))
    return cases


CASES = _load_cases()


@dataclass(frozen=True)
class InvalidLine:
    """A setting of VALID, an invalid line that replaces it, and the beginning of its error.

    If `partner` is set, the error is only reported while that setting is valid.
    """

    setting: str
    line: str
    error: str
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
"""A study with most of the settings; all names are unique."""

INVALID_LINES = [
    InvalidLine(*row)
    for row in (
        ("seed", "seed = true", "seed: expected a whole number from 0 to 4294967295, got true"),
        ("seed", "sed = 7", "sed: unknown setting; did you mean seed?"),
        (
            "visqol_clips",
            "visqol_clips = 3.0",
            "visqol_clips: expected a whole number from 1 to 100000, got 3.0",
        ),
        ("title", "title = 3", "report.title: expected text in quotes, got 3"),
        ("title", "tilte = 'x'", "report.tilte: unknown setting; did you mean title?"),
        (
            "authors",
            'authors = "me"',
            'report.authors: expected a list, each item text in quotes, got "me"',
        ),
        (
            "date",
            "date = 07:32:00",
            "report.date: expected a date without quotes, such as 2026-01-31, "
            "got the date or time 07:32:00",
        ),
        (
            "date",
            'date = "2026-01-31"',
            'report.date: expected a date without quotes, such as 2026-01-31, got "2026-01-31"',
        ),
        (
            "site",
            'site = "example.org"',
            'report.site: expected a URL in quotes, such as "https://example.org" (at most',
        ),
        ("size", "size = 9185", "report.size: no model has size 9185"),
        (
            "demo_clips",
            "demo_clips = 99999999",
            "data.demo_clips: expected a whole number from 1 to 10000, got 99999999",
        ),
        (
            "demo_clips",
            "demo_clips.x = 1",
            "data.demo_clips: expected a whole number from 1 to 10000, got a table",
        ),
        (
            "seconds",
            "seconds = 0.0",
            "data.seconds: expected a number above 0 and at most 600, got 0.0",
        ),
        (
            "seconds",
            "seconds = nan",
            "data.seconds: expected a finite number above 0 and at most 600, got nan",
        ),
        (
            "seconds",
            "seconds = 3.0",
            "data.seconds: classic sizes need 110250-sample clips",
            "classic",
        ),
        (
            "validation",
            "validation = 0.5",
            "data.validation: expected a number above 0 and below 0.5, got 0.5",
        ),
        ("classic", "classic = [77]", "models.classic: 77 is not one of the study's sizes"),
        (
            "classic",
            "classic = 9184",
            "models.classic: expected a list, each item a whole number or a table with",
        ),
        (
            "classic",
            "classic = [9184, 9184]",
            "models.classic: this family has two models of size 9184",
        ),
        (
            "classic",
            'classic = ["9184"]',
            "models.classic: expected a whole number or a table with",
        ),
        (
            "adaptive",
            "adaptive = [[1]]",
            "models.adaptive: expected a whole number or a table with",
        ),
        (
            "learning_rate",
            "learning_rate = -1",
            "training.learning_rate: expected a number above 0 and at most 1, got -1",
        ),
        ("learning_rate", "seed = 3", "training.seed: unknown setting; it belongs at the top"),
        (
            "epochs",
            "epochs = []",
            "training.epochs: expected a whole number from 1 to 100000, got []",
        ),
        (
            "epochs",
            f"epochs = {'9' * 30}",
            "training.epochs: expected a whole number from 1 to 100000, "
            "got a number with more than",
        ),
        (
            "batch",
            "batch = inf",
            "training.batch: expected a whole number from 1 to 10000, got inf",
        ),
        ("trials", "trials = -1", "tuning.trials: expected a whole number from 0 to 1000, got -1"),
        ("use", "use = true", "tuning.use: use = true needs a search", "trials"),
        ("use", 'use = "no"', 'tuning.use: expected true or false, got "no"'),
        ("low", "low = 0.2", "tuning.low: low (0.2) must be below high (0.1)"),
        ("snr", "size=9184", "choice.size: size and reason must be set together"),
        ("snr", 'reason = ""', "choice.reason: expected non-empty text in quotes"),
        ("snr", "snr = -inf", "choice.snr: expected a finite number, got -inf"),
        ("log_mel", "log_mel = -0.0", "choice.log_mel: expected a number above 0, got -0.0"),
        (
            "wandb",
            'wandb = "offlin"',
            'tracking.wandb: expected one of "off", "offline", "online", got "offlin"; '
            "did you mean offline?",
        ),
        ("genres", "genres = 0", "limits.genres: expected a whole number from 1 to 1000, got 0"),
    )
]


def toml(value: object) -> str:
    """Convert settings to a TOML document with inline tables."""
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
            # TOML and JSON escapes agree except for surrogate pairs and DEL.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case bool():
            return str(value).lower()
        case datetime.date() | datetime.time():
            return value.isoformat()
        case _:
            return str(value)
