"""TrainedModel models, and the search for their learning rate."""

from typing import Any

from pipeline.architecture.layers import Architecture
from pipeline.models import tuning
from pipeline.models.training import TrainedModel
from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.model_schema import Epoch, Layer, Model, Part, Trial, Tuning


def trained_models(
    out: ResultsFolder, models: dict[str, TrainedModel], history: dict[str, dict[str, Any]]
) -> list[Model]:
    """Each model, by "FAMILY.SIZE"; `history` knows how long each training took."""
    return [
        _model(out, name, trained, history[f"training.{name}"]["seconds"])
        for name, trained in models.items()
    ]


def _model(out: ResultsFolder, name: str, trained: TrainedModel, seconds: float) -> Model:
    step = f"training.{name}"
    out.number(f"{step}.best_validation_rmse", trained.best_validation_rmse, "", step)
    out.number(f"{step}.best_epoch", trained.best_epoch, "", step)
    out.number(f"{step}.seconds", seconds, "s", step)
    out.number(f"{step}.parameters", trained.parameters, "", step)
    family, _, size = name.rpartition(".")
    return Model(
        family=family,
        size=int(size),
        parameters=trained.parameters,
        **_structure(trained),
        epochs=[
            Epoch(training_rmse=training, validation_rmse=validation)
            for training, validation in zip(
                trained.training_rmse, trained.validation_rmse, strict=True
            )
        ],
        best_epoch=trained.best_epoch,
        device=trained.device,
        file=f"models/{name}",
    )


def _structure(trained: TrainedModel) -> dict[str, Any]:
    """Grid and layers of a convolutional model, or the layout of an adaptive latent vector."""
    plan = trained.architecture
    if isinstance(plan, Architecture):
        layers = [Layer(**vars(layer)) for layer in plan.encoder + plan.decoder]
        return {"grid": plan.grid, "layers": layers}
    parts = plan.parts(trained.weights["counts"].tolist())
    layout = tuple(Part(name=name, numbers=numbers) for name, numbers in parts)
    return {"grid": None, "layers": [], "layout": layout}


def learning_rate_search(
    out: ResultsFolder, trials: dict[str, tuning.Trial], settings: dict[str, Any]
) -> Tuning | None:
    """The learning-rate search; None if the study asks for no trial."""
    if not trials:
        return None
    out.number("tuning.best", tuning.best_learning_rate(trials), "", "tuning.best")
    return Tuning(
        size=settings["size"],
        epochs=settings["epochs"],
        used=settings["use"],
        trials=[
            Trial(
                learning_rate=trial.learning_rate,
                validation_rmse=list(trial.validation_rmse),
                pruned=trial.pruned,
            )
            for trial in trials.values()
        ],
    )
