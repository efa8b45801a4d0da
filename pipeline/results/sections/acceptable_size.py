"""The smallest acceptable latent size of each family, by the rule or by the user's choice."""

from typing import Any

from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.schema import Choice, FamilyChoice


def acceptable_sizes(out: ResultsFolder, models: list[str], settings: dict[str, Any]) -> Choice:
    """For each family, the smallest size within the bounds of `settings` ([choice]).

    A size is acceptable if its mean SNR over the test clips is at least `settings["snr"]` and its
    mean log-mel distance at most `settings["log_mel"]`; larger sizes need not be.
    """
    families: dict[str, list[int]] = {}
    for model in models:
        family, _, latent = model.rpartition(".")
        families.setdefault(family, []).append(int(latent))
    choices = []
    for family, sizes in families.items():
        acceptable = [size for size in sizes if _acceptable(out, f"{family}.{size}", settings)]
        overruled = settings["size"] in sizes
        chosen: int | None = settings["size"] if overruled else min(acceptable, default=None)
        if chosen is not None:
            out.number(f"choice.{family}.size", chosen, "numbers", "results")
        choices.append(
            FamilyChoice(
                family=family,
                size=chosen,
                by_rule=min(acceptable, default=None),
                reason=settings["reason"] if overruled else None,
            )
        )
    return Choice(snr=settings["snr"], log_mel=settings["log_mel"], families=choices)


def _acceptable(out: ResultsFolder, model: str, bounds: dict[str, Any]) -> bool:
    snr, log_mel = (
        out.numbers[f"reconstruction.{model}.{measure}"].value for measure in ("snr", "log_mel")
    )
    return bool(snr >= bounds["snr"] and log_mel <= bounds["log_mel"])
