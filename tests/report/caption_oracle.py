"""What captions say of the picture above them, checked on sounds, coordinates and counts.

Spectra are SciPy's, neighbours come from a k-d tree, and clusters are counted from the labels of
clips: nothing here calls the report or reads the facts that it was written from.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile
from scipy.signal import stft
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from tests.report.claim_oracle import Check, Study

FAMILIES = {"clásica": "classic", "adaptativa": "adaptive"}


def family_of(study: Study, said: str | None) -> str:
    first: str = study.content["models"][0]["family"]
    return FAMILIES.get(said, said) if said else first


def _percents(text: str) -> list[float]:
    return [float(each.replace(",", ".")) for each in re.findall(r"([\d,]*\d) %", text)]


def _sizes(text: str) -> set[int]:
    return {int(each) for each in re.findall(r"\d+", text)}


def _sounds(study: Study, title: str, family: str) -> tuple[Any, dict[int, Any]]:
    """The original of a song and a family's versions by size."""
    songs = [each for each in study.content["songs"] if each["name"].endswith(title)]
    files = {each["version"]: study.folder / each["audio"] for each in songs[0]["versions"]}
    sizes = study.sizes(family)
    read = {name: soundfile.read(files[name])[0] for name in files if name != "excerpt"}
    return read["original"], {size: read[f"{family}.{size}"] for size in sizes}


def _levels(sound: Any) -> Any:
    _, _, values = stft(
        sound, window="hann", nperseg=1024, noverlap=768, boundary="zeros", padded=False
    )
    return np.abs(values)


def _spectrogram(study: Study, found: re.Match[str]) -> bool:
    original, versions = _sounds(study, found[1], family_of(study, found[2]))
    before = _levels(original)
    floor = before.max() / 1000
    changes = {}
    for size, sound in versions.items():
        after = _levels(sound)
        lost = 100 * ((before > floor) & (after <= floor)).mean()
        gained = 100 * ((before <= floor) & (after > floor)).mean()
        changes[size] = (lost, gained)
    said = found[3]
    darker = {size for size, (lost, gained) in changes.items() if lost > gained + 0.5}
    lighter = {size for size, (lost, gained) in changes.items() if gained > lost + 0.5}
    several = re.match(r"Con ([\d, y]+) números se apaga", said)
    if several:
        fit = darker <= _sizes(several[1]) and not lighter & _sizes(several[1])
    elif "apaga más" in said:
        fit = not lighter
    else:
        fit = not darker
    known = [value for pair in changes.values() for value in pair]
    return fit and all(min(abs(value - each) for each in known) < 1.5 for value in _percents(said))


def _waveform(study: Study, found: re.Match[str]) -> bool:
    original, versions = _sounds(study, found[1], family_of(study, found[2]))
    errors = {
        size: 100 * float(np.square(original - sound).sum() / np.square(original).sum())
        for size, sound in versions.items()
    }
    said = found[3]
    good = {size for size, error in errors.items() if error < 9.9}
    bad = {size for size, error in errors.items() if error > 10.1}
    several = re.search(r"con ([\d, y]+) números; con ([\d, y]+) (?:es|está|va|supera)", said)
    if several:
        fit = good <= _sizes(several[1]) and bad <= _sizes(several[2])
    elif "no llega" in said:
        fit = not bad
    else:
        fit = not good
    known = list(errors.values())
    if ("más que la del original" in said or "supera la del" in said) and max(known) < 99:
        return False
    near = [min(abs(value - each) / max(each, 0.01) for each in known) for value in _percents(said)]
    return fit and max(near, default=0) < 0.1


def _cloud(study: Study, found: re.Match[str]) -> bool:
    """Neighbours on the three components, against orders of the genres of another seed."""
    name = "original"
    if found[1]:
        name = f"{family_of(study, found[2])}.{found[1]}"
    if "promediado en el tiempo" in found[0]:
        name += ".averaged"
    array = next(e["array"] for e in study.content["exploration"] if e["vector"] == name)
    with np.load(study.folder / array) as arrays:
        points = arrays["coordinates"]
    if "en el mismo punto" in found[0]:
        return bool(np.allclose(points, points[0]))
    genres = np.array([clip["genre"] for clip in study.content["data"]["clips"]])
    nearest = cKDTree(points).query(points, k=2)[1]
    other = np.where(nearest[:, 0] == np.arange(len(points)), nearest[:, 1], nearest[:, 0])
    share = 100 * float((genres[other] == genres).mean())
    random = np.random.default_rng(5)
    orders = [random.permutation(genres) for _ in range(2000)]
    luck = [100 * float((order[other] == order).mean()) for order in orders]
    said, by_luck = _percents(found[3])
    if "no se distingue" in found[3]:
        fit = np.quantile(luck, 0.005) <= share <= np.quantile(luck, 0.995)
    elif "menos que al azar" in found[3]:
        fit = share < np.quantile(luck, 0.05)
    else:
        fit = share > np.quantile(luck, 0.95)
    return bool(fit) and abs(share - said) < 1 and abs(float(np.mean(luck)) - by_luck) < 1.5


def _clusters(study: Study, found: re.Match[str]) -> bool:
    genres = np.array([clip["genre"] for clip in study.content["data"]["clips"]])
    pure, words = [], []
    for end in ("", ".averaged"):
        name = f"{family_of(study, found[2])}.{found[1]}{end}"
        array = next(e["array"] for e in study.content["exploration"] if e["vector"] == name)
        with np.load(study.folder / array) as arrays:
            labels = arrays["labels"]
        groups = [genres[labels == label] for label in np.unique(labels)]
        most = max(map(len, groups))
        words.append({len(set(group)) for group in groups if len(group) == most})
        pure.append(any(len(group) > 1 and len(set(group)) == 1 for group in groups))
    numerals = "cero un dos tres cuatro cinco seis siete ocho nueve diez".split()
    said = re.search(r"fragmentos de (\w+) géneros? a la izquierda y de (\w+) géneros?", found[3])
    assert said is not None
    fit = all(numerals.index(said[side + 1]) in words[side] for side in (0, 1))
    if "A los dos lados" in found[3]:
        return fit and pure == [True, True]
    if "Ningún grupo de varios" in found[3]:
        return fit and pure == [False, False]
    return fit and pure == ["Solo a la izquierda" in found[3], "Solo a la derecha" in found[3]]


def _answers(study: Study, found: re.Match[str]) -> bool:
    chance = max(study.value("tree.original.uniform"), study.value("tree.original.majority"))
    family = family_of(study, found[2])
    names = [f"tree.{family}.{found[1]}{end}.accuracy" for end in ("", ".averaged")]
    left, clips, right = int(found[3]), int(found[4]), int(found[5])
    fit = [round(clips * study.value(name)) for name in names] == [left, right]
    above = [study.low(name) > chance for name in names]
    said = {
        "En los dos casos": [True, True],
        "Solo los de la izquierda": [True, False],
        "Solo los de la derecha": [False, True],
        "En ningún caso": [False, False],
    }
    return fit and above == said[found[6]]


def _network(study: Study, found: re.Match[str]) -> bool:
    size, share = int(found[1]), int(found[2])
    (model,) = [m for m in study.content["models"] if m["size"] == size and m["layers"]]
    lists = [
        each["outputs"] * each["length_out"] for each in model["layers"] if each["kind"] == "Conv1d"
    ]
    samples = study.content["data"]["samples"]
    overcomplete = max(lists[:-1], default=0) > samples
    fit = round(100 * size / samples) == share
    return fit and not ("Ningún bloque" in found[3] and overcomplete) and not (
        "algún bloque" in found[3] and not overcomplete
    )  # fmt: skip


def _bent(variation: list[float]) -> bool:
    """Whether a curve goes more than a tenth below its chord."""
    if len(variation) < 3 or variation[0] <= variation[-1]:
        return False
    curve = np.array(variation)
    chord = np.linspace(curve[0], curve[-1], len(curve))
    return bool(((chord - curve) / (curve[0] - curve[-1])).max() > 0.1)


def _elbows(study: Study, found: re.Match[str]) -> bool:
    family = family_of(study, found[1])
    fit = []
    for end, said in (("", found[2]), (".averaged", found[3])):
        names = ["original", *(f"{family}.{size}" for size in study.sizes(family))]
        bent = {
            name: _bent(each["variation"])
            for name in names
            for each in study.content["exploration"]
            if each["vector"] == name + end
        }
        if re.search(r"se doblan todas|, todas", said):
            fit.append(all(bent.values()))
        elif re.search(r"ninguna", said):
            fit.append(not any(bent.values()))
        else:
            named = {f"{family}.{size}" for size in _sizes(said)}
            named |= {"original"} if "forma de onda" in said else set()
            fit.append(named == {name for name, is_bent in bent.items() if is_bent})
    return all(fit)


def _curves(study: Study, found: re.Match[str]) -> bool:
    family = family_of(study, found[1])
    falling = set()
    for model in study.content["models"]:
        losses = [epoch["validation_rmse"] for epoch in model["epochs"]]
        half = (len(losses) + 1) // 2
        if model["family"] == family and min(losses[half:]) <= 0.9 * min(losses[:half]):
            falling.add(model["size"])
    said = found[2]
    if re.search(r"ninguna curva baja|la curva no baja", said):
        return not falling
    if re.search(r"todas las curvas bajan|la curva baja", said):
        return falling == set(study.sizes(family))
    return falling == _sizes(said.partition(" las curvas ")[2] or said.partition(" la curva ")[2])


def _parts(study: Study, found: re.Match[str]) -> bool:
    """The part named is the greatest of the longest vector, by as much as is said."""
    models = [model for model in study.content["models"] if model["layout"]]
    parts: dict[str, int] = {}
    for part in models[0]["layout"]:
        kind = part["name"].partition(".")[0]
        parts[kind] = parts.get(kind, 0) + part["numbers"]
    return round(100 * max(parts.values()) / models[0]["size"]) == int(found[1])


def _split(study: Study, found: re.Match[str]) -> bool:
    """How often SNR and log-mel distance disagree, between a strict and a loose reading."""
    counts = []
    for strict in (True, False):
        told = apart = 0
        for model in study.content["models"]:
            for method in {n.split(".")[1] for n in study.values if n.startswith("baseline.")}:
                signs = []
                for measure in ("snr", "log_mel"):
                    low, high = study.gap(
                        f"reconstruction.{model['family']}.{model['size']}.{measure}",
                        f"baseline.{method}.{model['size']}.{measure}",
                    )
                    slack = 0.5 * (high - low) * (1 if strict else -0.3)
                    signs.append(1 if low > slack else -1 if high < -slack else 0)
                told += all(signs)
                apart += signs[0] == signs[1] != 0
        counts.append((told, apart))
    (least, fewest), (most, greatest) = counts
    said = int(found[2]) if found[2] else 0
    return least <= int(found[1]) <= most and fewest <= said <= greatest


TRUTHS: dict[str, Check] = {
    r"(?m)^Espectrogramas de «(.+?)»(?:, familia (\w+))?: el original.*niveles\."
    r"(?: 0 dB es el punto más intenso del original\.)? (.+)$": _spectrogram,
    r"(?m)^Formas de onda de «(.+?)»(?:, familia (\w+))?, en.*?(En el fragmento entero, .+)$": (
        _waveform
    ),
    r"(?m)^Componentes principales de(?:l vector latente de (\d+) números"
    r"(?: de la familia (\w+))?| la forma de onda).*?"
    r"(El \d+ % de los fragmentos .+|Todos los fragmentos .+)$": _cloud,
    r"(?m)^Fragmentos de cada género en cada grupo con (\d+) números(?:, familia (\w+))?\.(.+)$": (
        _clusters
    ),
    r"(?m)^Respuestas del árbol .* con (\d+) números(?:, familia (\w+))?\. Los aciertos están en "
    r"la diagonal: (\d+) de (\d+) a la izquierda y (\d+) a la derecha\. "
    r"(En los dos casos|Solo los de la izquierda|Solo los de la derecha|En ningún caso)": _answers,
    r"(?m)^Estructura de la red de (\d+) números.* tiene el (\d+) % de los números (.+)$": _network,
    r"(?m)^Variación dentro de los grupos(?:, familia (\w+))?, con los mismos ejes: .*"
    r"((?:Las|De las) continuas [^;]+); ([^.]+)\.": _elbows,
    r"(?m)^RMSE sobre el conjunto de validación al final de cada época(?:, familia (\w+))?.*"
    r"(En la segunda mitad.+)$": _curves,
    r"la mayor es la de \w+, con el (\d+) % de los números": _parts,
    r"De las (\d+) veces en que (?:las dos medidas )?distinguen entre una red y un método sin red"
    r"[^,]*, (?:en (\d+) gana uno en SNR y el otro|el que gana en SNR gana también)": _split,
    r"(?:También son sintéticas, compuestas|También es sintética, compuesta) con reglas": (
        lambda study, _: (
            study.content["data"]["synthetic"] and not study.content["study"]["new_songs"]
        )
    ),
}
"""Patterns of what captions and conclusions say, and what must hold wherever they stand."""
