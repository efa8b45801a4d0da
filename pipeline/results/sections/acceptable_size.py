"""The smallest acceptable latent size, by the study's stated rule or by the reader's word."""

from typing import Any

from pipeline.results.folder_writer import ResultsFolder


def state(out: ResultsFolder, models: list[str], settings: dict[str, Any]) -> dict[str, Any]:
    """For each family, the smallest size within the bounds of `settings`, from stated numbers.

    A size counts if its mean SNR over the test clips is at least `settings["snr"]` and its mean
    log-mel distance at most `settings["log_mel"]`; all larger sizes need not.
    """
    families: dict[str, list[int]] = {}
    for model in models:
        family, _, latent = model.rpartition(".")
        families.setdefault(family, []).append(int(latent))
    stated = []
    for family, sizes in families.items():
        found = [size for size in sizes if _acceptable(out, f"{family}.{size}", settings)]
        overruled = settings["size"] in sizes
        chosen: int | None = settings["size"] if overruled else min(found, default=None)
        if chosen is not None:
            out.number(f"choice.{family}.size", chosen, "numbers", "results")
        stated.append(
            {
                "family": family,
                "size": chosen,
                "by_rule": min(found, default=None),
                "reason": settings["reason"] if overruled else None,
            }
        )
    return {"snr": settings["snr"], "log_mel": settings["log_mel"], "families": stated}


def _acceptable(out: ResultsFolder, model: str, bounds: dict[str, Any]) -> bool:
    value = {
        measure: out.numbers[f"reconstruction.{model}.{measure}"]["value"]
        for measure in ("snr", "log_mel")
    }
    return bool(value["snr"] >= bounds["snr"] and value["log_mel"] <= bounds["log_mel"])
