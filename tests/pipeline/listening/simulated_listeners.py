"""Listeners who answer by a stated model, whose thresholds, scores and preferences are known.

ABX: the share of correct answers is that of the psychometric curve `share`, whose centre is moved
by a normal deviate for each listener. MUSHRA: a version's true score, plus a listener's and a
trial's normal deviate. Preference: true strengths by the model of Bradley and Terry (1952).

Their files say so and no build or command accepts them; `simulated=False` writes the files of
people for tests of what does.
"""

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.listening.abx import GUESS, LAPSE
from pipeline.listening.answer_format import FORMAT, checksum
from pipeline.listening.trial_draws import Staircase, abx_trials, mushra_screens, preference_pairs
from pipeline.results.listening_stimuli import Pair, Stimuli, canonical_json

Content = dict[str, Any]

SIZES = [1000, 2000, 4000, 8000, 16_000]

VERSIONS = ["original", "anchor.3500", "anchor.7000", *(f"net.{size}" for size in SIZES)]

STIMULI = Stimuli(
    songs=["jazz/jazz.00001", "rap", "trap", "disco", "house"],
    abx={"net": SIZES, "other": SIZES[1:]},
    mushra=VERSIONS,
    preference=[
        *(
            Pair(kind="generated", a=f"generation.vae.{g}.0", b=f"generation.flow.{g}.0")
            for g in ("jazz", "pop")
        ),
        *(
            Pair(kind="coding", a=f"rap/coding.latente.{rate}", b=f"rap/coding.opus.{rate}")
            for rate in (12, 16)
        ),
    ],
)

STUDY = "ab" * 32
"""Stimuli and digest of a study that exists in these tests only."""


def share(size: float, centre: float, width: float = 0.5) -> float:
    """The share of correct answers at a latent size; `centre` and `width` in octaves."""
    return GUESS + (1 - GUESS - LAPSE) / (1 + np.exp((np.log2(size) - centre) / width))


class Listener:
    """A listener.

    Args:
        stimuli: of the study.
        study: its digest.
        seed: of everything that is random.
        name: the nickname.
        simulated: whether the files are marked as simulated.
    """

    def __init__(
        self, stimuli: Stimuli, study: str, seed: int, name: str = "", simulated: bool = True
    ) -> None:
        self.stimuli, self.study, self.seed, self.name = stimuli, study, seed, name
        self.simulated, self.random = simulated, np.random.default_rng(seed)

    def abx(self, version: str, trials: int, right: float) -> Content:
        """A fixed test, with answers right with probability `right`."""
        drawn = zip(range(trials), abx_trials(self.seed, self.stimuli.songs), strict=False)
        answers = [self._abx(trial, version, right) for _, trial in drawn]
        return self._test("abx", answers, mode="fixed", version=version)

    def staircase(self, family: str, centre: float, width: float = 0.5) -> Content:
        """A staircase."""
        state, trials = Staircase(self.stimuli.abx[family]), []
        for drawn in abx_trials(self.seed, self.stimuli.songs):
            if state.ended:
                break
            right = share(state.size, centre, width)
            trials.append(self._abx(drawn, f"{family}.{state.size}", right))
            state.answer(trials[-1]["answer"] == trials[-1]["x"])
        return self._test("abx", trials, mode="staircase", family=family)

    def mushra(self, scores: dict[str, float], bias: float = 0, noise: float = 5) -> Content:
        """Scores around those of a dictionary; versions without one get 50."""
        trials = []
        for song, order in mushra_screens(self.seed, self.stimuli):
            means = np.array([scores.get(version, 50) for version in order])
            given = np.clip(
                np.round(means + bias + self.random.normal(0, noise, len(order))), 0, 100
            )
            trials.append(
                {"song": song, "order": order, "scores": [*map(int, given)], "ms": 60_000}
            )
        return self._test("mushra", trials)

    def preference(self, strengths: dict[str, float], ties: float = 0) -> Content:
        """Choices by the strengths of models and codecs, 1 if not given."""
        trials = []
        for pair in preference_pairs(self.seed, self.stimuli):
            a, b = (
                next((s for name, s in strengths.items() if f"{name}." in sound), 1.0)
                for sound in (pair.a, pair.b)
            )
            answer = "a" if self.random.random() < a / (a + b) else "b"
            answer = "none" if self.random.random() < ties else answer
            trials.append(
                {"kind": pair.kind, "a": pair.a, "b": pair.b, "answer": answer, "ms": 9000}
            )
        return self._test("preference", trials)

    def _abx(self, drawn: tuple[str, str, str], version: str, right: float) -> Content:
        song, original, x = drawn
        answer = x if self.random.random() < right else "ba"["ab".index(x)]
        return {"song": song, "version": version, "original": original, "x": x} | {
            "answer": answer,
            "ms": 4000,
            "switches": 3,
        }

    def _test(self, test: str, trials: list[Content], **more: str) -> Content:
        content: Content = {"format": FORMAT, "study": self.study, "test": test} | more
        content |= {"seed": self.seed, "listener": self.name, "trials": trials}
        if self.simulated:
            content["simulated"] = True
        return content | {"check": checksum(content)}


def signed(content: Content, **changes: Any) -> Content:
    """The content with changes and the checksum that goes with them."""
    changed = content | changes
    return changed | {"check": checksum(changed)}


def code(content: Content) -> str:
    """A test as the text to copy from a phone."""
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = deflate.compress(canonical_json(content).encode()) + deflate.flush()
    return "latentes1:" + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def write(path: Path, content: Content) -> None:
    """Write an answer file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
