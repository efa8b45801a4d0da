"""The smallest acceptable sizes by ear: not told from the original, or rated as good."""

from typing import Any

from pipeline.listening.abx import SIGNIFICANT
from pipeline.listening.intervals import guessing_p
from pipeline.results.listening_schema import Listening


def choose_by_ear(content: dict[str, Any]) -> None:
    """Replace the choice of each family with enough answers, in the content of a results.json.

    A size is acceptable if at least `min_trials` ABX trials do not tell it from the original (the
    pooled one-sided binomial test is not significant), or if at least `min_listeners` listeners
    rate it `good` on average. A family without a size that enough people heard keeps the choice by
    measures, and so does one whose size the user chose.
    """
    listening = Listening.model_validate(content["listening"])
    sizes: dict[str, list[int]] = {}
    for model in content["models"]:
        sizes.setdefault(model["family"], []).append(model["size"])
    for chosen in content["choice"]["families"]:
        family = chosen["family"]
        verdicts = {size: _verdict(content, listening, family, size) for size in sizes[family]}
        known = {size: verdict for size, verdict in verdicts.items() if verdict is not None}
        if not known or chosen["reason"] is not None:
            continue
        acceptable = [size for size, verdict in known.items() if verdict]
        size = min(acceptable, default=None)
        chosen |= {"size": size, "by": "ear"}
        content["numbers"].pop(f"choice.{family}.size", None)
        if size is not None:
            number = {"value": size, "unit": "numbers", "step": "listening"}
            content["numbers"][f"choice.{family}.size"] = number


def _verdict(content: dict[str, Any], listening: Listening, family: str, size: int) -> bool | None:
    """Whether listeners accept a size; None if too few heard it."""
    verdicts = []
    if (heard := listening.size(family, size)) is not None:
        verdicts.append(guessing_p(heard.correct, heard.trials) >= SIGNIFICANT)
    if listening.rated(f"{family}.{size}"):
        score = content["numbers"][f"listening.mushra.{family}.{size}.score"]["value"]
        verdicts.append(score >= listening.good)
    return any(verdicts) if verdicts else None
