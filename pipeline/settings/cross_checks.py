"""Cross-field validation of settings."""

import re
from collections.abc import Callable, Iterator

from pipeline.architecture.layers import CLASSIC_SAMPLES, Architecture, ArchitectureError, classic
from pipeline.errors import nearest_size_hint
from pipeline.settings.error_messages import SettingError, format_value
from pipeline.settings.schema import (
    ADAPTIVE_FAMILY,
    CLASSIC_FAMILY,
    RESERVED_NAMES,
    LayerSettings,
    Plan,
    Study,
)
from pipeline.settings.toml_lines import KeyPath

FAMILY_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""Valid family names; they become part of file names."""

MIN_CLIP_SAMPLES = 2048
"""Length of the longest analysis window."""

SIZE_FAMILIES = ((CLASSIC_FAMILY,), (ADAPTIVE_FAMILY,))
"""Families whose models are given by their size."""

SECONDS, RATE = ("data", "seconds"), ("data", "sampling_rate")

AllValid = Callable[..., bool]
"""True if none of the given settings has an error of its own."""


def cross_check(study: Study, invalid: set[KeyPath]) -> Iterator[SettingError]:
    """Check settings against each other.

    Args:
        study: with defaults in place of invalid settings.
        invalid: settings that already have an error; checks that depend on one are skipped.

    Yields:
        One error per inconsistency.
    """

    def all_valid(*settings: KeyPath) -> bool:
        return not any(
            setting[: len(other)] == other or other[: len(setting)] == setting
            for setting in settings
            for other in invalid
        )

    yield from _check_table(study, all_valid)
    yield from _check_clips(study, all_valid)
    yield from _check_families(study, all_valid)
    yield from _check_models(study, all_valid)
    yield from _check_sizes(study, invalid, all_valid(SECONDS, RATE))
    yield from _check_tuning(study, all_valid)
    yield from _check_choice(study, all_valid)
    yield from _check_songs(study, invalid)


def _check_table(study: Study, all_valid: AllValid) -> Iterator[SettingError]:
    """The table of genres needs the music and both of its columns, and they need it."""
    names = ("path", "table", "file_column", "genre_column")
    settings = {name: ("data", name) for name in names}
    if not all_valid(*settings.values()):
        return
    missing = [name for name in names if getattr(study.data, name) is None]
    stated = [name for name in names[1:] if name not in missing]
    if stated and missing:
        yield SettingError(
            f"a table of genres needs {', '.join(names[:-1])} and {names[-1]}; add "
            f"{' and '.join(missing)}",
            tuple(settings[name] for name in stated),
        )


def _check_clips(study: Study, all_valid: AllValid) -> Iterator[SettingError]:
    samples = study.data.samples
    if not all_valid(SECONDS, RATE):
        return
    if samples < MIN_CLIP_SAMPLES:
        yield SettingError(
            f"clips of {samples} samples are too short; raise seconds or sampling_rate "
            f"(seconds × sampling_rate must be at least {MIN_CLIP_SAMPLES})",
            (SECONDS, RATE),
        )
    classic_models = study.models.get(CLASSIC_FAMILY, [])
    if samples != CLASSIC_SAMPLES and any(isinstance(model, int) for model in classic_models):
        yield SettingError(
            f"classic sizes need {CLASSIC_SAMPLES}-sample clips (5 s at 22050 Hz), these have "
            f"{samples}; set classic = [] under [models], or define your own layers",
            (SECONDS, RATE, ("models", CLASSIC_FAMILY)),
        )


def _check_families(study: Study, all_valid: AllValid) -> Iterator[SettingError]:
    if all_valid(("models",)) and not any(study.models.values()):
        yield SettingError("all families are empty; add at least one model", (("models",),))
    for family in study.models:
        if not FAMILY_NAME.fullmatch(family) or family in RESERVED_NAMES:
            yield SettingError(
                f"{format_value(family)} is not a valid family name; use up to 40 lower-case "
                "letters, digits and _, starting with a letter, and not "
                f"{' or '.join(sorted(RESERVED_NAMES))}",
                (("models", family),),
            )


def _check_models(study: Study, all_valid: AllValid) -> Iterator[SettingError]:
    """Find models that do not fit their family or the clips, are too large, or are duplicates."""
    clips_known = all_valid(SECONDS, RATE) and study.data.samples >= MIN_CLIP_SAMPLES
    limit_known = all_valid(("limits", "memory"), ("training", "batch"))
    for family, models in study.models.items():
        seen: set[int] = set()
        for index, model in enumerate(models):
            setting: KeyPath = ("models", family, index)
            try:
                plan = _plan(study, family, model, clips_known)
            except ArchitectureError as error:
                yield SettingError(str(error), (setting, SECONDS, RATE))
                continue
            latent = plan.latent if plan else model
            gigabytes = _training_bytes(plan, study.training.batch) / 1e9
            if limit_known and gigabytes > study.limits.memory:
                yield SettingError(
                    f"training this model would take about {gigabytes:.3g} GB, more than "
                    f"limits.memory ({study.limits.memory:g}); make it smaller, lower "
                    "training.batch, or raise limits.memory",
                    (setting, ("training", "batch")),
                )
            if latent in seen:
                yield SettingError(
                    f"this family has two models of size {latent}; remove one", (setting,)
                )
            if isinstance(latent, int):
                seen.add(latent)


def _training_bytes(plan: Plan | None, batch: int) -> float:
    """Estimate the memory to train a model with layers: each weight with its gradient and Adam's
    two moments, and each layer's activations for a batch with their gradients. Measured to be
    within 10 % of what PyTorch allocates."""
    if not isinstance(plan, Architecture):
        return 0.0
    values = sum(layer.outputs * layer.length_out for layer in plan.encoder + plan.decoder)
    return 16.0 * plan.parameters + 8.0 * batch * values


def _plan(study: Study, family: str, model: int | LayerSettings, clips_known: bool) -> Plan | None:
    """Plan of a model; None if it depends on the clip length and that is not known.

    Raises:
        ArchitectureError: the model does not fit its family or the clips.
    """
    if isinstance(model, int) and family == CLASSIC_FAMILY:
        return classic(model)  # for any clip length: `_check_clips` reports a mismatch once
    needs_clips = isinstance(model, int) == (family == ADAPTIVE_FAMILY)
    return study.plan(family, model) if clips_known or not needs_clips else None


def _check_sizes(study: Study, invalid: set[KeyPath], clips_known: bool) -> Iterator[SettingError]:
    """Find settings that select a model by a size that no model has."""
    if any(keys[0] == "models" and keys[1:2] not in SIZE_FAMILIES for keys in invalid):
        return
    layered: set[int] = set()
    adaptive: set[int] = set()
    for family, models in study.models.items():
        for model in models:
            try:
                plan = _plan(study, family, model, clips_known)
            except ArchitectureError:
                plan = None
            if isinstance(model, LayerSettings) and plan is None:
                return  # the set of sizes is incomplete
            latent = plan.latent if plan else model
            if isinstance(latent, int) and (plan or not clips_known):
                (adaptive if family == ADAPTIVE_FAMILY else layered).add(latent)
    for table, size in (
        ("report", study.report.size),
        ("tuning", study.tuning.size),
        ("choice", study.choice.size),
    ):
        allowed = layered if table == "tuning" else layered | adaptive
        if size is not None and size not in allowed:
            kind = "model with layers" if table == "tuning" else "model"
            known = ", ".join(map(str, sorted(allowed, reverse=True))) or "none"
            yield SettingError(
                f"no {kind} has size {format_value(size)} (known sizes: {known})"
                f"{nearest_size_hint(size, allowed)}",
                ((table, "size"),),
            )


def _check_tuning(study: Study, all_valid: AllValid) -> Iterator[SettingError]:
    tuning = study.tuning
    low, high = ("tuning", "low"), ("tuning", "high")
    if all_valid(low, high) and tuning.low >= tuning.high:
        yield SettingError(
            f"low ({tuning.low:g}) must be below high ({tuning.high:g})",
            (low, high),
        )
    use, trials = ("tuning", "use"), ("tuning", "trials")
    if all_valid(use, trials) and tuning.use and not tuning.trials:
        yield SettingError(
            "use = true needs a search; set trials to 1 or more, or use = false", (use, trials)
        )


def _check_choice(study: Study, all_valid: AllValid) -> Iterator[SettingError]:
    size, reason = ("choice", "size"), ("choice", "reason")
    if all_valid(size, reason) and (study.choice.size is None) != (study.choice.reason is None):
        stated, missing = ("reason", "size") if study.choice.size is None else ("size", "reason")
        yield SettingError(
            f"size and reason must be set together; add {missing}", (("choice", stated),)
        )


def _check_songs(study: Study, invalid: set[KeyPath]) -> Iterator[SettingError]:
    """Find new songs whose files would have the same name."""
    if any(keys[0] == "new_songs" and keys[2:] == ("name",) for keys in invalid):
        return
    seen: set[str] = set()
    for index, song in enumerate(study.new_songs):
        if song.slug in seen:
            setting: KeyPath = ("new_songs", index)
            yield SettingError(
                f'two songs are named "{song.slug}" (ignoring case, accents and punctuation); '
                "rename one",
                ((*setting, "name"), (*setting, "file")),
            )
        seen.add(song.slug)
