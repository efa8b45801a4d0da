"""The smallest acceptable latent size of each family, by the rule or by the user's choice."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluation.confidence import wilson_interval
from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.schema import Choice, FamilyChoice


def acceptable_sizes(out: ResultsFolder, models: list[str], settings: dict[str, Any]) -> Choice:
    """For each family, the smallest size within the bounds of `settings` ([choice]).

    A size is acceptable if its means over the test clips are: SNR and ViSQOL of at least
    `settings["snr"]` and `settings["visqol"]`, and a log-mel distance of at most
    `settings["log_mel"]`; larger sizes need not be. Clips too short for ViSQOL are judged by the
    other two.
    """
    scored = all(f"reconstruction.{model}.visqol" in out.numbers for model in models)
    rule = Choice(
        snr=settings["snr"],
        log_mel=settings["log_mel"],
        visqol=settings["visqol"] if scored else None,
        families=[],
    )
    families: dict[str, list[int]] = {}
    for model in models:
        family, _, latent = model.rpartition(".")
        families.setdefault(family, []).append(int(latent))
        _add_share(out, model, rule)
    for family, sizes in families.items():
        acceptable = [
            size
            for size in sizes
            if not rule.unmet(
                {
                    measure: out.numbers[f"reconstruction.{family}.{size}.{measure}"].value
                    for measure in rule.measures
                }
            )
        ]
        overruled = settings["size"] in sizes
        chosen: int | None = settings["size"] if overruled else min(acceptable, default=None)
        if chosen is not None:
            out.number(f"choice.{family}.size", chosen, "numbers", "results")
        rule.families.append(
            FamilyChoice(
                family=family,
                size=chosen,
                by_rule=min(acceptable, default=None),
                reason=settings["reason"] if overruled else None,
            )
        )
    return rule


def _add_share(out: ResultsFolder, model: str, rule: Choice) -> None:
    """Add the share of test clips that meet the rule by themselves, of those with every measure."""
    values: NDArray[np.float64] = np.array(
        [out.per_clip[f"reconstruction.{model}.{measure}"] for measure in rule.measures]
    ).T
    clips = values[~np.isnan(values).any(axis=1)]
    met = sum(not rule.unmet(dict(zip(rule.measures, clip, strict=True))) for clip in clips)
    out.number(
        f"choice.{model}.share",
        met / len(clips),
        "",
        "results",
        interval=wilson_interval(met, len(clips)) if len(clips) > 1 else None,
        clips=len(clips),
    )
