"""Experiment tracking: each training of a study as a run of Weights & Biases.

Everything that is logged is read from the results folder: a training that was reused is logged
like one that just ended, and no result can depend on it. W&B runs in a process of its own, so
that neither its words nor its questions reach the terminal. Runs go to OUT/wandb, and each is
named after the digest of its content: what was logged once is not logged again.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import StudyError

Mode = Literal["offline", "online"]
KEY = "WANDB_API_KEY"


@dataclass
class Training:
    """What is logged of one training.

    Args:
        name: "training.FAMILY.SIZE" or "tuning.NUMBER".
        settings: all that it was started with.
        epochs: the losses of each epoch, by name.
        findings: the numbers found in the end, its fidelity among them.
        sounds: path of each sound under the results folder, by "SONG/VERSION".
        seconds: how long it took; the only thing that its `id` does not cover.
    """

    name: str
    settings: dict[str, Any]
    epochs: list[dict[str, float]]
    findings: dict[str, float]
    sounds: dict[str, str] = field(default_factory=dict)
    seconds: float | None = None

    def id(self, results: Path) -> str:
        """The digest of its content."""
        content = [self.name, self.settings, self.epochs, self.findings, sorted(self.sounds)]
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode())
        for path in self.sounds.values():
            digest.update((results / path).read_bytes())
        return digest.hexdigest()[:16]


def require() -> None:
    """Raise StudyError unless wandb is installed."""
    try:
        version("wandb")
    except PackageNotFoundError:
        raise StudyError(
            "[tracking] wandb needs Weights & Biases: pip install 'latentes[tracking]', "
            'or set wandb = "off"'
        ) from None


def trainings(results: Path) -> Iterator[Training]:
    """The trainings of a study, those of its learning-rate search after the models."""
    facts = json.loads((results / "results.json").read_text(encoding="utf-8"))
    study, numbers = facts["study"], facts["numbers"]
    shared = {"seed": study["seed"], "data": study["data"], "training": study["training"]}
    tuning = facts["tuning"]
    if tuning and tuning["used"]:
        shared |= {"learning_rate": numbers["tuning.best"]["value"]}
    for model in facts["models"]:
        known = f"{model['family']}.{model['size']}"
        losses = model["epochs"]
        about = {key: value for key, value in model.items() if key not in ("epochs", "best_epoch")}
        found = {}
        for name, number in numbers.items():
            for step in (f"training.{known}.", f"reconstruction.{known}."):
                if name.startswith(step):
                    found[name.removeprefix(step)] = number["value"]
        sounds = {
            f"{song['name']}/{heard['version']}": heard["audio"]
            for song in facts["songs"]
            for heard in song["versions"]
            if heard["version"] in ("original", known)
        }
        seconds = found.pop("seconds")
        yield Training(f"training.{known}", shared | about, losses, found, sounds, seconds)
    for number, trial in enumerate(tuning["trials"] if tuning else (), start=1):
        how = {"learning_rate": trial["learning_rate"], "size": tuning["size"]}
        losses = [{"validation_rmse": loss} for loss in trial["validation_rmse"]]
        best = {"best_validation_rmse": min(trial["validation_rmse"])} if losses else {}
        found = best | {"pruned": trial["pruned"]}
        yield Training(f"tuning.{number}", shared | how, losses, found)


def track(results: Path, out: Path, mode: Mode) -> list[str]:
    """Log what was not logged yet in this mode, into OUT/wandb.

    Returns:
        The names of the trainings that were logged now.

    Raises:
        StudyError: W&B cannot be used: the reason it gives, in a line.
    """
    index = out / "wandb" / "logged.json"
    todo = [(t.name, t.id(results)) for t in trainings(results)]
    names = [name for name, run in todo if run not in _logged(index, mode)]
    if not names:
        return []
    require()
    environment = dict(os.environ)
    key = environment.get(KEY, "")
    if mode == "offline":
        environment.pop(KEY, None)
    with tempfile.TemporaryDirectory() as work:
        environment |= {"WANDB_CACHE_DIR": work, "WANDB_DATA_DIR": work, "WANDB_SILENT": "true"}
        environment |= {"WANDB_ERROR_REPORTING": "false"}
        ended = subprocess.run(
            [sys.executable, "-m", "pipeline.tracking", str(results), str(out), mode],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
    if ended.returncode:
        said = [line for line in ended.stderr.splitlines() if line.strip()] or ["no reason given"]
        why = said[-1].replace(key, "***") if key else said[-1]
        raise StudyError(
            f'[tracking] wandb = "{mode}": Weights & Biases failed ({why}); '
            "the study itself is done, and the same command logs what is missing"
        )
    return names


def _logged(index: Path, mode: Mode) -> list[str]:
    """The ids of what was logged in a mode."""
    try:
        found: list[str] = json.loads(index.read_text(encoding="utf-8")).get(mode, [])
    except (OSError, ValueError):
        return []
    return found


def _log(results: Path, out: Path, mode: Mode) -> None:
    """In a process of its own: log all that is missing, noting each run that is whole."""
    import wandb

    index = out / "wandb" / "logged.json"
    settings = wandb.Settings(
        mode=mode,
        root_dir=str(out),
        silent=True,
        console="off",
        program="latentes",
        disable_git=True,
        disable_code=True,
        disable_job_creation=True,
        # Of the machine, only what the results state anyway is anyone's business.
        x_disable_meta=True,
        x_disable_stats=True,
        x_disable_machine_info=True,
        x_save_requirements=False,
    )
    for training in trainings(results):
        key = training.id(results)
        known = _logged(index, mode)
        if key in known:
            continue
        run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", "latentes"),
            id=key,
            name=training.name,
            job_type=training.name.partition(".")[0],
            config=training.settings,
            settings=settings,
        )
        for epoch, losses in enumerate(training.epochs, start=1):
            run.log(losses | {"epoch": epoch}, step=epoch)
        run.log({name: wandb.Audio(str(results / at)) for name, at in training.sounds.items()})
        run.summary.update(training.findings)
        if training.seconds is not None:
            run.summary["seconds"] = training.seconds
        run.finish()
        others = {other: _logged(index, other) for other in ("offline", "online")}
        draft = index.with_suffix(".draft")
        draft.write_text(json.dumps(others | {mode: [*known, key]}), encoding="utf-8")
        draft.replace(index)


if __name__ == "__main__":
    try:
        _log(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])  # type: ignore[arg-type]
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}".replace("\n", " "))
