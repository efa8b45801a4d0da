"""Compare our coder with Opus at equal file bytes, and its files with the ideal code length.

    .venv/bin/python benchmarks/bits.py [--rates 12 16 24 32] [--clips N] [--default]

Trains the coder on the training clips of ../shared/data/gtzan-250 (or of the embedded music), or
takes the one in the package (--default). For each rate, Opus codes every test clip at about that
rate, and ours gets the bytes of Opus's file, within a few per cent. Prints means of SNR, log-mel
and ViSQOL, on how many clips ours is better, seconds of music per second of one core, and how far
the real bytes are from the sum of −log2 of the probabilities.
"""

import argparse
import time

import numpy as np
import torch
from adaptive import music
from numba import njit
from rich.console import Console
from rich.table import Table

from pipeline.coding import other_codecs
from pipeline.coding.coding_model import CodingModel, default_model
from pipeline.coding.coefficient_coder import collect_inputs
from pipeline.coding.context_network import ESCAPE, SYMBOLS, frequencies
from pipeline.coding.latente_file import compress, decompress, payload_bytes, read_segment
from pipeline.coding.latente_header import read_header
from pipeline.coding.model_training import train_model
from pipeline.coding.quantisation import Segment, ends_of, noise_of_cells, steps
from pipeline.coding.range_coder import TOTAL_BITS
from pipeline.coding.segment_coder import BASE_BITS, SHAPING_BITS, side_symbols
from pipeline.evaluation.fidelity import log_mel_distance, snr
from pipeline.evaluation.visqol import visqol


@njit(cache=True)
def magnitude_bits(inputs, values, w1, b1, w2, b2, w3, b3, shifts):  # type: ignore[no-untyped-def]
    """Sum of −log2 of the probabilities of magnitudes, signs and escapes."""
    counts, bits = np.empty(SYMBOLS, np.int32), 0.0
    for row in range(len(values)):
        frequencies(inputs[row], w1, b1, w2, b2, w3, b3, shifts, counts)
        value = values[row]
        bits += TOTAL_BITS - np.log2(counts[min(value, ESCAPE)]) + (value > 0)
        if value >= ESCAPE:
            bits += 2 * np.floor(np.log2(value - ESCAPE + 1)) + 1
    return bits


def ideal_bits(segment: Segment, model: CodingModel) -> float:
    """The ideal code length of a segment, side information included."""
    coder = model.coder
    bits = float(BASE_BITS + SHAPING_BITS)
    for name, symbols in side_symbols(segment).items():
        bits += float((TOTAL_BITS - np.log2(coder.tables[name][symbols])).sum())
    superframes = len(segment.splits)
    inputs, values = collect_inputs(
        np.abs(segment.values),
        segment.splits,
        noise_of_cells(segment.levels, superframes, coder.superframes_per_row),
        steps(segment.base, segment.shaping, segment.band_levels, segment.gains),
        ends_of(segment.values),
        np.ones(segment.values.shape, np.bool_),
    )
    return bits + float(magnitude_bits(inputs.astype(np.int32), values, *coder.network.arrays()))


def main() -> None:
    """Train, code and print."""
    options = argparse.ArgumentParser()
    options.add_argument("--rates", type=int, nargs="+", default=[12, 16, 24, 32])
    options.add_argument("--clips", type=int, default=1000)
    options.add_argument("--default", action="store_true")
    chosen = options.parse_args()
    torch.set_num_threads(1)
    corpus, console = music(42), Console(width=110)
    rate, samples = corpus.sampling_rate, corpus.waveforms.shape[1]
    began = time.perf_counter()
    model = (
        default_model()
        if chosen.default
        else train_model(corpus.floats(corpus.rows("training")), rate, 42)
    )
    console.print(f"coder ready after {time.perf_counter() - began:.0f} s")
    clips = corpus.floats(corpus.rows("test")[: chosen.clips])
    compress(clips[0].numpy(), model, rate, kbps=16)  # compiles

    table = Table(
        "kbit/s", "codec", "file", "payload", "SNR", "log-mel", "ViSQOL", "encode", "decode"
    )
    real = ideal = 0.0
    for wanted in chosen.rates:
        found: dict[str, list[list[float]]] = {"opus": [], "latente": []}
        for clip in clips:
            sound = clip.numpy()
            size = round(wanted * 125 * samples / rate)
            opus = other_codecs.encode_near("opus", sound, [size], rate)[size]
            clock = [time.perf_counter()]
            other_codecs.encode("opus", sound, 0.95, rate)
            clock.append(time.perf_counter())
            theirs = other_codecs.decode(opus, samples, rate)
            clock.append(time.perf_counter())
            ours = compress(sound, model, rate, kbps=len(opus) / 125 * rate / samples)
            clock.append(time.perf_counter())
            decoded = decompress(ours, model)
            clock.append(time.perf_counter())
            seconds = np.diff(clock).tolist()
            header = read_header(ours)
            for index in range(len(header.lengths)):
                segment = read_segment(ours, header, model, index)
                assert segment is not None
                ideal += ideal_bits(segment, model) / 8
            real += payload_bytes(ours)
            for codec, data, payload, copy, spent in (
                ("opus", opus, other_codecs.payload_bytes("opus", opus), theirs, seconds[:2]),
                ("latente", ours, payload_bytes(ours), decoded, seconds[2:]),
            ):
                copied = torch.from_numpy(copy)
                found[codec].append(
                    [
                        len(data) / 125 * rate / samples,
                        payload / 125 * rate / samples,
                        snr(clip[None], copied[None]).item(),
                        log_mel_distance(clip[None], copied[None], rate).item(),
                        visqol(clip, copied, rate),
                        *spent,
                    ]
                )
        values = {codec: np.array(rows) for codec, rows in found.items()}
        for codec, rows in values.items():
            means = rows.mean(axis=0)
            speeds = [f"{samples / rate / spent:.0f}×" for spent in means[5:]]
            table.add_row(str(wanted), codec, *(f"{mean:.3f}" for mean in means[:5]), *speeds)
        better = values["latente"] - values["opus"]
        won = [int((better[:, 2] > 0).sum()), int((better[:, 3] < 0).sum())]
        won.append(int((better[:, 4] > 0).sum()))
        table.add_row("", f"won of {len(clips)}", "", "", *map(str, won), "", "")
    console.print(table)
    console.print(f"coded bytes are {100 * (real / ideal - 1):.2f} % above the ideal code length")


if __name__ == "__main__":
    main()
