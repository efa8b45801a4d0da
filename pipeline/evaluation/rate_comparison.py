"""Steps that compare our coder with other codecs: test clips as files of a few sizes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.audio.files import to_int16
from pipeline.coding import latente_file, other_codecs
from pipeline.coding.coding_model import CodingModel
from pipeline.coding.model_training import train_model
from pipeline.data.corpus import Corpus
from pipeline.engine.checkpoint import Checkpoint
from pipeline.engine.progress import report_progress
from pipeline.evaluation import fidelity
from pipeline.evaluation.visqol import MIN_SECONDS, visqol

OURS = "latente"
"""Our coder, among the names of `pipeline.coding.other_codecs.CODECS`."""

TRAINING_CLIPS, NETWORK_STEPS, RESTORER_STEPS = 40, 800, 60
"""Training clips at most, and batches of the networks: fewer than for the model in the
package, so that a small study takes minutes."""

REACHED, NEAR = 0.05, 0.15
"""A codec is compared at a rate if its mean file differs from it by at most this fraction, and its
file of a clip by at most the second."""

Clip = NDArray[np.float32]
Decoded = tuple[int, int, Clip]
"""Bytes of a file, bytes of them that are coded sound, and the clip that it gives."""


@dataclass
class CodedRate:
    """Test clips coded at about one rate; every array is (test clips,), NaN where not measured.

    Attributes:
        kbps, payload: kbit/s of the file, and of the coded sound in it.
        snr, log_mel: see `pipeline.evaluation.fidelity`.
        visqol: MOS-LQO by row of the corpus.
        song: the featured song, decoded.
    """

    kbps: NDArray[np.float64]
    payload: NDArray[np.float64]
    snr: NDArray[np.float64]
    log_mel: NDArray[np.float64]
    visqol: dict[int, float]
    song: NDArray[np.int16]


def training_rows(corpus: Corpus) -> list[int]:
    """Rows of the clips that our coder is trained on: evenly spaced training clips, at most
    `TRAINING_CLIPS`."""
    rows = corpus.rows("training")
    return rows[:: -(-len(rows) // TRAINING_CLIPS)]


def train_coder(corpus: Corpus, seed: int, checkpoint: Checkpoint | None = None) -> CodingModel:
    """Train our coder on clips of the corpus; see `pipeline.coding.model_training`."""
    clips = corpus.floats(training_rows(corpus))
    return train_model(clips, corpus.sampling_rate, seed, NETWORK_STEPS, RESTORER_STEPS, checkpoint)


def code_with_ours(
    corpus: Corpus,
    model: CodingModel,
    song: int,
    rates: list[int],
    visqol_rates: list[int],
    clips: int,
    visqol_clips: int,
    seed: int,
) -> dict[int, CodedRate]:
    """Code test clips with our coder at each rate, and measure what the files decode to.

    Args:
        song: row of the featured song, which is among the clips.
        rates: kbit/s of a file, all that is in it.
        visqol_rates, visqol_clips: the rates, and the number of clips, scored with ViSQOL.
        clips: number of test clips.
        seed: of the random choice of clips, the same for every codec.
    """

    def code(clip: Clip) -> dict[int, Decoded]:
        files = latente_file.compress_at(clip, model, corpus.sampling_rate, rates)
        return {
            rate: (
                len(data),
                latente_file.payload_bytes(data),
                latente_file.decompress(data, model),
            )
            for rate, data in files.items()
        }

    return _measure(corpus, code, song, visqol_rates, clips, visqol_clips, seed)


def code_with_codec(
    corpus: Corpus,
    codec: str,
    song: int,
    rates: list[int],
    visqol_rates: list[int],
    clips: int,
    visqol_clips: int,
    seed: int,
) -> dict[int, CodedRate]:
    """As `code_with_ours`, with one of `pipeline.coding.other_codecs.CODECS`; rates that it does
    not reach are left out."""
    samples, sampling_rate = corpus.waveforms.shape[1], corpus.sampling_rate
    sizes = {round(rate * 125 * samples / sampling_rate): rate for rate in rates}

    def code(clip: Clip) -> dict[int, Decoded]:
        files = other_codecs.encode_near(codec, clip, list(sizes), sampling_rate)
        return {
            sizes[size]: (
                len(data),
                other_codecs.payload_bytes(codec, data),
                other_codecs.decode(data, samples, sampling_rate),
            )
            for size, data in files.items()
            if abs(len(data) / size - 1) <= NEAR
        }

    found = _measure(corpus, code, song, visqol_rates, clips, visqol_clips, seed)
    return {
        rate: coded
        for rate, coded in found.items()
        if abs(np.nanmean(coded.kbps) / rate - 1) <= REACHED
    }


def chosen_clips(corpus: Corpus, song: int, clips: int, seed: int) -> list[int]:
    """Rows of `clips` test clips, the featured song first, the rest at random."""
    others = np.random.default_rng(seed).permutation([r for r in corpus.rows("test") if r != song])
    return [song, *map(int, others[: max(0, clips - 1)])]


def _measure(
    corpus: Corpus,
    code: Callable[[Clip], dict[int, Decoded]],
    song: int,
    visqol_rates: list[int],
    clips: int,
    visqol_clips: int,
    seed: int,
) -> dict[int, CodedRate]:
    """What `code` gives for each clip, by rate, measured."""
    chosen = chosen_clips(corpus, song, clips, seed)
    test, sampling_rate = corpus.rows("test"), corpus.sampling_rate
    seconds = corpus.waveforms.shape[1] / sampling_rate
    found: dict[int, CodedRate] = {}
    for done, row in enumerate(chosen):
        original = corpus.floats([row])
        for rate, (length, payload, decoded) in code(original[0].numpy()).items():
            # A listener gets 16 bits, whatever the decoder computes with.
            sound = to_int16(torch.from_numpy(decoded))
            copy = torch.from_numpy(sound / np.float32(32768))[None]
            a, b, c, d = np.full((4, len(test)), np.nan)
            result = found.setdefault(rate, CodedRate(a, b, c, d, {}, sound))
            place = test.index(row)
            result.kbps[place] = length / 125 / seconds
            result.payload[place] = payload / 125 / seconds
            result.snr[place] = fidelity.snr(original, copy).item()
            result.log_mel[place] = fidelity.log_mel_distance(original, copy, sampling_rate).item()
            if rate in visqol_rates and done < visqol_clips and seconds >= MIN_SECONDS:
                result.visqol[row] = visqol(original[0], copy[0], sampling_rate)
        report_progress(done + 1, len(chosen))
    return found
