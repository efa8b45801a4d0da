"""The study as a graph of steps: the one place that shows the whole flow.

    music ─▶ corpus ─┬▶ tuning.N ···▶ training.FAMILY.SIZE ─┬▶ reconstruction.FAMILY.SIZE ─▶ results
                     │                                      ├▶ untrained.FAMILY.SIZE ────▶ results
                     │                                      ├▶ latents.… ─▶ exploration, generation
                     ├▶ generation.spectra ─▶ generation.flow_training ─▶ generation.flow ─▶ results
                     ├▶ klt ─▶ baseline.METHOD.SIZE         ├▶ coding.FAMILY.SIZE
                     ├▶ coding.train ─▶ coding.latente      │  coding.opus, .mp3, .vorbis
                     ├▶ featured ─▶ reconstruction, baseline│
    new songs ───────┴──────────────────────────────────────┴▶ song.NAME.decoded
    answers of listeners ─▶ listening ─▶ results.listening ◀─ results

Nothing here computes anything or imports torch: functions are named as text, and imported by the
process that runs them. tests/pipeline/test_steps.py checks every name and every parameter.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.architecture.adaptive_plan import AdaptivePlan
from pipeline.architecture.layers import CLASSIC_SAMPLES, Architecture
from pipeline.architecture.variants import BASE, BASE_EPOCHS, CROP, EPOCHS, variants
from pipeline.data.demo.styles import GENRES
from pipeline.engine.device import device_type
from pipeline.engine.graph import PROCESS_BYTES, Graph, Step
from pipeline.file_names import composed
from pipeline.generation_steps import MODELS, REFERENCES, SPECTRA, TRAINED, generation_steps
from pipeline.listening_steps import RESULTS_WITH_LISTENING, listening_steps
from pipeline.music_steps import music_steps, song_steps
from pipeline.settings.path_checks import check_paths
from pipeline.settings.schema import CLASSIC_FAMILY, Plan, Study

RESULTS = "results"
"""The step whose value is the results folder, without the answers of listeners."""

METHODS = ("lowpass", "klt", "mdct", "codec")
"""The baselines of the study, as `pipeline.evaluation.baselines.reconstruct` names them."""

CODECS = ("opus", "mp3", "vorbis")
"""The codecs that ours is compared with; see `pipeline.coding.other_codecs`."""

RATES, VISQOL_RATES = (3, 6, 8, 12, 16, 24, 32, 48), (12, 16, 24)
"""Rates of files that are compared, in kbit/s, and those at which ViSQOL scores them."""

CODED_CLIPS, SCORED_CLIPS, VECTOR_CLIPS = 6, 6, 3
"""Test clips coded, those of them scored by ViSQOL, and those whose latent vectors are coded, at
most: eight rates of four codecs would otherwise take longer than the rest
of a small study."""

ADAPTIVE_SECONDS_PER_CLIP = 0.025
"""Training time of an adaptive model per clip and epoch, validation included."""

MULTIPLY_ADDS_PER_SECOND = 1e9
"""Multiply-adds of the forward pass that a core trains per second, forward and backward."""


def graph(study: Study, cache: Path) -> Graph:
    """The steps of a study, down to its results folder.

    Args:
        cache: folder of stored values, inside the output folder.

    Raises:
        StudyError: something that the study names is missing, or it exceeds a limit.
    """
    plans = {
        f"{family}.{size}": architecture
        for family, sizes in study.architectures().items()
        for size, architecture in sizes.items()
    }
    sizes = sorted({plan.latent for plan in plans.values()}, reverse=True)

    files = check_paths(study, GENRES, cache.parent)
    music, clips = music_steps(study, files, cache)
    trials = _trials(study, plans, clips)
    training = _training(study, plans, clips, trials)
    reconstruction, baseline = _fidelity(study, list(plans), sizes)
    response = _response(study, plans)
    experiment = _experiments(study, clips, bool(trials))
    sources, songs = song_steps(study, cache)
    decoded = _decoded(study, songs, training, len(sizes))
    shown = _shown(study, plans)
    own_rate = _own_rate(study, songs, [m for m in shown if isinstance(plans[m], Architecture)])
    latents, generation = _latents(study, plans, clips, shown)
    new_music = generation_steps(study, clips, shown)
    maps, trees = _exploration(study, plans, clips)
    probes = _probes(study, plans, clips, shown)
    untrained = _untrained(study, plans)
    coding = _coding(study, plans)
    groups = [trials, training, reconstruction, untrained, baseline, response, songs, decoded]
    groups += [own_rate, experiment, latents, generation, maps, trees, probes, coding]
    steps = [step for group in groups for step in group.values()]
    if trials:
        best = Step(
            "tuning.best",
            "pipeline.models.tuning:best_learning_rate",
            inputs={"trials": _names(trials)},
        )
        steps.insert(len(trials), best)
    klt = Step("klt", "pipeline.evaluation.reconstruction:learn_klt", inputs={"corpus": "corpus"})
    featured = Step(
        "featured",
        "pipeline.evaluation.reconstruction:featured_row",
        {"song": study.report.song},
        {"corpus": "corpus"},
        early=True,
    )
    steps = [*music, featured, klt, *sources, *steps, *new_music]
    results = Step(
        RESULTS,
        "pipeline.results.assemble:assemble",
        parameters={"study": _settings(study), "size": study.size}
        | {"expected": {step.name: round(step.cost, 1) for step in steps}},
        inputs={
            "corpus": "corpus",
            "featured": "featured",
            "models": _names(training),
            "reconstructions": _names(reconstruction),
            "untrained": _names(untrained),
            "rebuilt": _names(baseline),
            "responses": _names(response),
            "trials": _names(trials),
            "variants": _names(experiment),
            "songs": _names(songs),
            "decoded": _names(decoded),
            "own_rate": _names(own_rate),
            "maps": _names(maps),
            "trees": _names(trees),
            "probes": _names(probes),
            "generated": _names(generation),
            "drawn": {model: f"generation.{model}" for model in MODELS} if new_music else {},
            "references": REFERENCES if new_music else {},
            "flow": TRAINED["flow"] if new_music else {},
            "music": SPECTRA if new_music else {},
            "coder": "coding.train",
            "coded": {codec: f"coding.{codec}" for codec in ("latente", *CODECS)},
            "coded_vectors": {model: f"coding.{model}" for model in plans},
        },
        folder=True,
        history=True,
        cost=5,
    )
    listening = listening_steps(study, RESULTS, cache)
    return Graph([*steps, results, *listening], device_type())


def final_step(steps: Graph) -> str:
    """The step whose value is what the report shows: the results, with answers if there are any."""
    return RESULTS_WITH_LISTENING if RESULTS_WITH_LISTENING in steps.steps else RESULTS


def _names(steps: dict[str, Step]) -> dict[str, str]:
    """Label → name of each step: the form in which another step reads all of them."""
    return {label: step.name for label, step in steps.items()}


def _trials(study: Study, plans: dict[str, Plan], clips: int) -> dict[str, Step]:
    """The trials of the learning-rate search; each reads the trials before it."""
    settings = study.tuning
    layered = [plan for plan in plans.values() if isinstance(plan, Architecture)]
    if not layered:
        return {}
    plan = next(plan for plan in layered if plan.latent == study.tuning_size)
    trials: dict[str, Step] = {}
    for number in range(1, settings.trials + 1):
        trials[f"tuning.{number}"] = Step(
            f"tuning.{number}",
            "pipeline.models.tuning:run_trial",
            {"architecture": asdict(plan), "epochs": settings.epochs}
            | {"low": settings.low, "high": settings.high}
            | {"batch": study.training.batch, "seed": study.seed},
            {"corpus": "corpus", "earlier": _names(trials)},
            resumable=True,
            cost=_epoch_seconds(plan, clips) * settings.epochs,
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
            resumable=True,
            cost=_epoch_seconds(plan, clips) * settings.epochs,
        )
    return steps


def _memory(values: int) -> int:
    """Bytes of a process that holds this many float64 values; clips are read as needed."""
    return PROCESS_BYTES + 8 * values


def _epoch_seconds(plan: Plan, clips: int) -> float:
    """Seconds that an epoch is expected to take."""
    if isinstance(plan, AdaptivePlan):
        return ADAPTIVE_SECONDS_PER_CLIP * clips
    return plan.operations * clips / MULTIPLY_ADDS_PER_SECOND


def _fidelity(
    study: Study, models: list[str], sizes: list[int]
) -> tuple[dict[str, Step], dict[str, Step]]:
    """Reconstructions of the test set by models and baselines."""
    how = {"visqol_clips": study.visqol_clips, "seed": study.seed}
    reads = {"corpus": "corpus", "song": "featured"}
    cost = 3 + 0.04 * study.visqol_clips
    reconstruction = {
        model: Step(
            f"reconstruction.{model}",
            "pipeline.evaluation.reconstruction:reconstruct_with_model",
            how,
            reads | {"trained": f"training.{model}"},
            cost=cost,
        )
        for model in models
    }
    baseline = {
        f"{method}.{size}": Step(
            f"baseline.{method}.{size}",
            "pipeline.evaluation.reconstruction:reconstruct_with_baseline",
            {"method": method, "numbers": size} | how,
            reads | {"klt_basis": "klt"},
            cost=cost,
        )
        for method in METHODS
        for size in sizes
    }
    return reconstruction, baseline


def _experiments(study: Study, clips: int, searched: bool) -> dict[str, Step]:
    """Short trainings of variants of the classic network; none without classic models."""
    sizes = (model for model in study.models.get(CLASSIC_FAMILY, []) if isinstance(model, int))
    if not study.experiments.run or not any(sizes):
        return {}
    rate: dict[str, Any] = {"learning_rate": study.training.learning_rate}
    inputs = {"corpus": "corpus"}
    if searched and study.tuning.use:
        rate, inputs = {}, inputs | {"learning_rate": "tuning.best"}
    steps = {}
    for variant in variants():
        epochs = list(EPOCHS) if variant.name == BASE else [BASE_EPOCHS]
        epoch_seconds = _epoch_seconds(variant.architecture, clips) * CROP / CLASSIC_SAMPLES
        steps[variant.name] = Step(
            f"experiment.{variant.name}",
            "pipeline.evaluation.variant_fidelity:run_experiment",
            {"architecture": asdict(variant.architecture), "activation": variant.activation}
            | {"bounded": variant.bounded, "batch": variant.batch, "epochs": epochs}
            | {"crop": CROP, "seed": study.seed}
            | rate,
            inputs,
            cost=epoch_seconds * epochs[-1] + 0.7 * len(epochs),
        )
    return steps


def _response(study: Study, plans: dict[str, Plan]) -> dict[str, Step]:
    """Frequency responses of the convolutional models."""
    layered = {model: plan for model, plan in plans.items() if isinstance(plan, Architecture)}
    if not layered:
        return {}
    smallest = min(plan.latent for plan in layered.values())
    passed = study.data.sampling_rate / 2 * smallest / study.data.samples
    return {
        model: Step(
            f"response.{model}",
            "pipeline.evaluation.frequency_response:measure_response",
            {"tone": max(1, round(0.4 * passed)), "seed": study.seed},
            {"corpus": "corpus", "trained": f"training.{model}"},
            cost=0.5,
        )
        for model in layered
    }


def _untrained(study: Study, plans: dict[str, Plan]) -> dict[str, Step]:
    """Reconstructions by the closed forms from which adaptive models are trained.

    Convolutional models start from random weights, which reconstruct nothing.
    """
    return {
        model: Step(
            f"untrained.{model}",
            "pipeline.evaluation.reconstruction:reconstruct_untrained",
            {"visqol_clips": study.visqol_clips, "seed": study.seed},
            {"corpus": "corpus", "song": "featured", "trained": f"training.{model}"},
            cost=3 + 0.04 * study.visqol_clips,
        )
        for model, plan in plans.items()
        if isinstance(plan, AdaptivePlan)
    }


def _coding(study: Study, plans: dict[str, Plan]) -> dict[str, Step]:
    """Our coder, test clips coded with it and with other codecs, and latent vectors as bits."""
    reads, seed = {"corpus": "corpus", "song": "featured"}, {"seed": study.seed}
    how = {"clips": CODED_CLIPS} | seed | {"rates": list(RATES), "visqol_rates": list(VISQOL_RATES)}
    how |= {"visqol_clips": min(study.visqol_clips, SCORED_CLIPS)}
    steps = {
        "train": Step(
            "coding.train",
            "pipeline.evaluation.rate_comparison:train_coder",
            seed,
            {"corpus": "corpus"},
            resumable=True,
            cost=20,
        ),
        "latente": Step(
            "coding.latente",
            "pipeline.evaluation.rate_comparison:code_with_ours",
            how,
            reads | {"model": "coding.train"},
            cost=2.5 * CODED_CLIPS,
        ),
    }
    for codec in CODECS:
        steps[codec] = Step(
            f"coding.{codec}",
            "pipeline.evaluation.rate_comparison:code_with_codec",
            {"codec": codec} | how,
            reads,
            cost=CODED_CLIPS,
        )
    for model, plan in plans.items():
        steps[model] = Step(
            f"coding.{model}",
            "pipeline.evaluation.latent_bits:code_latents",
            {"clips": VECTOR_CLIPS} | seed,
            reads | {"trained": f"training.{model}", "latents": f"latents.{model}"},
            memory=_memory(40 * plan.latent),
            cost=1,
        )
    return steps


def _latents(
    study: Study, plans: dict[str, Plan], clips: int, shown: list[str]
) -> tuple[dict[str, Step], dict[str, Step]]:
    """The latent vectors of the corpus, and the clips generated from them."""
    latents, generation = {}, {}
    for model, plan in plans.items():
        inputs = {"corpus": "corpus", "trained": f"training.{model}"}
        latents[model] = Step(
            f"latents.{model}",
            "pipeline.analysis.latents:encode_corpus",
            inputs=inputs,
            memory=_memory(clips * plan.latent),
            cost=clips * 0.005,
        )
        generation[model] = Step(
            f"generation.{model}",
            "pipeline.generation.latent_means:generate",
            {"shown": model in shown, "seed": study.seed},
            inputs | {"latents": f"latents.{model}"},
            cost=4 if model in shown else 1,
        )
    return latents, generation


def _exploration(
    study: Study, plans: dict[str, Plan], clips: int
) -> tuple[dict[str, Step], dict[str, Step]]:
    """Clusters, components and trees of the waveform and each latent, whole and averaged."""
    numbers = {"original": study.data.samples} | {m: plan.latent for m, plan in plans.items()}
    maps, trees = {}, {}
    for averaged in (False, True):
        for vector, count in numbers.items():
            name = f"{vector}.averaged" if averaged else vector
            inputs = {"corpus": "corpus"}
            if vector != "original":
                inputs |= {"trained": f"training.{vector}", "latents": f"latents.{vector}"}
            how = {"averaged": averaged, "seed": study.seed}
            memory, cost = _memory(clips * count), 1 if averaged else clips * count / 2e6
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


def _shown(study: Study, plans: dict[str, Plan]) -> list[str]:
    """One model of each family: that of the size shown in single figures, else the middle one."""
    families: dict[str, list[str]] = {}
    for model in plans:
        families.setdefault(model.partition(".")[0], []).append(model)
    return [
        next((m for m in models if plans[m].latent == study.size), models[len(models) // 2])
        for models in families.values()
    ]


def _probes(study: Study, plans: dict[str, Plan], clips: int, shown: list[str]) -> dict[str, Step]:
    """Classifiers of averaged vectors and references; maps of the models shown."""
    embedded = study.data.path is None
    steps = {}
    for vector in ["original", *plans]:
        inputs = {"corpus": "corpus"}
        if vector != "original":
            inputs |= {"trained": f"training.{vector}", "latents": f"latents.{vector}"}
        name = f"{vector}.averaged"
        steps[name] = Step(
            f"probe.{name}",
            "pipeline.analysis.vectors:probe_clips",
            {"mapped": vector in shown, "embedded": embedded, "seed": study.seed},
            inputs,
            memory=_memory(clips * (plans[vector].latent if vector in plans else 0)),
            cost=0.5 + clips / 500,
        )
    for name in ("log_mel", "mfcc"):
        steps[name] = Step(
            f"probe.{name}",
            "pipeline.analysis.vectors:probe_reference",
            {"reference": name, "embedded": embedded, "seed": study.seed},
            {"corpus": "corpus"},
            cost=1 + clips / 200,
        )
    return steps


def _decoded(
    study: Study, songs: dict[str, Step], training: dict[str, Step], sizes: int
) -> dict[str, Step]:
    """New songs reconstructed by every model and baseline."""
    return {
        name: Step(
            f"song.{name}.decoded",
            "pipeline.evaluation.reconstruction:decode_song",
            {"sampling_rate": study.data.sampling_rate, "methods": list(METHODS)},
            {"song": step.name, "models": _names(training), "klt_basis": "klt"},
            cost=1 + 0.6 * (len(training) + len(METHODS) * sizes),
        )
        for name, step in songs.items()
    }


def _own_rate(study: Study, songs: dict[str, Step], models: list[str]) -> dict[str, Step]:
    """New songs encoded at their own rate by the first of these models."""
    return {
        model: Step(
            f"own_rate.{model}",
            "pipeline.evaluation.song_rate:own_rate_snr",
            {"sampling_rate": study.data.sampling_rate},
            {"songs": _names(songs), "trained": f"training.{model}"},
            cost=1 + 0.2 * len(songs),
        )
        for model in models[:1]
        if songs
    }


def _settings(study: Study) -> dict[str, Any]:
    """The settings on which results depend, with files by name instead of path.

    `latentes build` adds `[report]` when it copies the results: a new title computes nothing.
    """
    settings = study.model_dump(exclude={"report", "tracking", "limits", "listening"})
    settings["tuning"]["size"] = study.tuning_size
    return {name: _without_folders(value) for name, value in settings.items()}


def _without_folders(value: Any) -> Any:
    """A setting with every path, however deep inside, reduced to its name."""
    if isinstance(value, dict):
        return {key: _without_folders(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_folders(inner) for inner in value]
    return composed(value.name) if isinstance(value, Path) else value
