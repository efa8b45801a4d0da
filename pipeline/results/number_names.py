"""The names of the numbers in results.json: every one follows a pattern of this list.

Scripts rely on these names. In a pattern, words in capitals are placeholders: FAMILY and SIZE
name a model, METHOD a baseline, VECTOR an explored vector (see `Exploration.vector`), NAME a
song, KIND, INDEX and GENRE a generated clip, MODEL a generative model, GENERATOR one or what they
are compared with, CLASSIFIER and PROJECTION a method of exploration, CODEC and RATE a codec and
kbit/s, MEASURE one of `MEASURES`, COUNT one of `COUNTS`, RATED a version in the MUSHRA test.
"""

import re

MEASURES = ("snr", "si_sdr", "log_mel", "log_spectral", "stft", "visqol")
COUNTS = ("clips", "training", "validation", "test", "files", "faults", "duplicates", "copies")

PATTERNS = {
    "reconstruction.FAMILY.SIZE.MEASURE": "mean over the test clips of a model's measure; visqol "
    "over fewer clips, and absent where clips are shorter than a second",
    "untrained.FAMILY.SIZE.MEASURE": "the same of the closed form from which the training of an "
    "adaptive model starts",
    "baseline.METHOD.SIZE.MEASURE": "the same of a method that needs no network",
    "song.NAME.FAMILY.SIZE.MEASURE": "one song with one model",
    "song.NAME.untrained.FAMILY.SIZE.MEASURE": "one song with one model before training",
    "song.NAME.baseline.METHOD.SIZE.MEASURE": "one song with one baseline",
    "song.NAME.own_rate.FAMILY.SIZE.snr": "one song encoded at its own sampling rate, in inputs of "
    "the model's length, in the band of the model's rate",
    "song.NAME.coding.CODEC.RATE.MEASURE": "one song as a file of about RATE kbit/s",
    "song.NAME.FAMILY.SIZE.lost": "share of spectrogram points above methods.dark in the original "
    "alone",
    "song.NAME.FAMILY.SIZE.gained": "the same, in this version alone",
    "generation.FAMILY.SIZE.KIND.INDEX.flatness": "spectral flatness of a generated clip, in the "
    "band that holds 95 % of its power",
    "generation.FAMILY.SIZE.KIND.INDEX.noise_flatness": "that of white noise filtered to the same "
    "spectrum; of random vectors only",
    "generation.FAMILY.SIZE.KIND.GENRE.flatness": "the same, of kinds with a genre",
    "generation.FAMILY.SIZE.KIND.INDEX.similarity": "correlation with the mix of its sources",
    "generation.FAMILY.SIZE.KIND.GENRE.similarity": "the same, of kinds with a genre",
    "generation.GENERATOR.kad": "kernel distance of generated music, or of a reference row, to "
    "held-out clips: 100 times the unbiased squared MMD of their descriptions of 100 numbers",
    "generation.GENERATOR.frechet": "Fréchet distance between Gaussians fitted to the same "
    "descriptions, in their 16 principal components",
    "generation.GENERATOR.pulse": "mean peak of the onset autocorrelation between 0.26 and 1.5 s",
    "generation.GENERATOR.genre": "share of clips that a classifier of real clips assigns to the "
    "genre asked for",
    "generation.GENERATOR.copying": "greatest correlation of a second of the clip with any second "
    "of a training clip, mean over the clips",
    "generation.MODEL.GENRE.INDEX.pulse": "of one clip of new music",
    "generation.MODEL.GENRE.INDEX.copying": "of one clip of new music",
    "generation.MODEL.GENRE.INDEX.flatness": "of one clip of new music",
    "kmeans.VECTOR.homogeneity": "of the clusters for k = number of genres",
    "kmeans.VECTOR.completeness": "of the clusters for k = number of genres",
    "kmeans.VECTOR.largest": "clips in the largest of these clusters",
    "pca.VECTOR.explained.AXIS": "share of variance of components 1, 2 and 3",
    "tree.VECTOR.accuracy": "share of test clips whose genre the tree gets right",
    "tree.VECTOR.majority": "accuracy of always answering the commonest genre",
    "tree.VECTOR.uniform": "accuracy of a uniform guess",
    "probe.CLASSIFIER.VECTOR.accuracy": "mean over all clips of cross-validations of a classifier "
    "that shared no recording between its parts",
    "probe.CLASSIFIER.VECTOR.filtered": "accuracy on GTZAN's fault-filtered test part; absent for "
    "other music",
    "probe.CLASSIFIER.VECTOR.shuffled": "mean accuracy over random parts of the same clips and "
    "sizes",
    "map.PROJECTION.VECTOR.trustworthiness": "1 if all neighbours on a planar map are neighbours "
    "in the vectors",
    "map.PROJECTION.VECTOR.knn": "share of clips whose genre is the commonest of their five "
    "neighbours on the map",
    "experiment.NAME.snr": "mean over the test clips of a variant of the classic network after a "
    "short training; NAME from pipeline.architecture.variants, or epochs_COUNT",
    "experiment.NAME.log_mel": "the same of its log-mel distance",
    "experiment.NAME.validation_rmse": "its RMSE over the validation clips",
    "coding.CODEC.RATE.MEASURE": "mean over some test clips of a codec's snr, log_mel or "
    "visqol, as files of about RATE kbit/s",
    "coding.CODEC.RATE.kbps": "the mean rate of these files",
    "coding.CODEC.RATE.payload": "the same of the coded sound in them, without the container",
    "coding.CODEC.RATE.won.MEASURE": "share of these clips on which our coder is better than this "
    "codec at about the same rate",
    "coding.CODEC.bd_rate.MEASURE": "mean relative difference of our rate from this codec's "
    "at equal values of a measure (Bjøntegaard); absent if their curves share none",
    "coding.FAMILY.SIZE.kbps": "rate of a model's latent vectors, quantised and coded with static "
    "tables, over some test clips",
    "coding.FAMILY.SIZE.snr": "what these decode to",
    "coding.FAMILY.SIZE.exact_snr": "the same of the vectors before quantising",
    "coding.packed.FAMILY.SIZE.numbers": "float32 numbers that hold all the integers of such a "
    "vector, several in each",
    "listening.tests": "tests of listeners that count",
    "listening.listeners": "listeners who answered them",
    "listening.left_out": "files and codes of answers that do not count",
    "listening.abx.FAMILY.SIZE.trials": "ABX trials with a fixed size, of all listeners",
    "listening.abx.FAMILY.SIZE.correct": "correct answers among them",
    "listening.abx.FAMILY.SIZE.proportion": "their share",
    "listening.abx.FAMILY.SIZE.p": "probability of as many or more by guessing (exact binomial "
    "test)",
    "listening.abx.FAMILY.threshold": "size with 75 % correct answers on a curve fitted to all "
    "trials of a family; absent outside of its sizes",
    "listening.mushra.RATED.score": "mean score of a version, from 0 to 100, over listeners after "
    "post-screening",
    "listening.preference.generated.MODEL.MODEL.share": "share of the first among decided answers",
    "listening.preference.coding.CODEC.CODEC.share": "the same of two codecs at equal rates",
    "listening.agreement.MEASURE": "rank correlation of the mean scores with a measure of the same "
    "versions and songs",
    "tuning.best": "the best learning rate that was found",
    "training.FAMILY.SIZE.best_validation_rmse": "validation RMSE of the weights kept",
    "training.FAMILY.SIZE.best_epoch": "the epoch of these weights, from 1",
    "training.FAMILY.SIZE.seconds": "wall-clock time of the training step",
    "training.FAMILY.SIZE.parameters": "trained parameters",
    "response.FAMILY.SIZE.cutoff": "frequency at which a convolutional model's transfer falls to "
    "half its passband level; absent if it passes no frequency",
    "response.FAMILY.SIZE.tone": "frequency of the tone of the next number",
    "response.FAMILY.SIZE.alias": "share of the power of the output to a tone that is at its "
    "images; absent if there is no output to speak of",
    "choice.FAMILY.size": "the smallest acceptable latent size",
    "choice.FAMILY.SIZE.share": "share of test clips that are acceptable by themselves, of those "
    "with every measure of the rule",
    "data.COUNT": "clips, clips per split, music files found, faults of files or of stretches of "
    "them, groups of equal clips, groups of copies of one recording",
    "data.seconds_found": "length of all the music found that can be read",
    "data.coding_gain.common": "coding gain of one MDCT spectrum for all test clips, dB",
    "data.coding_gain.clip": "the same, with a spectrum for each clip",
    "data.coding_gain.moment": "the same, with a spectrum for each moment",
}

_PLACEHOLDERS = {
    "FAMILY": r"[a-z][a-z0-9_]*",
    "SIZE": r"\d+",
    "METHOD": r"[a-z]+",
    "CODEC": "latente|opus|mp3|vorbis",
    "RATE": r"\d+",
    "MEASURE": "|".join(MEASURES),
    "COUNT": "|".join(COUNTS),
    "NAME": r".+",
    "CLASSIFIER": "tree|knn|lda|logistic",
    "PROJECTION": "pca|tsne",
    "VECTOR": r"(?:original|log_mel|mfcc|[a-z][a-z0-9_]*\.\d+)(?:\.averaged)?",
    "GENERATOR": "vae|process|flow|walk|real|vocoder|reconstructed|noise|mix|means|draws",
    "MODEL": "vae|process|flow|walk",
    "KIND": r"[a-z_]+",
    "INDEX": r"\d+",
    "GENRE": r".+",
    "AXIS": r"[123]",
    "RATED": r"original|anchor\.(?:3500|7000)|coding\.[a-z0-9]+\.\d+|[a-z][a-z0-9_]*\.\d+",
}


def _regex(pattern: str) -> str:
    return re.sub(r"[A-Z]+", lambda word: f"(?:{_PLACEHOLDERS[word[0]]})", re.escape(pattern))


_NAME = re.compile("|".join(map(_regex, PATTERNS)), re.DOTALL)


def is_documented(name: str) -> bool:
    """True if a name follows one of the `PATTERNS`."""
    return _NAME.fullmatch(name) is not None
