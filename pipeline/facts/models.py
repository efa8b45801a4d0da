"""What the results state of the trained models and of the search for their learning rate."""

from typing import Any

from pipeline.facts.writer import Writer
from pipeline.training import Trained
from pipeline.tuning import Trial, best


def state(
    out: Writer, models: dict[str, Trained], history: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Each model: its layers, the loss of each epoch, and the time that `history` knows."""
    return [
        _model(out, name, trained, history[f"training.{name}"]["seconds"])
        for name, trained in models.items()
    ]


def _model(out: Writer, name: str, trained: Trained, seconds: float) -> dict[str, Any]:
    step = f"training.{name}"
    out.number(f"{step}.best_validation_rmse", trained.best_validation_rmse, "", step)
    out.number(f"{step}.best_epoch", trained.best_epoch, "", step)
    out.number(f"{step}.seconds", seconds, "s", step)
    out.number(f"{step}.parameters", trained.architecture.parameters, "", step)
    family, _, size = name.rpartition(".")
    epochs = zip(trained.training_rmse, trained.validation_rmse, strict=True)
    return {
        "family": family,
        "size": int(size),
        "parameters": trained.architecture.parameters,
        "grid": list(trained.architecture.grid),
        "layers": [
            vars(layer) for layer in trained.architecture.encoder + trained.architecture.decoder
        ],
        "epochs": [
            {"training_rmse": training, "validation_rmse": validation}
            for training, validation in epochs
        ],
        "best_epoch": trained.best_epoch,
        "device": trained.device,
        "file": f"models/{name}",
    }


def state_tuning(
    out: Writer, trials: dict[str, Trial], settings: dict[str, Any], size: int
) -> dict[str, Any] | None:
    """The learning-rate search; None where no trial was asked for."""
    if not trials:
        return None
    out.number("tuning.best", best(trials), "", "tuning.best")
    return {
        "size": settings["size"] or size,
        "epochs": settings["epochs"],
        "used": settings["use"],
        "trials": [
            {
                "learning_rate": trial.learning_rate,
                "validation_rmse": list(trial.validation_rmse),
                "pruned": trial.pruned,
            }
            for trial in trials.values()
        ],
    }
