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

FAMILIES = {"convolucional": "classic", "adaptativa": "adaptive"}


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
    levels = [_levels(sound) for sound in versions.values()]
    lost = [100 * ((before > floor) & (after <= floor)).mean() for after in levels]
    gained = [100 * ((before <= floor) & (after > floor)).mean() for after in levels]
    ends = [(_percents(said), values) for said, values in ((found[3], lost), (found[4], gained))]
    return all(
        abs(said[0] - min(values)) < 1.5 and abs(said[-1] - max(values)) < 1.5
        for said, values in ends
        if said  # none is found if the song's name looks like markup
    )


def _waveform(study: Study, found: re.Match[str]) -> bool:
    original, versions = _sounds(study, found[1], family_of(study, found[2]))
    energy = np.square(original).sum()
    errors = [100 * float(np.square(original - s).sum() / energy) for s in versions.values()]
    said = _percents(found[3])
    pairs = ((said[0], min(errors)), (said[-1], max(errors))) if said else ()
    return all(abs(value - error) / max(error, 0.01) < 0.1 for value, error in pairs)


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
    numerals = "cero un dos tres cuatro cinco seis siete ocho nueve diez".split()
    fit = []
    for end, said in (("", found[3]), (".averaged", found[4])):
        name = f"{family_of(study, found[2])}.{found[1]}{end}"
        array = next(e["array"] for e in study.content["exploration"] if e["vector"] == name)
        with np.load(study.folder / array) as arrays:
            labels = arrays["labels"]
        groups = [genres[labels == label] for label in np.unique(labels)]
        most = max(map(len, groups))
        held = {len(set(group)) for group in groups if len(group) == most}
        fit.append((int(said) if said.isdigit() else numerals.index(said)) in held)
    return all(fit)


def _answers(study: Study, found: re.Match[str]) -> bool:
    family = family_of(study, found[2])
    names = [f"tree.{family}.{found[1]}{end}.accuracy" for end in ("", ".averaged")]
    whole, clips, averaged = int(found[3]), int(found[4]), int(found[5])
    return [round(clips * study.value(name)) for name in names] == [whole, averaged]


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


NUMERALS = "ninguno uno dos tres cuatro cinco seis siete ocho nueve diez".split()


def parts_in(said: str) -> tuple[int, int]:
    """How many of how many a phrase says: uno de los tres, los 12, ninguno de los dos."""
    *counted, total = said.replace("el único", "uno de los uno").split("los ")
    several, count = (
        NUMERALS.index(each) if each in NUMERALS else int(each)
        for each in (total.strip(), "".join(counted).removesuffix(" de ") or total.strip())
    )
    return count, several


def _elbows(study: Study, found: re.Match[str]) -> bool:
    """Count the bent curves of whole and of averaged vectors, of every family."""
    groups: dict[bool, list[bool]] = {False: [], True: []}
    for each in study.content["exploration"]:
        if each["vector"] != "log_mel":
            groups[each["vector"].endswith(".averaged")].append(_bent(each["variation"]))
    counts = [(sum(flags), len(flags)) for flags in groups.values()]
    return counts == [parts_in(each) for each in found.groups()]


def _parts(study: Study, found: re.Match[str]) -> bool:
    """The part named is the greatest of the longest vector, by as much as is said."""
    models = [model for model in study.content["models"] if model["layout"]]
    parts: dict[str, int] = {}
    for part in models[0]["layout"]:
        kind = part["name"].partition(".")[0]
        parts[kind] = parts.get(kind, 0) + part["numbers"]
    return round(100 * max(parts.values()) / models[0]["size"]) == int(found[1])


TRUTHS: dict[str, Check] = {
    r"(?m)^Espectrogramas de «(.+?)»(?:, familia (\w+)|): .* cae por debajo de .*? dB (.+) "
    r"de los puntos, y sube por encima (.+)\.$": _spectrogram,
    r"(?m)^Formas de onda de «(.+?)»(?:, familia (\w+)|), .* La energía del error es (.+) de la "
    r"del original\.$": _waveform,
    r"(?m)^Componentes principales de(?:l vector latente de (\d+) números"
    r"(?: de la familia (\w+))?| la forma de onda).*?"
    r"(El \d+ % de los fragmentos .+|Todos los fragmentos .+)$": _cloud,
    r"(?m)^Fragmentos de cada género en cada grupo con (\d+) números(?: de la familia (\w+))?\. "
    r"El mayor reúne (\w+) géneros? a la izquierda y (\w+) géneros? a la derecha": _clusters,
    r"(?m)^Respuestas del árbol .* con (\d+) números(?: de la familia (\w+))?: acierta (\d+) de "
    r"(\d+) con el vector completo y (\d+) con": _answers,
    r"(?m)^Estructura de la red de (\d+) números.* tiene el (\d+) % de los números (.+)$": _network,
    r"Hay un codo en ([\w ]+) vectores completos y en ([\w ]+) promediados": _elbows,
    r"La mayor es la de \w+, con el (\d+) % de los números": _parts,
    r"(?:También son sintéticas, compuestas|También es sintética, compuesta) con reglas": (
        lambda study, _: (
            study.content["data"]["synthetic"] and not study.content["study"]["new_songs"]
        )
    ),
}
"""Patterns of what captions and conclusions say, and what must hold wherever they stand."""
