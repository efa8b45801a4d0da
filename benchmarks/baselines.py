"""Scores and times of the baselines on real clips, compared with earlier measurements."""

import time
from pathlib import Path

import soundfile
import torch

from pipeline.evaluation import baselines
from pipeline.evaluation.fidelity import log_mel_distance, snr

MUSIC = Path(__file__).parents[2] / "shared" / "data" / "gtzan-250"
SIZES = (55112, 32151, 24496, 18376, 9184)
MEASURED = {
    "lowpass": (22.7, 16.4, 14.1, 12.1, 8.6),
    "klt": (22.4, 16.1, 13.8, 11.9, 8.4),
    "mdct": (26.9, 22.0, 20.0, 18.1, 14.2),
    "codec": (26.1, 20.2, 18.0, 16.1, 12.0),
}
"""Mean SNR in dB on 100 other clips of the same set."""


def main() -> None:
    files = sorted(MUSIC.glob("*/*.flac"))
    if not files:
        print("No music in ../shared/data/gtzan-250: nothing to measure.")
        return
    torch.set_num_threads(1)
    clips = torch.stack([torch.from_numpy(soundfile.read(f, dtype="int16")[0]) for f in files])
    test = clips[::3]
    training = torch.cat([clips[1::3], clips[2::3]])
    start = time.perf_counter()
    basis = baselines.learn_klt(training.split(32))
    seconds = time.perf_counter() - start
    print(f"{len(test)} test clips; KLT learned from {len(training)} clips in {seconds:.1f} s")
    print(f"{'':8} {'numbers':>8} {'SNR dB':>7} {'before':>7} {'log-mel':>8} {'ms/clip':>10}")
    for name, measured in MEASURED.items():
        for size, before in zip(SIZES, measured, strict=True):
            start = time.perf_counter()
            rebuilt = baselines.reconstruct(name, test, size, basis)
            milliseconds = 1000 * (time.perf_counter() - start) / len(test)
            decibels = snr(test / 32768, rebuilt).mean().item()
            mel = log_mel_distance(test / 32768, rebuilt, 22050).mean().item()
            print(
                f"{name:8} {size:8} {decibels:7.1f} {before:7.1f} {mel:8.2f} {milliseconds:10.1f}"
            )


if __name__ == "__main__":
    main()
