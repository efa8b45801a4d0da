"""Writes a small results folder whose sound, layers and fidelity are real, for the report's tests.

The "models" are ideal low-pass filters that keep as many numbers as each latent size: no
network is trained here, but every measure is computed from the sound that is written.
"""

import functools
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray
from safetensors.numpy import save_file

from tests.report import sample_chapters

Waveform = NDArray[np.float64]
Layers = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Channels, kernels, strides and paddings of an encoder."""

RATE = 22_050
SAMPLES = 110_250
GENRES = (
    "blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock",
)  # fmt: skip
CLASSIC: dict[int, Layers] = {
    55112: ((4, 6, 8), (10, 5, 3), (4, 2, 2), (0, 0, 0)),
    32151: ((3, 6, 7), (6, 4, 3), (4, 3, 2), (0, 0, 0)),
    24496: ((4, 6, 8), (12, 5, 2), (6, 3, 2), (0, 0, 0)),
    18376: ((10, 6, 8), (20, 5, 1), (12, 2, 2), (1, 1, 0)),
    9184: ((4, 4, 4), (6, 4, 4), (4, 6, 2), (0, 0, 0)),
}


@dataclass(frozen=True)
class Sample:
    """What varies between the folders that the tests write."""

    genres: tuple[str, ...] = GENRES
    families: dict[str, dict[int, Layers]] = field(default_factory=lambda: {"classic": CLASSIC})
    song: str = "jazz.00041"
    song_genre: str = "jazz"
    synthetic: bool = True
    faults: bool = False
    duplicates: bool = False
    epochs: int = 40
    test_clips: int = 6
    failed: tuple[int, ...] = ()
    new_songs: tuple[str, ...] = ("rap", "trap")
    tuning: bool | None = False
    """Whether the rate found is used; None where none was searched for."""
    choice: dict[str, Any] = field(default_factory=dict)
    scattered: bool = True
    report: dict[str, Any] = field(default_factory=dict)


def write(folder: Path, sample: Sample) -> Path:
    """Write results.json and its audio under `folder`, and return it."""
    (folder / "audio").mkdir(parents=True)
    numbers: dict[str, dict[str, Any]] = {}
    models = []
    songs = [_song(folder, sample, index) for index in range(1 + len(sample.new_songs))]
    for index, song in enumerate(songs):
        for version in song["versions"]:
            if version["version"] not in ("original", "excerpt"):
                for measure, value in _heard(sample, index, version["version"]).items():
                    name = f"song.{song['name']}.{version['version']}.{measure}"
                    numbers[name] = _number(value, MEASURES[measure])
    for family, sizes in sample.families.items():
        for size, layers in sorted(sizes.items(), reverse=True):
            name = f"{family}.{size}"
            losses = _losses(size, sample)
            best = 1 + min(range(len(losses)), key=lambda epoch: losses[epoch][1])
            models.append(_model(family, size, layers, losses, best))
            _save_model(folder / "models" / name, models[-1], layers)
            failed = size in sample.failed
            values = [_measures(seed, size, failed) for seed in range(1, sample.test_clips + 1)]
            for measure, unit in MEASURES.items():
                over = np.array([value[measure] for value in values])
                numbers[f"reconstruction.{name}.{measure}"] = {
                    "value": float(over.mean()),
                    "unit": unit,
                    "step": f"reconstruction.{name}",
                    "interval": _interval(over),
                    "clips": sample.test_clips,
                }
            trained = {
                "best_validation_rmse": (losses[best - 1][1], ""),
                "best_epoch": (best, ""),
                "seconds": (21.4 + size / 4000, "s"),
                "parameters": (models[-1]["parameters"], "numbers"),
            }
            for what, (value, unit) in trained.items():
                numbers[f"training.{name}.{what}"] = _number(value, unit, "training")
    for size in sorted({size for sizes in sample.families.values() for size in sizes}):
        for method in sample_chapters.METHODS:
            values = [_measures(seed, size, False, method) for seed in range(1, 4)]
            for measure, unit in MEASURES.items():
                over = np.array([value[measure] for value in values])
                numbers[f"baseline.{method}.{size}.{measure}"] = {
                    "value": float(over.mean()),
                    "unit": unit,
                    "step": f"baseline.{method}.{size}",
                    "interval": _interval(over),
                    "clips": len(values),
                }
    data = _data(sample)
    for place, clip in enumerate(clip for clip in data["clips"] if clip["split"] == "test"):
        clip["audio"] = f"audio/clips/{place}.flac"
        (folder / "audio/clips").mkdir(exist_ok=True)
        soundfile.write(folder / clip["audio"], _music(place % 5), RATE, subtype="PCM_16")
    versions = [f"{model['family']}.{model['size']}" for model in models]
    exploration, found = sample_chapters.exploration(
        folder, versions, len(sample.genres), sample.scattered
    )
    numbers |= found
    generated, found = sample_chapters.generation(
        folder, versions, tuple(sorted(sample.genres)), [_music(seed) for seed in range(4)], RATE
    )
    numbers |= found
    wanted = sample.choice.get("size")
    stated = [
        {"family": family, "size": wanted if wanted in sizes else _least(numbers, family, sizes),
         "by_rule": _least(numbers, family, sizes),
         "reason": sample.choice.get("reason") if wanted in sizes else None}
        for family, sizes in sample.families.items()
    ]  # fmt: skip
    tuned = max(model["size"] for model in models)
    if sample.tuning is not None:
        numbers["tuning.best"] = _number(0.0154, "", "tuning.best")
    for split in ("training", "validation", "test"):
        numbers[f"data.{split}"] = _number(sum(g[split] for g in data["genres"]), "", "corpus")
    for what in ("clips", "faults", "duplicates"):
        numbers[f"data.{what}"] = _number(len(data[what]), "", "corpus")
    content = {
        "format": 1,
        "computed": "2026-11-22",
        "study": _study(sample),
        "numbers": numbers,
        "data": data,
        "models": models,
        "songs": songs,
        "tuning": None if sample.tuning is None else sample_chapters.tuning(sample.tuning, tuned),
        "exploration": exploration,
        "generated": generated,
        "choice": {"snr": 6.0, "log_mel": 0.5, "families": stated},
        "machine": {
            "processor": "x86-64",
            "cores": 2,
            "python": "3.11.7",
            "system": "Linux",
            "libraries": {"numpy": np.__version__, "torch": "2.11.0"},
        },
        "steps": [
            {"name": "corpus"},
            *({"name": f"training.{m['family']}.{m['size']}"} for m in models),
            *({"name": f"reconstruction.{m['family']}.{m['size']}"} for m in models),
        ],
    }
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (folder / "results.json").write_text(text, encoding="utf-8")
    return folder


MEASURES = {
    "snr": "dB", "si_sdr": "dB", "log_mel": "log10", "log_spectral": "dB", "stft": "",
    "visqol": "",
}  # fmt: skip


def _least(numbers: dict[str, dict[str, Any]], family: str, sizes: dict[int, Layers]) -> int | None:
    """The smallest size within 6 dB and 0.5."""
    return min(
        (
            size
            for size in sizes
            if numbers[f"reconstruction.{family}.{size}.snr"]["value"] >= 6
            and numbers[f"reconstruction.{family}.{size}.log_mel"]["value"] <= 0.5
        ),
        default=None,
    )


def _study(sample: Sample) -> dict[str, Any]:
    report: dict[str, Any] = {
        "title": None,
        "subtitle": None,
        "authors": [],
        "date": None,
        "site": None,
        "song": None,
        "size": None,
        "genre": None,
    }
    sizes = sorted({size for layers in sample.families.values() for size in layers})
    return {
        "seed": 42,
        "publish_unlicensed": False,
        "report": report | {"authors": []} | sample.report,
        "data": {
            "path": None if sample.synthetic else "music",
            "licence": None,
            "demo_clips": 24,
            "clips_per_file": 1,
            "seconds": SAMPLES / RATE,
            "sampling_rate": RATE,
            "validation": 0.1,
            "test": 0.1,
        },
        "models": {
            family: [
                size
                if family == "classic"
                else dict(zip(("channels", "kernels", "strides", "paddings"), layers, strict=True))
                for size, layers in sizes.items()
            ]
            for family, sizes in sample.families.items()
        },
        "training": {"learning_rate": 0.02, "epochs": sample.epochs, "batch": 20},
        "tuning": {
            "trials": 0 if sample.tuning is None else 5,
            "epochs": 5,
            "size": None,
            "low": 0.001,
            "high": 0.1,
            "use": bool(sample.tuning),
        },
        "new_songs": [],
        "visqol_clips": 5,
        "choice": {"snr": 6.0, "log_mel": 0.5, "size": None, "reason": None} | sample.choice,
        "size": 18376 if 18376 in sizes else sizes[len(sizes) // 2],
    }


def _data(sample: Sample) -> dict[str, Any]:
    genres = [
        {"name": name, "training": 19, "validation": 3, "test": 2} for name in sorted(sample.genres)
    ]
    clips = [
        {"name": f"{genre['name']}.{index:05d}", "genre": genre["name"], "split": split,
         "file": f"{genre['name']}/{genre['name']}.{index:05d}.flac"}
        for genre in genres
        for index, split in enumerate(["training"] * 19 + ["validation"] * 3 + ["test"] * 2)
    ]  # fmt: skip
    faults = [
        {"file": "rock/corto.wav", "fault": "too_short", "detail": "2.31 s", "value": 2.31},
        {"file": "rock/mudo.wav", "fault": "silent", "detail": "silent", "value": None},
        {"file": "pop/roto <b>.mp3", "fault": "unreadable", "detail": "no sound", "value": None},
        {"file": "pop/nan.wav", "fault": "not_finite", "detail": "NaN", "value": None},
    ]
    first, last = clips[0], clips[-1]
    duplicates = [
        {"clips": [clips[0]["name"], clips[1]["name"]], "genres": [first["genre"]]},
        {"clips": [clips[2]["name"], last["name"]], "genres": [first["genre"], last["genre"]]},
    ]
    return {
        "synthetic": sample.synthetic,
        "sampling_rate": RATE,
        "samples": SAMPLES,
        "genres": genres,
        "clips": clips,
        "faults": faults if sample.faults else [],
        "duplicates": duplicates if sample.duplicates else [],
    }


def _song(folder: Path, sample: Sample, index: int) -> dict[str, Any]:
    """The featured song (index 0) or a new one, with the sound of every version."""
    sounds = {"original": _music(index)} | {
        version: _version(sample, index, version) for version in _versions(sample)
    }
    versions = []
    start = "test" if index == 0 else f"new-{index}"
    if index:
        stereo = np.repeat(_music(index), 2)[:, None] * [[1.0, 0.7]]
        soundfile.write(folder / f"audio/{start}-excerpt.flac", stereo, 2 * RATE, subtype="PCM_16")
        versions.append({"version": "excerpt", "audio": f"audio/{start}-excerpt.flac"})
    for version, sound in sounds.items():
        audio = f"audio/{start}-{version.replace('.', '-')}.flac"
        soundfile.write(folder / audio, sound, RATE, subtype="PCM_16")
        versions.append({"version": version, "audio": audio})
    name = sample.new_songs[index - 1] if index else sample.song
    source = {"sampling_rate": 2 * RATE, "channels": 2, "seconds": 25.5, "start": 3.2 * index,
              "start_given": index == 2}  # fmt: skip
    return {
        "name": name,
        "role": "new" if index else "test",
        "genre": (name if index == 1 else None) if index else sample.song_genre,
        "file": f"{name}.flac" if index else f"{sample.song_genre}/{sample.song}.wav",
        "seconds": SAMPLES / RATE,
        "versions": versions,
        "source": source if index else None,
    }


def _versions(sample: Sample) -> list[str]:
    models = [
        f"{family}.{size}"
        for family, sizes in sample.families.items()
        for size in sorted(sizes, reverse=True)
    ]
    sizes = sorted({size for sizes in sample.families.values() for size in sizes}, reverse=True)
    return models + [
        f"baseline.{method}.{size}" for size in sizes for method in sample_chapters.METHODS
    ]


def _version(sample: Sample, index: int, version: str) -> Waveform:
    family, *middle, last = version.split(".")
    if family == "baseline":
        return sample_chapters.rebuild(_music(index), middle[0], int(last))
    return _reconstruct(_music(index), int(last), int(last) in sample.failed)


def _heard(sample: Sample, index: int, version: str) -> dict[str, float]:
    family, *middle, last = version.split(".")
    if family == "baseline":
        return _measures(index, int(last), False, middle[0])
    return _measures(index, int(last), int(last) in sample.failed)


def _model(
    family: str, size: int, layers: Layers, losses: list[tuple[float, float]], best: int
) -> dict[str, Any]:
    encoder: list[dict[str, Any]] = []
    decoder: list[dict[str, Any]] = []
    channels, length = 1, SAMPLES
    for outputs, kernel, stride, padding in zip(*layers, strict=True):
        after = (length + 2 * padding - kernel) // stride + 1
        shape = {"kernel": kernel, "stride": stride, "padding": padding}
        encoder.append(
            {"kind": "Conv1d", "inputs": channels, "outputs": outputs, **shape,
             "length_in": length, "length_out": after}
        )  # fmt: skip
        decoder.insert(
            0,
            {"kind": "ConvTranspose1d", "inputs": outputs, "outputs": channels, **shape,
             "length_in": after, "length_out": length},
        )  # fmt: skip
        channels, length = outputs, after
    assert channels * length == size, f"{family} {size}: these layers give {channels * length}"
    parameters = sum(
        layer["inputs"] * layer["outputs"] * layer["kernel"] + layer["outputs"]
        for layer in encoder + decoder
    )
    return {
        "family": family,
        "size": size,
        "parameters": parameters,
        "grid": [channels, length],
        "layers": encoder + decoder,
        "epochs": [{"training_rmse": t, "validation_rmse": v} for t, v in losses],
        "best_epoch": best,
        "device": "cpu",
        "file": f"models/{family}.{size}",
    }


def _save_model(path: Path, model: dict[str, Any], layers: Layers) -> None:
    """A network with weights at random, as `pipeline.modelfile` writes a trained one."""
    path.parent.mkdir(exist_ok=True)
    random = np.random.default_rng(model["size"])
    weights = {}
    for place, layer in enumerate(model["layers"]):
        ends = (layer["outputs"], layer["inputs"])
        part, depth = ("encoder", place) if layer["kind"] == "Conv1d" else (
            "decoder", place - len(model["layers"]) // 2
        )  # fmt: skip
        shape = (*(ends if part == "encoder" else ends[::-1]), layer["kernel"])
        scale = 1 / np.sqrt(layer["inputs"] * layer["kernel"])
        for name, values in (
            ("weight", random.standard_normal(shape)), ("bias", random.standard_normal(ends[0]))
        ):  # fmt: skip
            weights[f"{part}.{2 * depth}.{name}"] = (scale * values).astype(np.float32)
    save_file(weights, f"{path}.safetensors")
    names = ("channels", "kernels", "strides", "paddings")
    described = {
        "format": 1, "kind": "convolutional", "family": model["family"], "size": model["size"],
        "sampling_rate": RATE, "study": {"seed": 42},
        "architecture": {"samples": SAMPLES} | dict(zip(names, layers, strict=True)),
    }  # fmt: skip
    Path(f"{path}.json").write_text(json.dumps(described), encoding="utf-8")


def _losses(size: int, sample: Sample) -> list[tuple[float, float]]:
    random = np.random.default_rng(size)
    floor = 0.012 + 0.07 * (1 - size / SAMPLES) ** 2
    epochs = np.arange(1, sample.epochs + 1)
    fall = 0.0 if size in sample.failed else 0.9
    curve = floor + (0.14 - floor) * ((1 - fall) + fall * np.exp(-epochs / 5))
    validation = curve * (1 + 0.02 * random.standard_normal(len(epochs)))
    return [(float(t), float(v)) for t, v in zip(0.98 * curve, validation, strict=True)]


@functools.cache
def _music(seed: int) -> Waveform:
    """Five seconds of a bass, a chord of decaying partials and a hi-hat, at 22 050 Hz."""
    random = np.random.default_rng(seed)
    sound = np.zeros(SAMPLES)
    tonic = 110 * 2 ** (random.integers(12) / 12)
    since = np.arange(SAMPLES // 10) / RATE
    fade = 1 - since / since[-1]
    for beat in range(10):
        note = np.zeros(len(since))
        for ratio in (0.5, 1, *random.choice([1.25, 1.5, 1.875, 2.25, 3.0], 3, replace=False)):
            for partial in range(1, 24):
                frequency = tonic * ratio * partial
                if frequency < RATE / 2:
                    fall = np.exp(-since * (2 + 0.6 * partial))
                    note += fall * np.sin(2 * np.pi * frequency * since) / partial**1.3
        note += 0.35 * np.exp(-since * 40) * random.standard_normal(len(since))
        sound[beat * len(since) : (beat + 1) * len(since)] = fade * note
    return np.asarray(0.7 * sound / np.abs(sound).max(), dtype=np.float64)


def _reconstruct(sound: Waveform, size: int, failed: bool) -> Waveform:
    """What an ideal low-pass filter of `size` numbers keeps; noise for a model that failed."""
    if failed:
        return 0.2 * np.random.default_rng(size).standard_normal(len(sound))
    spectrum = np.fft.rfft(sound)
    spectrum[size // 2 :] = 0
    return np.asarray(np.fft.irfft(spectrum, len(sound)), dtype=np.float64)


@functools.cache
def _measures(seed: int, size: int, failed: bool, method: str | None = None) -> dict[str, float]:
    sound = _music(seed)
    other = (
        sample_chapters.rebuild(sound, method, size)
        if method
        else _reconstruct(sound, size, failed)
    )
    scale = (sound @ other) / (other @ other)
    a, b = (_spectrogram(x) for x in (sound, other))
    bands = _mel_bands(a.shape[1])
    mel = [np.log10(np.maximum(x @ bands, 1e-5)) for x in (a, b)]
    power = [20 * np.log10(np.maximum(x, 1e-5)) for x in (a, b)]
    log_mel = float(np.abs(mel[0] - mel[1]).mean())
    return {
        "snr": _decibels(sound, sound - other),
        "si_sdr": _decibels(sound, sound - scale * other),
        "log_mel": log_mel,
        "log_spectral": float(np.sqrt(((power[0] - power[1]) ** 2).mean(axis=1)).mean()),
        "stft": float(np.linalg.norm(a - b) / np.linalg.norm(a)),
        "visqol": 1 + 3.7 * float(np.exp(-log_mel)),  # a stand-in: no listener's model runs here
    }


def _decibels(signal: Waveform, noise: Waveform) -> float:
    return float(10 * np.log10((signal @ signal) / (noise @ noise)))


def _spectrogram(sound: Waveform) -> Waveform:
    frames = np.lib.stride_tricks.sliding_window_view(sound, 1024)[::256]
    return np.abs(np.fft.rfft(frames * np.hanning(1024)))


def _mel_bands(bins: int) -> Waveform:
    mel = 2595 * np.log10(1 + np.linspace(0, RATE / 2, bins) / 700)
    edges = np.linspace(0, mel[-1], 82)
    return np.stack([np.interp(mel, edges[i : i + 3], [0, 1, 0]) for i in range(80)], axis=1)


def _interval(values: Waveform) -> list[float]:
    random = np.random.default_rng(42)
    means = [random.choice(values, len(values)).mean() for _ in range(400)]
    return [float(bound) for bound in np.quantile(means, [0.025, 0.975])]


def _number(value: float, unit: str, step: str = "reconstruction") -> dict[str, Any]:
    return {"value": value, "unit": unit, "step": step}


HOSTILE = ("<script>alert(1)</script>", "a\"b'c", "#*_x_*@y$z$ {{ 1 }} \\n")


def hostile() -> Sample:
    """A folder whose genres and song carry what Markdown, HTML and Typst would obey."""
    return Sample(
        genres=HOSTILE,
        song="*no* _es_ $x^2$ <i>@nota #1 `a|b` {}",
        song_genre=HOSTILE[0],
        new_songs=("|_nueva_ {}* <b>[x](y) @sec-x",),
    )


def small() -> Sample:
    """Two genres of the user's own, one size and a family of its own."""
    return Sample(
        genres=("cumbia", "tango"),
        families={"propia": {9184: CLASSIC[9184]}},
        song="tango.00020",
        song_genre="tango",
        synthetic=False,
        epochs=3,
        test_clips=4,
        new_songs=(),
        tuning=None,
        scattered=False,
    )
