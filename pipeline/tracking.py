"""Experiment tracking: log each training of a study as a Weights & Biases run.

Everything is read from the results folder: cached trainings are logged like new ones, and results
cannot depend on tracking. W&B runs in a separate process to keep its output and prompts off the
terminal. Runs are written to OUT/wandb; the id of a run is the digest of its content, so that
nothing is logged twice.
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

WandbMode = Literal["offline", "online"]
API_KEY_VARIABLE = "WANDB_API_KEY"


@dataclass
class Training:
    """One run.

    Args:
        name: "training.FAMILY.SIZE", "tuning.NUMBER" or "experiment.NAME".
        config: all settings of the training.
        epochs: losses of each epoch by name.
        summary: final metrics, including fidelity.
        audio: path of each audio file under the results folder, by "SONG/VERSION".
        seconds: duration; not part of the id.
    """

    name: str
    config: dict[str, Any]
    epochs: list[dict[str, float]]
    summary: dict[str, float]
    audio: dict[str, str] = field(default_factory=dict)
    seconds: float | None = None

    def run_id(self, results: Path) -> str:
        """Digest of the content, including the audio files in the results folder."""
        content = [self.name, self.config, self.epochs, self.summary, sorted(self.audio)]
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode())
        for path in self.audio.values():
            digest.update((results / path).read_bytes())
        return digest.hexdigest()[:16]


def require_wandb() -> None:
    """Raise StudyError unless wandb is installed."""
    try:
        version("wandb")
    except PackageNotFoundError:
        raise StudyError(
            "[tracking] wandb: Weights & Biases is not installed; run pip install "
            "'latentes[tracking]', or set wandb = \"off\""
        ) from None


def trainings(results: Path) -> Iterator[Training]:
    """Trainings of a study: its models, the trials of its learning-rate search, its experiments."""
    content = json.loads((results / "results.json").read_text(encoding="utf-8"))
    study, numbers = content["study"], content["numbers"]
    shared = {"seed": study["seed"], "data": study["data"], "training": study["training"]}
    tuning = content["tuning"]
    if tuning and tuning["used"]:
        shared |= {"learning_rate": numbers["tuning.best"]["value"]}
    for model in content["models"]:
        model_name = f"{model['family']}.{model['size']}"
        losses = model["epochs"]
        config = {key: value for key, value in model.items() if key not in ("epochs", "best_epoch")}
        summary = {}
        for name, number in numbers.items():
            for prefix in (f"training.{model_name}.", f"reconstruction.{model_name}."):
                if name.startswith(prefix):
                    summary[name.removeprefix(prefix)] = number["value"]
        audio = {
            f"{song['name']}/{rendering['version']}": rendering["audio"]
            for song in content["songs"]
            for rendering in song["versions"]
            if rendering["version"] in ("original", model_name)
        }
        seconds = summary.pop("seconds")
        yield Training(f"training.{model_name}", shared | config, losses, summary, audio, seconds)
    for number, trial in enumerate(tuning["trials"] if tuning else (), start=1):
        config = {"learning_rate": trial["learning_rate"], "size": tuning["size"]}
        losses = [{"validation_rmse": loss} for loss in trial["validation_rmse"]]
        best = {"best_validation_rmse": min(trial["validation_rmse"])} if losses else {}
        summary = best | {"pruned": trial["pruned"]}
        yield Training(f"tuning.{number}", shared | config, losses, summary)
    for experiment in content["experiments"]:
        name = f"experiment.{experiment['name']}"
        config = {key: value for key, value in experiment.items() if key != "epochs"}
        summary = {
            measure: numbers[f"{name}.{measure}"]["value"]
            for measure in ("snr", "log_mel", "validation_rmse")
        }
        yield Training(name, shared | config, experiment["epochs"], summary)


def track(results: Path, out: Path, mode: WandbMode) -> list[str]:
    """Log the trainings that were not yet logged in this mode, to OUT/wandb.

    Returns:
        The names of the trainings logged by this call.

    Raises:
        StudyError: W&B failed; the message has its reason.
    """
    index = out / "wandb" / "logged.json"
    runs = [(training.name, training.run_id(results)) for training in trainings(results)]
    names = [name for name, run_id in runs if run_id not in _logged_ids(index, mode)]
    if not names:
        return []
    require_wandb()
    environment = dict(os.environ)
    key = environment.get(API_KEY_VARIABLE, "")
    if mode == "offline":
        environment.pop(API_KEY_VARIABLE, None)
    with tempfile.TemporaryDirectory() as work:
        environment |= {"WANDB_CACHE_DIR": work, "WANDB_DATA_DIR": work, "WANDB_SILENT": "true"}
        environment |= {"WANDB_ERROR_REPORTING": "false"}
        process = subprocess.run(
            [sys.executable, "-m", "pipeline.tracking", str(results), str(out), mode],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
    if process.returncode:
        lines = [line for line in process.stderr.splitlines() if line.strip()]
        reason = lines[-1] if lines else "no reason given"
        reason = reason.replace(key, "***") if key else reason
        raise StudyError(
            f'[tracking] wandb = "{mode}": Weights & Biases failed ({reason}); the study is '
            "complete, rerun the command to log the missing trainings"
        )
    return names


def _logged_ids(index: Path, mode: WandbMode) -> list[str]:
    """Ids of the runs logged in a mode."""
    try:
        found: list[str] = json.loads(index.read_text(encoding="utf-8")).get(mode, [])
    except (OSError, ValueError):
        return []
    return found


def _log(results: Path, out: Path, mode: WandbMode) -> None:
    """Log all missing trainings and record each completed run; runs in the child process."""
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
        # Do not upload machine details beyond those in the results.
        x_disable_meta=True,
        x_disable_stats=True,
        x_disable_machine_info=True,
        x_save_requirements=False,
    )
    for training in trainings(results):
        run_id = training.run_id(results)
        logged = _logged_ids(index, mode)
        if run_id in logged:
            continue
        run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", "latentes"),
            id=run_id,
            name=training.name,
            job_type=training.name.partition(".")[0],
            config=training.config,
            settings=settings,
        )
        for epoch, losses in enumerate(training.epochs, start=1):
            run.log(losses | {"epoch": epoch}, step=epoch)
        run.log({name: wandb.Audio(str(results / path)) for name, path in training.audio.items()})
        run.summary.update(training.summary)
        if training.seconds is not None:
            run.summary["seconds"] = training.seconds
        run.finish()
        others = {other: _logged_ids(index, other) for other in ("offline", "online")}
        draft = index.with_suffix(".draft")
        draft.write_text(json.dumps(others | {mode: [*logged, run_id]}), encoding="utf-8")
        draft.replace(index)


if __name__ == "__main__":
    try:
        _log(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])  # type: ignore[arg-type]
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}".replace("\n", " "))
