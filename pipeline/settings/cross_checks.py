"""Settings that are right each by itself and wrong together."""

import re
from collections.abc import Callable, Iterator

from pipeline.architecture.layers import CLASSIC_SAMPLES, Architecture, ArchitectureError, classic
from pipeline.errors import nearest_size
from pipeline.settings.error_messages import SettingError, value
from pipeline.settings.schema import ADAPTIVE, CLASSICAL, RESERVED, LayerSettings, Plan, Study
from pipeline.settings.toml_lines import Keys

FAMILY = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""How a family may be called: its name is part of the names of files."""

LEAST = 2048
"""Samples that a clip must have: the longest window that it is looked at through."""

OF_SIZES = ((CLASSICAL,), (ADAPTIVE,))
"""Families whose models have the sizes that are stated, right or wrong."""

SECONDS, RATE = ("data", "seconds"), ("data", "sampling_rate")

Whole = Callable[..., bool]
"""Whether settings are right each by itself, so that they can be held against each other."""


def cross_check(study: Study, broken: set[Keys]) -> Iterator[SettingError]:
    """What does not fit together in a study.

    Args:
        study: with defaults in place of what is broken.
        broken: settings that are wrong by themselves; nothing is said that depends on one.
    """

    def whole(*places: Keys) -> bool:
        return not any(
            place[: len(other)] == other or other[: len(place)] == place
            for place in places
            for other in broken
        )

    yield from _clips(study, whole)
    yield from _families(study, whole)
    yield from _models(study, whole)
    yield from _sizes(study, broken, whole(SECONDS, RATE))
    yield from _tuning(study, whole)
    yield from _choice(study, whole)
    yield from _songs(study, broken)


def _clips(study: Study, whole: Whole) -> Iterator[SettingError]:
    samples = study.data.samples
    if not whole(SECONDS, RATE):
        return
    if samples < LEAST:
        yield SettingError(
            f"a clip of {samples} samples is too short to be studied; seconds times "
            f"sampling_rate must be {LEAST} or more",
            (SECONDS, RATE),
        )
    of_classic = study.models.get(CLASSICAL, [])
    if samples != CLASSIC_SAMPLES and any(isinstance(model, int) for model in of_classic):
        yield SettingError(
            f"a clip of {samples} samples is none for the sizes of the family classic, which take "
            f"{CLASSIC_SAMPLES} (5 s at 22050 Hz); say classic = [] under [models], or write "
            "layers of your own",
            (SECONDS, RATE, ("models", CLASSICAL)),
        )


def _families(study: Study, whole: Whole) -> Iterator[SettingError]:
    if whole(("models",)) and not any(study.models.values()):
        yield SettingError("every family is switched off; a study needs one model", (("models",),))
    for family in study.models:
        if not FAMILY.fullmatch(family) or family in RESERVED:
            yield SettingError(
                f"{value(family)} cannot name a family; needs lower-case letters, digits and _, "
                f"a letter first, at most 40, and none of {', '.join(sorted(RESERVED))}",
                (("models", family),),
            )


def _models(study: Study, whole: Whole) -> Iterator[SettingError]:
    """Models that do not fit their family or the clips, are too large, or stand twice."""
    known = whole(SECONDS, RATE) and study.data.samples >= LEAST
    limited = whole(("limits", "memory"), ("training", "batch"))
    for family, models in study.models.items():
        seen: set[int] = set()
        for index, model in enumerate(models):
            place: Keys = ("models", family, index)
            try:
                plan = _plan(study, family, model, known)
            except ArchitectureError as error:
                yield SettingError(str(error), (place, SECONDS, RATE))
                continue
            latent = plan.latent if plan else model
            gigabytes = _memory(plan, study.training.batch) / 1e9
            if limited and gigabytes > study.limits.memory:
                yield SettingError(
                    f"training this model would take about {gigabytes:.3g} GB, more than "
                    f"limits.memory ({study.limits.memory:g}); make it smaller, lower "
                    "training.batch, or raise memory under [limits]",
                    (place, ("training", "batch")),
                )
            if latent in seen:
                yield SettingError(f"two models of this family have {latent} numbers", (place,))
            if isinstance(latent, int):
                seen.add(latent)


def _memory(plan: Plan | None, batch: int) -> float:
    """Bytes that training a model of layers takes, about: for each weight itself, its gradient
    and Adam's two moments, for each layer what it puts out and the gradient of that, of a
    batch. Measured: within a tenth of what PyTorch takes."""
    if not isinstance(plan, Architecture):
        return 0.0
    values = sum(layer.outputs * layer.length_out for layer in plan.encoder + plan.decoder)
    return 16.0 * plan.parameters + 8.0 * batch * values


def _plan(study: Study, family: str, model: int | LayerSettings, clips: bool) -> Plan | None:
    """A model's plan; None if it depends on the clips, and `clips` says that they are unknown.

    Raises:
        ArchitectureError: it does not fit.
    """
    if isinstance(model, int) and family == CLASSICAL:
        return classic(model)  # whatever the clips: `_clips` tells, once, if they do not fit
    depends = isinstance(model, int) == (family == ADAPTIVE)
    return study.plan(family, model) if clips or not depends else None


def _sizes(study: Study, broken: set[Keys], clips: bool) -> Iterator[SettingError]:
    """Sizes that name a model that the study does not have; `clips`: their length is known."""
    if any(place[0] == "models" and place[1:2] not in OF_SIZES for place in broken):
        return
    layered: set[int] = set()
    chosen: set[int] = set()
    for family, models in study.models.items():
        for model in models:
            try:
                plan = _plan(study, family, model, clips)
            except ArchitectureError:
                plan = None
            if isinstance(model, LayerSettings) and plan is None:
                return  # its size is not known
            latent = plan.latent if plan else model
            if isinstance(latent, int) and (plan or not clips):
                (chosen if family == ADAPTIVE else layered).add(latent)
    for table, size in (
        ("report", study.report.size),
        ("tuning", study.tuning.size),
        ("choice", study.choice.size),
    ):
        allowed = layered if table == "tuning" else layered | chosen
        if size is not None and size not in allowed:
            stated = ", ".join(map(str, sorted(allowed, reverse=True))) or "none has layers"
            yield SettingError(
                f"{value(size)} is the size of no such model ({stated})"
                f"{nearest_size(size, allowed)}",
                ((table, "size"),),
            )


def _tuning(study: Study, whole: Whole) -> Iterator[SettingError]:
    tuning = study.tuning
    low, high = ("tuning", "low"), ("tuning", "high")
    if whole(low, high) and tuning.low >= tuning.high:
        yield SettingError(
            f"the search needs low below high; found {tuning.low:g} and {tuning.high:g}",
            (low, high),
        )
    use, trials = ("tuning", "use"), ("tuning", "trials")
    if whole(use, trials) and tuning.use and not tuning.trials:
        yield SettingError("true, but no trial looks for a rate; set tuning.trials", (use, trials))


def _choice(study: Study, whole: Whole) -> Iterator[SettingError]:
    size, reason = ("choice", "size"), ("choice", "reason")
    if whole(size, reason) and (study.choice.size is None) != (study.choice.reason is None):
        stated, missing = ("reason", "size") if study.choice.size is None else ("size", "reason")
        yield SettingError(
            f"a choice of your own needs size and reason; {missing} is missing",
            (("choice", stated),),
        )


def _songs(study: Study, broken: set[Keys]) -> Iterator[SettingError]:
    """New songs whose names make the same names of files."""
    if any(place[0] == "new_songs" and place[2:] == ("name",) for place in broken):
        return
    seen: set[str] = set()
    for index, song in enumerate(study.new_songs):
        if song.slug in seen:
            place: Keys = ("new_songs", index)
            yield SettingError(
                f'two songs are called "{song.slug}", capitals, accents and signs apart; give one '
                "another name",
                ((*place, "name"), (*place, "file")),
            )
        seen.add(song.slug)
