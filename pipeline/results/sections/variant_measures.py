"""Variants of the classic network, after short trainings."""

from pipeline.architecture.variants import BASE, BASE_EPOCHS, CROP, Variant, variants
from pipeline.evaluation.fidelity import UNITS
from pipeline.evaluation.variant_fidelity import MeasuredVariant
from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.model_schema import Epoch, Experiment


def experiments(
    out: ResultsFolder, found: dict[str, dict[int, MeasuredVariant]], seed: int
) -> list[Experiment]:
    """Each variant, then the base after other numbers of epochs; none if none was trained.

    Args:
        found: by the variant's name and the number of epochs.
    """
    if not found:
        return []
    known = {variant.name: variant for variant in variants()}
    records = [
        _experiment(out, known[name], name, measured[BASE_EPOCHS], seed)
        for name, measured in found.items()
    ]
    records += [
        _experiment(out, known[BASE], f"epochs_{count}", measured, seed)
        for count, measured in found[BASE].items()
        if count != BASE_EPOCHS
    ]
    return records


def _experiment(
    out: ResultsFolder, variant: Variant, name: str, measured: MeasuredVariant, seed: int
) -> Experiment:
    prefix, step = f"experiment.{name}", f"experiment.{variant.name}"
    out.mean(f"{prefix}.snr", measured.snr, UNITS["snr"], step, seed)
    out.mean(f"{prefix}.log_mel", measured.log_mel, UNITS["log_mel"], step, seed)
    out.number(f"{prefix}.validation_rmse", measured.validation_rmse, "", step)
    plan = variant.architecture
    return Experiment(
        name=name,
        size=plan.latent,
        group=variant.group if name == variant.name else "epochs",
        against=variant.against,
        channels=plan.channels,
        kernels=plan.kernels,
        strides=plan.strides,
        paddings=plan.paddings,
        activation=variant.activation,
        bounded=variant.bounded,
        batch=variant.batch,
        epochs=[Epoch(training_rmse=t, validation_rmse=v) for t, v in measured.epochs],
        parameters=measured.parameters,
        operations=plan.operations,
        crop=CROP,
    )
