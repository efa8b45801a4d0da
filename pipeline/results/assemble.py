"""The step that writes the results folder (see `pipeline.results.schema`)."""

from pathlib import Path
from typing import Any

from pipeline.analysis.classification import TreeResult
from pipeline.analysis.vectors import ClipMap, ProbedVectors
from pipeline.coding.coding_model import CodingModel
from pipeline.data.corpus import Corpus
from pipeline.data.new_songs import Song
from pipeline.evaluation.frequency_response import FrequencyResponse
from pipeline.evaluation.latent_bits import CodedVectors
from pipeline.evaluation.rate_comparison import CodedRate, training_rows
from pipeline.evaluation.reconstruction import DecodedSong, Reconstruction
from pipeline.evaluation.variant_fidelity import MeasuredVariant
from pipeline.generation.flow import Flow
from pipeline.generation.latent_means import GeneratedClip
from pipeline.generation.new_music import NewClips
from pipeline.generation.scores import Scores
from pipeline.generation.training_music import TrainingMusic
from pipeline.models import model_file
from pipeline.models.training import TrainedModel
from pipeline.models.tuning import Trial
from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.schema import FORMAT
from pipeline.results.sections.acceptable_size import acceptable_sizes
from pipeline.results.sections.coded_music import coded_music, heard_codes
from pipeline.results.sections.constants import method_constants
from pipeline.results.sections.explored_vectors import explored_vectors
from pipeline.results.sections.frequency_responses import frequency_responses
from pipeline.results.sections.generated_clips import generated_clips
from pipeline.results.sections.machine import describe_machine, describe_steps
from pipeline.results.sections.music import describe_music
from pipeline.results.sections.new_clips import new_music, save_generator
from pipeline.results.sections.song_versions import featured_song, new_song
from pipeline.results.sections.trained_models import learning_rate_search, trained_models
from pipeline.results.sections.variant_measures import experiments


def assemble(
    folder: Path,
    study: dict[str, Any],
    size: int,
    corpus: Corpus,
    featured: int,
    models: dict[str, TrainedModel],
    reconstructions: dict[str, Reconstruction],
    untrained: dict[str, Reconstruction],
    rebuilt: dict[str, Reconstruction],
    responses: dict[str, FrequencyResponse],
    trials: dict[str, Trial],
    variants: dict[str, dict[int, MeasuredVariant]],
    songs: dict[str, Song],
    decoded: dict[str, DecodedSong],
    own_rate: dict[str, dict[str, float]],
    maps: dict[str, ClipMap],
    trees: dict[str, TreeResult],
    probes: dict[str, ProbedVectors],
    generated: dict[str, list[GeneratedClip]],
    drawn: dict[str, NewClips],
    references: dict[str, Scores],
    flow: Flow | dict[str, Any],
    music: TrainingMusic | dict[str, Any],
    coder: CodingModel,
    coded: dict[str, dict[int, CodedRate]],
    coded_vectors: dict[str, CodedVectors],
    expected: dict[str, float],
    history: dict[str, dict[str, Any]],
) -> None:
    """Write the results folder of a study.

    Args:
        folder: an empty directory to fill.
        study: the settings, as JSON values.
        size: the latent size that single figures show.
        featured: row of the test clip that the report features.
        models, reconstructions, generated: by "FAMILY.SIZE", in the order of the report.
        responses: of the convolutional models, by "FAMILY.SIZE".
        untrained: reconstructions by models before training, where these are meaningful.
        variants: of the classic network, by name and number of epochs.
        rebuilt: reconstructions of the test set by the baselines, by "METHOD.SIZE".
        songs, decoded: new songs by name, in the order of the study.
        own_rate: SNR of new songs at their own rate, by "FAMILY.SIZE" and name.
        maps, trees, probes: by the name of the vector.
        drawn, references: clips of each generative model, and scores of what they are compared
            with; empty without new music.
        flow, music: the study's generator and what it learned from; empty without new music.
        coder: our coder's model.
        coded: test clips as files, by codec and rate, ours first.
        coded_vectors: latent vectors as bits, by "FAMILY.SIZE".
        expected: seconds that each step is expected to take on one core, by name.
        history: of all steps that led here; see `pipeline.engine.graph.Step`.
    """
    out = ResultsFolder(folder, corpus.rows("test"))
    for name, trained in models.items():
        family = name.rpartition(".")[0]
        model_file.save(folder / "models" / name, family, trained, corpus.sampling_rate, study)
    others = {f"untrained.{name}": found for name, found in untrained.items()}
    others |= {f"baseline.{name}": found for name, found in rebuilt.items()}
    for name, found in reconstructions.items():
        out.reconstruction(f"reconstruction.{name}", found, study["seed"])
    for name, found in others.items():
        out.reconstruction(name, found, study["seed"])
    if isinstance(flow, Flow) and isinstance(music, TrainingMusic):
        save_generator(out, flow, music, study)
    out.finish(
        format=FORMAT,
        computed=max(entry.get("finished", "") for entry in history.values())[:10],
        study=study | {"size": size},
        data=describe_music(out, corpus, study["data"]["path"] is None, study["seed"]),
        methods=method_constants(),
        models=trained_models(out, models, history),
        tuning=learning_rate_search(out, trials, study["tuning"]),
        experiments=experiments(out, variants, study["seed"]),
        responses=frequency_responses(out, responses),
        songs=[
            featured_song(out, corpus, featured, reconstructions | others, heard_codes(coded)),
            *_new_songs(out, study, songs, decoded, own_rate, corpus.sampling_rate),
        ],
        exploration=explored_vectors(out, maps, trees, probes),
        generated=generated_clips(out, corpus, generated),
        new_music=new_music(out, corpus, drawn, references),
        coding=coded_music(
            out, coder, coded, coded_vectors, len(training_rows(corpus)), study["seed"]
        ),
        choice=acceptable_sizes(out, list(models), study["choice"]),
        machine=describe_machine(),
        steps=describe_steps(history, expected),
    )


def _new_songs(
    out: ResultsFolder,
    study: dict[str, Any],
    songs: dict[str, Song],
    decoded: dict[str, DecodedSong],
    own_rate: dict[str, dict[str, float]],
    sampling_rate: int,
) -> list[Any]:
    """The new songs; the embedded ones are in no [[new_songs]], and are named by genre."""
    settings = dict(zip(songs, study["new_songs"], strict=False))
    return [
        new_song(
            out,
            name,
            settings.get(
                name, {"name": name, "genre": name, "file": f"{name}.flac", "licence": None}
            ),
            song,
            decoded[name],
            {model: found[name] for model, found in own_rate.items() if name in found},
            sampling_rate,
        )
        for name, song in songs.items()
    ]
