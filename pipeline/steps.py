"""The study as a graph of steps: the one place that shows the whole flow.

    music ─▶ corpus ─┬▶ tuning.N ···▶ training.FAMILY.SIZE ─┬▶ reconstruction.FAMILY.SIZE ─▶ results
                     │                                      ├▶ latents.… ─▶ exploration, generation
                     ├▶ klt ─▶ baseline.METHOD.SIZE         │
                     ├▶ featured ─▶ reconstruction, baseline│
    new songs ───────┴──────────────────────────────────────┴▶ song.NAME.decoded

Nothing here computes and nothing here imports torch: functions are named, and imported by the
process that runs them.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.architecture.adaptive_plan import AdaptivePlan
from pipeline.architecture.layers import Architecture
from pipeline.engine.device import kind
from pipeline.engine.graph import PROCESS, Graph, Step
from pipeline.music_steps import music_steps, song_steps
from pipeline.settings.path_checks import check_paths
from pipeline.settings.schema import Plan, Study

RESULTS = "results"
"""The step whose value is the results folder."""

METHODS = ("lowpass", "klt", "mdct", "codec")
"""The baselines of the study, as `pipeline.evaluation.baselines.rebuild` names them."""

ADAPTIVE_CLIP = 0.035
"""Seconds that an adaptive model trains on a clip in an epoch, its share of validation
included."""

MULTIPLY_ADDS = 1e9
"""What a core trains a second, forward and backward: about this many of the forward pass's."""


def graph(study: Study, cache: Path) -> Graph:
    """The steps of a study, down to its results folder.

    Args:
        cache: folder for what is remembered of the music's files between calls.

    Raises:
        StudyError: what the study names is not there, or is more than its limits.
    """
    plans = {
        f"{family}.{size}": architecture
        for family, sizes in study.architectures().items()
        for size, architecture in sizes.items()
    }
    sizes = sorted({plan.latent for plan in plans.values()}, reverse=True)

    files = check_paths(study)
    music, clips = music_steps(study, files, cache)
    trials = _trials(study, plans, clips)
    training = _training(study, plans, clips, trials)
    reconstruction, baseline = _fidelity(study, list(plans), sizes)
    sources, songs = song_steps(study, cache)
    decoded = _decoded(study, songs, training, len(sizes))
    latents, generation = _latents(study, plans, clips)
    maps, trees = _exploration(study, plans, clips)
    groups = [trials, training, reconstruction, baseline, songs, decoded]
    groups += [latents, generation, maps, trees]
    found = [step for group in groups for step in group.values()]
    if trials:
        best = Step("tuning.best", "pipeline.models.tuning:best", inputs={"trials": _each(trials)})
        found.insert(len(trials), best)
    klt = Step("klt", "pipeline.evaluation.reconstruction:learn_klt", inputs={"corpus": "corpus"})
    featured = Step(
        "featured",
        "pipeline.evaluation.reconstruction:featured",
        {"song": study.report.song},
        {"corpus": "corpus"},
        early=True,
    )
    found = [*music, featured, klt, *sources, *found]
    results = Step(
        RESULTS,
        "pipeline.results.assemble:assemble",
        parameters={"study": _stated(study), "size": study.size}
        | {"expected": {step.name: round(step.cost, 1) for step in found}},
        inputs={
            "corpus": "corpus",
            "featured": "featured",
            "models": _each(training),
            "reconstructions": _each(reconstruction),
            "rebuilt": _each(baseline),
            "trials": _each(trials),
            "songs": _each(songs),
            "decoded": _each(decoded),
            "maps": _each(maps),
            "trees": _each(trees),
            "generated": _each(generation),
        },
        folder=True,
        history=True,
        cost=5,
    )
    return Graph([*found, results], kind())


def _each(steps: dict[str, Step]) -> dict[str, str]:
    """What a step that reads all of these receives them by."""
    return {label: step.name for label, step in steps.items()}


def _trials(study: Study, plans: dict[str, Plan], clips: int) -> dict[str, Step]:
    """The trials of the learning-rate search, each after those before it."""
    settings = study.tuning
    layered = [plan for plan in plans.values() if isinstance(plan, Architecture)]
    if not layered:
        return {}
    plan = next(plan for plan in layered if plan.latent == study.tuning_size)
    trials: dict[str, Step] = {}
    for number in range(1, settings.trials + 1):
        trials[f"tuning.{number}"] = Step(
            f"tuning.{number}",
            "pipeline.models.tuning:trial",
            {"architecture": asdict(plan), "epochs": settings.epochs}
            | {"low": settings.low, "high": settings.high}
            | {"batch": study.training.batch, "seed": study.seed},
            {"corpus": "corpus", "earlier": _each(trials)},
            resumes=True,
            cost=_epoch(plan, clips) * settings.epochs,
        )
    return trials


def _training(
    study: Study, plans: dict[str, Plan], clips: int, trials: dict[str, Step]
) -> dict[str, Step]:
    steps = {}
    for model, plan in plans.items():
        adaptive = isinstance(plan, AdaptivePlan)
        settings = study.training.adaptive if adaptive else study.training
        rate: dict[str, Any] = {"learning_rate": settings.learning_rate}
        inputs = {"corpus": "corpus"}
        if trials and study.tuning.use and not adaptive:
            rate, inputs = {}, inputs | {"learning_rate": "tuning.best"}
        steps[model] = Step(
            f"training.{model}",
            "pipeline.models.adaptive.adaptive_training:train"
            if adaptive
            else "pipeline.models.training:train",
            {"family": model.partition(".")[0], "architecture": asdict(plan)}
            | {"epochs": settings.epochs, "batch": settings.batch, "seed": study.seed}
            | rate,
            inputs,
            resumes=True,
            cost=_epoch(plan, clips) * settings.epochs,
        )
    return steps


def _holding(values: int) -> int:
    """Bytes that a process takes that holds so many numbers in double precision. Clips are no
    part of that: they are read from disk as they are needed."""
    return PROCESS + 8 * values


def _epoch(plan: Plan, clips: int) -> float:
    """Seconds that an epoch is expected to take."""
    if isinstance(plan, AdaptivePlan):
        return ADAPTIVE_CLIP * clips
    return plan.operations * clips / MULTIPLY_ADDS


def _fidelity(
    study: Study, models: list[str], sizes: list[int]
) -> tuple[dict[str, Step], dict[str, Step]]:
    """What models and baselines make of the test set."""
    how = {"visqol_clips": study.visqol_clips, "seed": study.seed}
    reads = {"corpus": "corpus", "song": "featured"}
    cost = 3 + 0.5 * study.visqol_clips
    reconstruction = {
        model: Step(
            f"reconstruction.{model}",
            "pipeline.evaluation.reconstruction:by_model",
            how,
            reads | {"trained": f"training.{model}"},
            cost=cost,
        )
        for model in models
    }
    baseline = {
        f"{method}.{size}": Step(
            f"baseline.{method}.{size}",
            "pipeline.evaluation.reconstruction:by_baseline",
            {"method": method, "numbers": size} | how,
            reads | {"klt_basis": "klt"},
            cost=cost,
        )
        for method in METHODS
        for size in sizes
    }
    return reconstruction, baseline


def _latents(
    study: Study, plans: dict[str, Plan], clips: int
) -> tuple[dict[str, Step], dict[str, Step]]:
    """The latent vectors of the corpus, and what is generated from them."""
    latents, generation = {}, {}
    for model, plan in plans.items():
        inputs = {"corpus": "corpus", "trained": f"training.{model}"}
        latents[model] = Step(
            f"latents.{model}",
            "pipeline.analysis.latents:encode",
            inputs=inputs,
            memory=_holding(clips * plan.latent),
            cost=clips * 0.005,
        )
        generation[model] = Step(
            f"generation.{model}",
            "pipeline.generation.latent_means:generate",
            {"seed": study.seed},
            inputs | {"latents": f"latents.{model}"},
            cost=4,
        )
    return latents, generation


def _exploration(
    study: Study, plans: dict[str, Plan], clips: int
) -> tuple[dict[str, Step], dict[str, Step]]:
    """Clusters, components and trees of the waveform, of each latent, and of their averages."""
    numbers = {"original": study.data.samples} | {m: plan.latent for m, plan in plans.items()}
    maps, trees = {}, {}
    for averaged in (False, True):
        for vector, count in numbers.items():
            name = f"{vector}.averaged" if averaged else vector
            inputs = {"corpus": "corpus"}
            if vector != "original":
                inputs |= {"trained": f"training.{vector}", "latents": f"latents.{vector}"}
            how = {"averaged": averaged, "seed": study.seed}
            memory, cost = _holding(clips * count), 1 if averaged else clips * count / 2e6
            maps[name] = Step(
                f"map.{name}",
                "pipeline.analysis.vectors:map_clips",
                how,
                inputs,
                memory=memory,
                cost=3,
            )
            trees[name] = Step(
                f"tree.{name}",
                "pipeline.analysis.vectors:classify",
                how,
                inputs,
                memory=memory,
                cost=cost,
            )
    name, inputs, seed = "log_mel", {"corpus": "corpus"}, {"seed": study.seed}
    maps[name] = Step(
        f"map.{name}", "pipeline.analysis.vectors:map_reference", seed, inputs, cost=5
    )
    trees[name] = Step(
        f"tree.{name}", "pipeline.analysis.vectors:classify_reference", seed, inputs, cost=3
    )
    return maps, trees


def _decoded(
    study: Study, songs: dict[str, Step], training: dict[str, Step], sizes: int
) -> dict[str, Step]:
    """New songs through every model and baseline."""
    return {
        name: Step(
            f"song.{name}.decoded",
            "pipeline.evaluation.reconstruction:decode",
            {"sampling_rate": study.data.sampling_rate, "methods": list(METHODS)},
            {"song": step.name, "models": _each(training), "klt_basis": "klt"},
            cost=1 + 0.6 * (len(training) + len(METHODS) * sizes),
        )
        for name, step in songs.items()
    }


def _stated(study: Study) -> dict[str, object]:
    """The settings as the results tell them: files by name, not by their place; not where
    trainings are logged nor what is too much, on which no result depends."""
    settings = study.model_dump(mode="json", exclude={"tracking", "limits"})
    settings["tuning"]["size"] = study.tuning_size
    if study.data.path is not None:
        settings["data"]["path"] = study.data.path.name
    for name in ("logo", "templates", "bibliography"):
        place = getattr(study.report, name)
        settings["report"][name] = place.name if place is not None else None
    for stated, song in zip(settings["new_songs"], study.new_songs, strict=True):
        stated["file"] = song.file.name
    return settings
