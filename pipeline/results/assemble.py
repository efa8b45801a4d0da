"""The results folder: everything a report may say, and the only thing it reads.

    results/
      results.json     every number and every fact, described below
      audio/           16-bit FLAC files, named by results.json
      arrays/          NumPy .npz files, named by results.json
      models/          a trained model as two files, FAMILY.SIZE.safetensors and .json, described
                       in pipeline/models/model_file.py

`results.json` is one object:

    format      1; a reader refuses any other
    computed    the day of the newest number, "2026-11-22"
    study       the settings as used (pipeline.settings.schema.Study), defaults filled in
    numbers     {dotted name: number}, flat; a number is
                  value     float or int, never NaN
                  unit      "dB", "", "s", "log10", "numbers", ...
                  step      name of the step that computed it
                  interval  optional [low, high]: 95 % bootstrap interval of a mean over clips
                  clips     optional: how many clips the mean is over
    per_clip    an .npz with the values behind each mean over test clips, under the number's
                dotted name: float64 (test clips,), in the order of data.clips, NaN for a clip
                that was not measured
    methods     {name: value}: constants of the methods, such as the length of a window
    data        synthetic      true for the embedded music
                sampling_rate  Hz
                samples        in a clip
                genres   [{name, training, validation, test}], alphabetical
                clips    [{name, genre, file, split, audio}], split: training|validation|test;
                  audio a path under the results folder for test clips, else null
                faults   [{file, fault, detail}], files left out; fault is one of
                         too_short, silent, unreadable, not_finite; detail is a measured
                         fact in English for the terminal, with its value in `value`
                         (seconds for too_short, else null)
                duplicates  [{clips: [name, ...], genres: [name, ...]}], equal to the sample
    models      [{family, size, parameters, grid: [channels, frames] or null,
                  layers: [{kind, inputs, outputs, kernel, stride, padding,
                            length_in, length_out}, ...],
                  layout: [{name, numbers}, ...],
                  epochs: [{training_rmse, validation_rmse}, ...], best_epoch (from 1),
                  device: "cpu"|"cuda", file}], by family, then from the largest size; file is
                the path of the model's two files without ending, "models/FAMILY.SIZE"; kind is
                "Conv1d" (encoder) or "ConvTranspose1d" (decoder), in order; a model of the
                family adaptive has no layers and no grid but a layout, the parts of its latent
                vector in order: splits, levels, then places.SIZE and values.SIZE of atoms of
                1, 2, … 64 coefficients (see pipeline/architecture/adaptive_plan.py)
    songs       [{name, role, genre, file, seconds, versions: [{version, audio}], source, licence}]
                role "test" is the featured song of the test set, "new" a song from outside;
                version is "original", "FAMILY.SIZE", "baseline.METHOD.SIZE" or, of a new song,
                "excerpt" (the chosen stretch as the file has it); audio a path under the results
                folder; all versions but the excerpt are aligned to the sample. source, of a new
                song alone: {sampling_rate, channels, seconds, start, start_given}; start_given
                is false where the loudest stretch was taken. licence, of a new song alone: the text
                that the study states for it, or null
    tuning      {size, epochs, used, trials: [{learning_rate, validation_rmse, pruned}]} or null
    generated   [{model, kind, index, genre, sources: [{name, weight}], audio}]; kind is songs
                (mean of test songs), genre_songs (mean of a few of a genre), genre (mean of all
                of a genre), path (between two songs, index from 0), uniform or gaussian (random
                vectors); genre null where none
    exploration [{vector, variation, sizes, clusters, answers, array}]; vector is "original" (the
                waveform), "FAMILY.SIZE", either with ".averaged" (mean and deviation over time of
                each channel), or "log_mel" (the same of 80 log-mel bands); variation within
                clusters for k = 1, 2, … of the clips learned from (all, or
                methods.explored_clips of them by lot); for k = number of genres: sizes of the
                clusters, the
                largest first, and clusters, clips by genre (rows, as in data.genres) and cluster;
                answers, test clips by genre (rows) and the tree's answer; array, an .npz with
                coordinates (clips, 3) of the principal components, labels (clips,) and the
                rows of the clips that were learned from
    choice      {snr, log_mel, families: [{family, size, by_rule, reason}]}: the smallest
                acceptable latent size; size null where no size is acceptable
    machine     {processor, cores, python, system, version, libraries: {name: version}};
                version is this project's
    steps       [{name, expected, function, code, parameters}]: the seconds that each step is
                expected to take on one core, what it called ("module:function"), the fingerprint
                of all project code that this calls, and its settings, long ones told by their
                digest

The same study gives the same bytes on the same machine, in any order of steps, on any number of
workers, killed and gone on or not. What the clock said cannot be the same twice: in this folder
that is exactly `computed` and the values of `training.FAMILY.SIZE.seconds`, in results.json. The
report shows neither (but for its date, where the study states none): the durations that it prints
are those expected of the steps, and PDF and site carry results.json without the clock
(`reproducible`), so that both are the same bytes as well. What each step took stands in the
cache: `latentes explain STEP`.

Names of numbers (SIZE is a latent size, FAMILY a family of models; `reconstruction` means
are over the test clips, one value a clip and then their mean):

    reconstruction.FAMILY.SIZE.snr | si_sdr | log_mel | log_spectral | stft | visqol
    baseline.METHOD.SIZE.…      the same, METHOD one of lowpass, klt, mdct, codec; visqol is over
                                fewer clips than the rest, as its `clips` says, and absent where
                                clips are shorter than a second
    song.NAME.FAMILY.SIZE.…, song.NAME.baseline.METHOD.SIZE.…   the same for one song alone
    song.NAME.FAMILY.SIZE.lost | gained   shares of its spectrogram's points that are above
                                methods.dark (dB, 0 at the original's loudest point) in the
                                original alone, and in this version alone
    generation.FAMILY.SIZE.KIND.INDEX.flatness | similarity     of kinds without a genre
    generation.FAMILY.SIZE.KIND.GENRE.flatness | similarity     of kinds with one
    kmeans.VECTOR.homogeneity | completeness | largest   for k = number of genres
    pca.VECTOR.explained.1 | 2 | 3
    tree.VECTOR.accuracy | majority | uniform   with the levels to beat: always the commonest
                                genre, and a uniform guess
    tuning.best                 the best learning rate found
    training.FAMILY.SIZE.best_validation_rmse | best_epoch | seconds | parameters
    data.clips | training | validation | test | faults | duplicates
    data.coding_gain.common | clip | moment    of the test clips' MDCT, in dB: with one spectrum
                                for all clips, with each clip's own, with that of each moment
"""

from pathlib import Path
from typing import Any

from pipeline.analysis.classification import Tree
from pipeline.analysis.vectors import Map
from pipeline.data.corpus import Corpus
from pipeline.data.new_songs import Song
from pipeline.evaluation.reconstruction import Decoded, Reconstruction
from pipeline.generation.latent_means import Generated
from pipeline.models import model_file
from pipeline.models.training import Trained
from pipeline.models.tuning import Trial
from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.sections import (
    acceptable_size,
    constants,
    explored_vectors,
    generated_clips,
    machine,
    music,
)
from pipeline.results.sections import song_versions as song_facts
from pipeline.results.sections import trained_models as model_facts

FORMAT = 1


def assemble(
    folder: Path,
    study: dict[str, Any],
    size: int,
    corpus: Corpus,
    featured: int,
    models: dict[str, Trained],
    reconstructions: dict[str, Reconstruction],
    rebuilt: dict[str, Reconstruction],
    trials: dict[str, Trial],
    songs: dict[str, Song],
    decoded: dict[str, Decoded],
    maps: dict[str, Map],
    trees: dict[str, Tree],
    generated: dict[str, list[Generated]],
    expected: dict[str, float],
    history: dict[str, dict[str, Any]],
) -> None:
    """Write the results folder of a study.

    Args:
        folder: an empty directory to fill.
        study: the settings, as JSON values.
        size: the latent size that single figures show.
        featured: row of the test clip that the report listens to.
        models, reconstructions, generated: by "FAMILY.SIZE", in the order of the report.
        rebuilt: by "METHOD.SIZE", what the baselines make of the test set.
        songs, decoded: new songs by name, those that the study states in its order.
        maps, trees: by the name of the vector.
        expected: seconds that each step is expected to take, by name.
        history: {step: its entry in the store} of all steps that led here.
    """
    out = ResultsFolder(folder, corpus.rows("test"))
    stated = dict(zip(songs, study["new_songs"], strict=False))  # none of the embedded songs
    facts: dict[str, Any] = {
        "format": FORMAT,
        "computed": max(entry["finished"] for entry in history.values())[:10],
        "study": study | {"size": size},
        "data": music.state(out, corpus, study["data"]["path"] is None, study["seed"]),
        "methods": constants.state(),
        "models": model_facts.state(out, models, history),
        "tuning": model_facts.state_tuning(out, trials, study["tuning"]),
    }
    for name, trained in models.items():
        family = name.rpartition(".")[0]
        model_file.save(folder / "models" / name, family, trained, corpus.sampling_rate, study)
    versions = dict(reconstructions)
    for model, found in reconstructions.items():
        out.reconstruction(f"reconstruction.{model}", found, study["seed"])
    for name, found in rebuilt.items():
        out.reconstruction(f"baseline.{name}", found, study["seed"])
        versions[f"baseline.{name}"] = found
    facts["songs"] = [song_facts.state_featured(out, corpus, featured, versions)]
    for name, song in songs.items():
        own = stated.get(
            name, {"name": name, "genre": name, "file": f"{name}.flac", "licence": None}
        )
        facts["songs"].append(
            song_facts.state_new(out, name, own, song, decoded[name], corpus.sampling_rate)
        )
    facts["exploration"] = explored_vectors.state(out, maps, trees)
    facts["generated"] = generated_clips.state(out, corpus, generated)
    facts["choice"] = acceptable_size.state(out, list(models), study["choice"])
    facts["machine"] = machine.state()
    facts["steps"] = machine.steps(history, expected)
    out.finish(facts)
