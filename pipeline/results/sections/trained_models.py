"""What the results state of the trained models and of the search for their learning rate."""

from typing import Any

from pipeline.architecture.layers import Architecture
from pipeline.models.training import Trained
from pipeline.models.tuning import Trial, best
from pipeline.results.folder_writer import ResultsFolder


def state(
    out: ResultsFolder, models: dict[str, Trained], history: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Each model: its layers or layout, the loss of each epoch, and the time that `history`
    knows."""
    return [
        _model(out, name, trained, history[f"training.{name}"]["seconds"])
        for name, trained in models.items()
    ]


def _model(out: ResultsFolder, name: str, trained: Trained, seconds: float) -> dict[str, Any]:
    step = f"training.{name}"
    out.number(f"{step}.best_validation_rmse", trained.best_validation_rmse, "", step)
    out.number(f"{step}.best_epoch", trained.best_epoch, "", step)
    out.number(f"{step}.seconds", seconds, "s", step)
    out.number(f"{step}.parameters", trained.parameters, "", step)
    family, _, size = name.rpartition(".")
    epochs = zip(trained.training_rmse, trained.validation_rmse, strict=True)
    return {
        "family": family,
        "size": int(size),
        "parameters": trained.parameters,
        **_structure(trained),
        "epochs": [
            {"training_rmse": training, "validation_rmse": validation}
            for training, validation in epochs
        ],
        "best_epoch": trained.best_epoch,
        "device": trained.device,
        "file": f"models/{name}",
    }


def _structure(trained: Trained) -> dict[str, Any]:
    """The layers between clip and grid, or the parts of an adaptive latent vector."""
    plan = trained.architecture
    if isinstance(plan, Architecture):
        layers = [vars(layer) for layer in plan.encoder + plan.decoder]
        return {"grid": list(plan.grid), "layers": layers, "layout": []}
    parts = plan.parts(trained.weights["counts"].tolist())
    layout = [{"name": name, "numbers": numbers} for name, numbers in parts]
    return {"grid": None, "layers": [], "layout": layout}


def state_tuning(
    out: ResultsFolder, trials: dict[str, Trial], settings: dict[str, Any]
) -> dict[str, Any] | None:
    """The learning-rate search; None where no trial was asked for."""
    if not trials:
        return None
    out.number("tuning.best", best(trials), "", "tuning.best")
    return {
        "size": settings["size"],
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
