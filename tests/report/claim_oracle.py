"""What sentences of the report claim, checked against results.json by other means than its own.

A truth is a pattern and what must hold of the numbers wherever the pattern stands. Sentences on
differences and trends are checked on the values of each clip with plain resampling.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from tests.report import caption_oracle, generation_oracle

Content = dict[str, Any]
Check = Callable[["Study", re.Match[str]], bool]


@dataclass(frozen=True)
class Study:
    """A results folder's numbers, and the text of its report."""

    content: Content
    values: dict[str, Any]
    text: str
    folder: Path = Path()

    def value(self, name: str) -> float:
        """A number's value."""
        return float(self.content["numbers"][name]["value"])

    def low(self, name: str) -> float:
        """The low end of a number's interval, or its value."""
        number = self.content["numbers"][name]
        return float(number.get("interval", [number["value"]])[0])

    def sizes(self, family: str | None = None) -> list[int]:
        """The sizes of a family, or of the first."""
        models = self.content["models"]
        family = family or models[0]["family"]
        return [model["size"] for model in models if model["family"] == family]

    def snr(self, measure: str = "snr") -> list[float]:
        """A measure of the first family, from the largest size."""
        return [self.value(f"{self.first}{size}.{measure}") for size in self.sizes()]

    @property
    def first(self) -> str:
        """The beginning of the names of the first family's numbers."""
        return f"reconstruction.{self.content['models'][0]['family']}."

    def gap(self, one: str, other: str) -> tuple[float, float]:
        """A wide (99 %) interval of the mean difference over shared clips, and no narrower."""
        gaps = self.values[one] - self.values[other]
        gaps = gaps[~np.isnan(gaps)]
        random = np.random.default_rng(1)
        means = [random.choice(gaps, len(gaps)).mean() for _ in range(1000)]
        low, high = np.quantile(means, [0.05, 0.95])
        return float(low), float(high)


def numbers_in(text: str) -> list[int]:
    """The integers of a list in prose."""
    return [int(found) for found in re.findall(r"\d+", text)]


def _no_sound(study: Study, found: re.Match[str]) -> bool:
    named = numbers_in(found[1])
    return named == [size for size in study.sizes() if study.low(f"{study.first}{size}.snr") <= 0]


def _beaten(study: Study, found: re.Match[str]) -> bool:
    return all(
        study.gap(f"baseline.lowpass.{size}.snr", f"{study.first}{size}.snr")[0] > 0
        for size in study.sizes()
    )


def _chosen(study: Study, found: re.Match[str]) -> bool:
    bounds = study.content["choice"]
    within = [
        size
        for size in study.sizes()
        if study.value(f"{study.first}{size}.snr") >= bounds["snr"]
        and study.value(f"{study.first}{size}.log_mel") <= bounds["log_mel"]
        and study.value(f"{study.first}{size}.visqol") >= bounds["visqol"]
    ]
    return min(within) == int(found[1])


def _cheaper(study: Study, found: re.Match[str]) -> bool:
    long, *_, short = study.sizes()
    return study.gap(f"{study.first}{long}.snr", f"{study.first}{short}.snr")[0] > 0


def _same(study: Study, found: re.Match[str]) -> bool:
    long, *_, short = study.sizes()
    low, high = study.gap(f"{study.first}{long}.snr", f"{study.first}{short}.snr")
    return low <= 0 <= high or min(abs(low), abs(high)) < 0.3 * (high - low)


def _each_step_is_sure(study: Study) -> bool:
    names = [f"{study.first}{size}.snr" for size in study.sizes()]
    gaps = [study.gap(larger, smaller) for larger, smaller in pairwise(names)]
    return all(low > 0.3 * (high - low) for low, high in gaps)


def _passed(study: Study, found: re.Match[str]) -> bool:
    """Whether stored transfers cross half their level at the stated frequencies."""
    crossings = []
    for each in study.content["responses"]:
        with np.load(study.folder / each["array"]) as stored:
            frequencies, transfer, coherence = (
                stored[name] for name in ("frequencies", "transfer", "coherence")
            )
        passed = (coherence >= 0.5) & (frequencies > 0)
        if passed.any():
            low = transfer < 0.5 * np.median(transfer[passed])
            beyond = frequencies > frequencies[passed].min()
            crossings.append(min(frequencies[low & beyond], default=frequencies[-1]))
    step = frequencies[1]
    said = [float(text.replace(" ", "")) for text in found.groups()]
    return all(
        abs(one - other) < 6 * step
        for one, other in zip(said, (min(crossings), max(crossings)), strict=True)
    )


def _aliased(study: Study, found: re.Match[str]) -> bool:
    """Whether models whose decoders leave gaps put most power of a tone's images."""
    shares = {
        name.split(".")[2]: number["value"]
        for name, number in study.content["numbers"].items()
        if name.startswith("response.") and name.endswith(".alias")
    }
    least = min(shares[str(size)] for size in numbers_in(found[1].replace(" ", "")))
    return sum(share >= least for share in shares.values()) == len(found[1].split(" y "))


def _scattered(study: Study, found: re.Match[str]) -> bool:
    family = caption_oracle.family_of(study, found[1])
    names = {"original", *(f"{family}.{size}" for size in study.sizes(family))}
    whole = [each for each in study.content["exploration"] if each["vector"] in names]
    return all(2 * each["sizes"].count(1) > len(each["sizes"]) for each in whole)


def _left_out(study: Study) -> set[str]:
    """The files with faults of which no clip is used."""
    data = study.content["data"]
    faulty = {fault["file"] for fault in data["faults"]}
    return faulty - {clip["file"] for clip in data["clips"]}


def _tree(study: Study) -> list[bool]:
    chance = max(study.value("tree.original.uniform"), study.value("tree.original.majority"))
    family = study.content["models"][0]["family"]
    names = ["original", *(f"{family}.{size}" for size in study.sizes())]
    return [study.low(f"tree.{name}.accuracy") > chance for name in names]


def _linear(study: Study, found: re.Match[str]) -> bool:
    """LDA is above the tree with every averaged latent vector and reference."""
    averaged = {
        name.split(".", 2)[2].removesuffix(".accuracy")
        for name in study.content["numbers"]
        if name.startswith("probe.") and name.endswith(".accuracy") and ".original." not in name
    }
    return bool(averaged) and all(
        study.value(f"probe.tree.{name}.accuracy") < study.low(f"probe.lda.{name}.accuracy")
        for name in averaged
    )


def _raised(name: str, against: str = "base") -> Check:
    """An experiment's SNR is above that of another."""
    return lambda study, _: study.gap(f"experiment.{name}.snr", f"experiment.{against}.snr")[0] > 0


def _lowered(name: str, against: str = "base") -> Check:
    """An experiment's SNR is below that of another."""
    return lambda study, _: study.gap(f"experiment.{name}.snr", f"experiment.{against}.snr")[1] < 0


def _filtered(study: Study, found: re.Match[str]) -> bool:
    names = [name for name in study.content["numbers"] if name.endswith(".filtered")]
    return bool(names) and all(
        study.value(name) < study.value(name.replace(".filtered", ".shuffled")) for name in names
    )


def _outcoded(study: Study, found: re.Match[str]) -> bool:
    codec = found[1].lower()
    pattern = re.compile(rf"coding\.{codec}\.(\d+)\.snr")
    rates = [match[1] for name in study.content["numbers"] if (match := pattern.fullmatch(name))]
    ours, theirs = ([f"coding.{c}.{rate}.snr" for rate in rates] for c in ("latente", codec))
    return bool(rates) and all(
        study.gap(one, other)[0] > 0 for one, other in zip(ours, theirs, strict=True)
    )


def _packed(study: Study, found: re.Match[str]) -> bool:
    size, packed = numbers_in(re.sub(r"(?<=\d)\s(?=\d)", "", found[0]))
    named = [
        name
        for name in study.content["numbers"]
        if re.fullmatch(rf"coding\.packed\.\w+\.{size}\.numbers", name)
    ]
    return any(study.value(name) == packed < size for name in named)


TRUTHS: dict[str, Check] = (
    caption_oracle.TRUTHS
    | generation_oracle.TRUTHS
    | {
        r"relación señal-ruido crece con el tamaño": lambda study, _: (
            study.snr() == sorted(study.snr(), reverse=True)
        ),
        r"relación señal-ruido baja cuando el vector": lambda study, _: (
            study.snr() == sorted(study.snr())
        ),
        r"relación señal-ruido no sigue de manera clara": lambda study, _: (
            study.snr() != sorted(study.snr(), reverse=True) or not _each_step_is_sure(study)
        ),
        r"cae a la mitad entre (\d+) y (\d+) Hz según": _passed,
        r"huecos generan frecuencias nuevas\.\*\* Con ([\d y]+) números": _aliased,
        r"modelos? de ([\d, y]+) números no superan? de manera clara": _no_sound,
        r"(?:Todos los modelos aprendieron|El modelo aprendió)\.": lambda study, _: (
            min(study.low(f"{study.first}{size}.snr") for size in study.sizes()) > 0
        ),
        r"Ninguno de los modelos supera de manera clara": lambda study, _: (
            max(study.low(f"{study.first}{size}.snr") for size in study.sizes()) <= 0
        ),
        r"sin entrenamiento alguno, da siempre una SNR mayor": _beaten,
        r"menor tamaño aceptable, según una regla fijada de antemano, es el de (\d+)": _chosen,
        r"Ninguno de los tamaños es aceptable": lambda study, _: (
            study.content["choice"]["families"][0]["by_rule"] is None
        ),
        r"tiene un costo que se mide con claridad": _cheaper,
        r"una diferencia que estos fragmentos no alcanzan": _same,
        r"completos(?: de la familia (\w+))? el reparto es siempre el mismo": _scattered,
        r"Con los vectores completos, ningún árbol supera": lambda study, _: not any(_tree(study)),
        r"Con los vectores completos, el árbol supera con claridad el azar en todos": (
            lambda study, _: all(_tree(study))
        ),
        r"El árbol acierta con claridad menos que el discriminante con todos": _linear,
        r"Frente a (Opus|MP3|Vorbis)\*\*, en SNR[^;.]* gana con todas": _outcoded,
        r"Empaquetado así, el vector de [\d\s]+ números[^,.]* cabe en \d[\d\s]*": _packed,
        r"Con artistas distintos, todos los aciertos bajan": _filtered,
        r"un banco de filtros lineales, y reconstruye mejor": _raised("linear"),
        r"un banco de filtros lineales, y reconstruye peor": _lowered("linear"),
        r"Reducir de a poco no fue lo mejor": lambda study, found: (
            _raised("expand")(study, found) and _raised("wide")(study, found)
        ),
        r"con un núcleo de \d+, la SNR aumentó": _raised("18376_mended"),
        r"cerrar los huecos que deja el decodificador aumentó": _raised("9184_mended", "9184"),
        r"épocas, la SNR todavía aumentó": _raised("epochs_80"),
        r"música sintética": lambda study, _: study.content["data"]["synthetic"],
        r"Todos los archivos pudieron usarse": lambda study, _: not study.content["data"]["faults"],
        r"No hay fragmentos idénticos entre sí ni se reconocieron copias": lambda study, _: (
            not study.content["data"]["duplicates"] + study.content["data"]["copies"]
        ),
        r"respeta la proporción de cada género": lambda study, _: all(
            min(genre["training"], genre["validation"], genre["test"]) > 0
            for genre in study.content["data"]["genres"]
        ),
        r"Quedaron fuera siete archivos": lambda study, _: len(_left_out(study)) == 7,
        r"(?s)de la @tbl-excluidos no forman? parte del estudio\..*?\|:-+\|(.*?)\n:::": (
            lambda study, found: (
                set(re.findall(r"^\| (.*?) \|", found[1], re.M)) == _left_out(study)
            )
        ),
        r"Todos los modelos alcanzan su mejor pérdida antes": lambda study, _: all(
            model["best_epoch"] < len(model["epochs"]) for model in study.content["models"]
        ),
        r"El modelo tiene su mejor pérdida en la última": lambda study, _: (
            study.content["models"][0]["best_epoch"] == len(study.content["models"][0]["epochs"])
        ),
    }
)


def study(results: Path, content: Content, text: str) -> Study:
    """A study whose report reads `text`."""
    with np.load(results / content["per_clip"]) as arrays:
        return Study(content, dict(arrays), text, results)


def spoken(found: Study) -> Iterator[tuple[str, re.Match[str]]]:
    """Every known sentence that the report says, and where."""
    for pattern in TRUTHS:
        for match in re.finditer(pattern, found.text):
            yield pattern, match


def false(found: Study) -> list[str]:
    """The sentences of the report that its numbers do not bear."""
    return [match[0] for pattern, match in spoken(found) if not TRUTHS[pattern](found, match)]
