"""What chapter 4 and the conclusions say of generated sound, checked on results.json and on sounds.

Nothing here calls the report; the flatness behind the figure's caption is SciPy's.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import numpy as np
import soundfile
from scipy.signal import stft

from report.paths import TEMPLATES
from tests.report.caption_oracle import family_of

if TYPE_CHECKING:
    from tests.report.claim_oracle import Check, Study

AT = r"(?:En la familia (\w+)|Aquí)"
HEARD = {
    "Media de unos pocos": "genre_songs", "Media del género": "genre",
    "Azar gaussiano": "gaussian", "VAE": "vae", "Proceso gaussiano": "process", "Flujo": "flow",
    "Collage": "walk",
}  # fmt: skip


def _shown(study: Study, said: str | None) -> str:
    """The model of a family of which every kind of vector was decoded."""
    family = family_of(study, said)
    sizes, wanted = study.sizes(family), study.content["study"]["size"]
    return f"{family}.{wanted if wanted in sizes else sizes[len(sizes) // 2]}"


def shown(study: Study, family: str) -> str:
    """The model of a family of which every kind of vector was decoded."""
    return _shown(study, family)


def means(study: Study, model: str) -> list[float]:
    """The similarity of a model's means to the mixes of their sources."""
    return _values(study, model, "songs|genre_songs|genre", "similarity")


def _genre(study: Study) -> str:
    names = [genre["name"] for genre in study.content["data"]["genres"]]
    stated = study.content["study"]["report"]["genre"]
    return stated if stated in names else "jazz" if "jazz" in names else names[0]


def _values(study: Study, model: str, kinds: str, measure: str) -> list[float]:
    """A measure of a model's sounds of some kinds, of the chapter's genre where they have one."""
    which = rf"(\d+|{re.escape(_genre(study))})"
    pattern = re.compile(rf"generation\.{re.escape(model)}\.({kinds})\.{which}\.{measure}")
    return [study.value(name) for name in study.content["numbers"] if pattern.fullmatch(name)]


def _similar(kinds: str) -> Check:
    """High, low or mixed similarity, as the wording says."""

    def check(study: Study, found: re.Match[str]) -> bool:
        values = _values(study, _shown(study, found[1]), kinds, "similarity")
        values = values[1:-1] if kinds == "path" else values  # the ends are the songs
        high = [value >= 0.5 for value in values]
        if re.search(
            r"es alta|un fragmento baja|de sus fragmentos \(correlación de [\d,]+ o más",
            found[2],
        ):
            return all(high)
        if re.search(r"no pasa de|ningún punto|no se parece", found[2]):
            return not any(high)
        return any(high) and not all(high)

    return check


def _noisy(study: Study, found: re.Match[str]) -> bool:
    model = _shown(study, found[1])
    pairs = zip(
        _values(study, model, "uniform|gaussian", "flatness"),
        _values(study, model, "uniform|gaussian", "noise_flatness"),
        strict=True,
    )
    noisy = [flatness >= 0.75 * noise for flatness, noise in pairs]
    if found[2].startswith("algunos"):
        return any(noisy) and not all(noisy)
    return all(noisy) if " no se distinguen" in found[2] else not any(noisy)


def _line(study: Study, found: re.Match[str]) -> bool:
    first, *_, last = _values(study, _shown(study, found[1]), "line", "similarity")
    said = [float(text.replace(",", ".").replace("−", "-")) for text in found.groups()[2:4] if text]
    if found[2] is None:  # not even the clip itself is similar
        return first < 0.5 and np.allclose(said, first, atol=0.006)
    near = np.allclose(said, [first, last] if said[1:] else first, atol=0.006)
    return near and first >= 0.5 and (first - last > 0.1) == ("cae" in found[2])


def _interval(study: Study, row: str, score: str) -> tuple[float, float]:
    number = study.content["numbers"][f"generation.{row}.{score}"]
    low, high = number.get("interval", [number["value"]] * 2)
    return low, high


def _below(row: str, others: tuple[str, ...], score: str = "kad") -> Check:
    """A row's interval is below those of others."""

    def check(study: Study, found: re.Match[str]) -> bool:
        high = _interval(study, row, score)[1]
        return all(high < _interval(study, other, score)[0] for other in others)

    return check


def _not_above(row: str, other: str, score: str, said: str) -> Check:
    """A row's interval is not above that of another; above it, if the sentence contains `said`."""

    def check(study: Study, found: re.Match[str]) -> bool:
        is_above = _interval(study, row, score)[0] > _interval(study, other, score)[1]
        return is_above == bool(re.search(said, found[0]))

    return check


def _ordered(row: str, other: str, score: str, above: str, below: str) -> Check:
    """A row's interval is above that of another if the sentence contains `above`, below it if
    `below`, and else neither."""

    def check(study: Study, found: re.Match[str]) -> bool:
        (low, high), (other_low, other_high) = (
            _interval(study, each, score) for each in (row, other)
        )
        orders = (low > other_high, high < other_low)
        return orders == tuple(bool(re.search(said, found[0])) for said in (above, below))

    return check


def _flattest(study: Study, found: re.Match[str]) -> bool:
    """The named sound has the highest flatness under the frequency that holds 95 % of the power."""
    genres = tomllib.loads((TEMPLATES / "words.toml").read_text("utf-8"))["genres"]
    names = {spanish: name for name, spanish in genres.items()}
    genre = names.get(found[1], found[1])
    model = f"{family_of(study, found[2])}.{found[3].replace(' ', '')}"
    flatness: dict[str, float] = {}
    for each in study.content["generated"]:
        if each["model"] == model and each["genre"] in (None, genre):
            flatness.setdefault(each["kind"], _flatness(study, each["audio"]))
    for each in study.content["new_music"]:
        if each["genre"] == genre:
            flatness.setdefault(each["model"], _flatness(study, each["audio"]))
    flatness = {what: flatness[what] for what in HEARD.values() if what in flatness}
    return max(flatness.values()) - flatness[HEARD[found[4]]] < 0.03


def _flatness(study: Study, audio: str) -> float:
    sound, _ = soundfile.read(study.folder / audio)
    _, _, values = stft(sound, nperseg=1024, noverlap=768, boundary=None)
    power = np.abs(values[1:]) ** 2 + 1e-20
    share = np.cumsum(power.sum(axis=1)) / power.sum()
    power = power[: max(32, int(np.searchsorted(share, 0.95)) + 1)]
    return float((np.exp(np.log(power).mean(axis=0)) / power.mean(axis=0)).mean())


TRUTHS: dict[str, Check] = {
    rf"{AT} la correlación ((?:es alta|va|no pasa)[^:.]*)[:.]": _similar("songs|genre_songs|genre"),
    rf"{AT} ((?:un fragmento baja|solo parte del camino|ningún punto)[^:]*):": _similar("path"),
    r"varios vectores(?: de la familia (\w+))? (da la mezcla de sus fragmentos[^.]*|no se "
    r"parece)": _similar("songs|genre_songs|genre"),
    rf"{AT} ((?:los|algunos) vectores al azar [^:]*):": _noisy,
    rf"{AT}(?:, (a \w+\sveces[^,]*, la correlación con él (?:cae|pasa|sigue)) (?:de|en) | la "
    r"correlación ya es baja en el fragmento mismo \()(−?[\d,]*\d)(?: a (−?[\d,]*\d))?": _line,
    r"los gaussianos(?: de la familia \w+)? quedan más (?:cerca|lejos) de la música que el "
    r"(?:propio )?ruido blanco": (_not_above("draws", "noise", "kad", "lejos")),
    r"En KAD, las medias(?: de la familia \w+)? quedan más cerca de la música": _below(
        "means", ("noise",)
    ),
    r"La KAD del ruido blanco, de las medias y de los vectores al azar es mayor": _below(
        "flow", ("noise", "means", "draws")
    ),
    r"El flujo y el proceso gaussiano [^.]* no se distinguen en KAD|"
    r"El flujo queda más (?:cerca|lejos) de la música, en KAD, que el proceso": (
        _not_above("flow", "process", "kad", "más lejos")
    ),
    r"El flujo, un modelo hecho para generar, queda a una distancia": _below(
        "flow", ("means", "draws")
    ),
    r"música reservada, reconstruida, [^.]*": (
        _not_above("means", "reconstructed", "kad", "más lejos")
    ),
    r"El flujo no (?:alcanza la KAD|se distingue) de la música que pasó por el vocoder|La KAD del "
    r"flujo es menor que la de la música": _ordered("flow", "vocoder", "kad", "no alc", "es menor"),
    r"En pulso, el flujo (?:supera al|queda por debajo del|no se distingue del) proceso": (
        _ordered("flow", "process", "pulse", "supera", "por debajo")
    ),
    r"El VAE, con una KAD de [\d,]+, [^.]*": (_not_above("vae", "process", "kad", "más lejos")),
    r"No puede decirse que el flujo copie: s\w+ pare\w+ [^()]*|"
    r"El flujo se parece a los fragmentos de entrenamiento más": (
        _ordered("flow", "real", "copying", "más", "menos")
    ),
    r"El collage(?: sí copia|, que copia[^:(]*)": (
        _ordered("walk", "real", "copying", "sí copia", "por debajo")
    ),
    r"Que el flujo pase de la música verdadera": (
        _ordered("flow", "real", "genre", "pase", "menos")
    ),
    r"(?s)escala mel; 0 dB [^.]+\. Género (.+?)\. El original [^;]+; las medias y el azar "
    r"gaussiano son de la red (?:(\S+) )?de ([\d ]+) números\.\s+De lo generado, lo más parecido "
    r"al ruido, por su planitud, es «(.+?)»": _flattest,
}
"""Patterns of what is said of generated sound, and what must hold wherever they stand."""
