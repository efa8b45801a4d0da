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

    def high(self, name: str) -> float:
        """The high end of a number's interval, or its value."""
        number = self.content["numbers"][name]
        return float(number.get("interval", [number["value"]])[-1])

    def sizes(self, family: str | None = None) -> list[int]:
        """The sizes of a family, or of the first."""
        models = self.content["models"]
        family = family or models[0]["family"]
        return [model["size"] for model in models if model["family"] == family]

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


def _versions(study: Study, said: str | None) -> list[str]:
    """The beginnings of the names of a family's numbers, from its largest size."""
    family = caption_oracle.family_of(study, said)
    return [f"reconstruction.{family}.{size}." for size in study.sizes(family)]


def _no_sound(study: Study, found: re.Match[str]) -> bool:
    silent = [name for name in _versions(study, found[2]) if study.low(f"{name}snr") <= 0]
    return numbers_in(found[1]) == [int(name.split(".")[2]) for name in silent]


def _all_silent(study: Study, found: re.Match[str]) -> bool:
    return all(study.low(f"{name}snr") <= 0 for name in _versions(study, found[1]))


def _below_silence(study: Study, found: re.Match[str]) -> bool:
    """Of all sizes or those named, the SNR is surely negative, and their means are those said."""
    said = [float(text.replace(",", ".").replace("−", "-")) for text in found.groups()[2:] if text]
    names = [n for n in _versions(study, found[2]) if study.low(f"{n}snr") <= 0]
    means = [study.value(f"{name}snr") for name in names]
    highs = [study.content["numbers"][f"{name}snr"]["interval"][1] for name in names]
    sizes = numbers_in(found[1] or "") or study.sizes(caption_oracle.family_of(study, found[2]))
    fit = abs(said[0] - min(means)) < 0.06 and abs(said[-1] - max(means)) < 0.06
    return fit and max(highs) < 0 and sizes == [int(name.split(".")[2]) for name in names]


def _like_silence(study: Study, found: re.Match[str]) -> bool:
    names = [n for n in _versions(study, found[2]) if study.low(f"{n}snr") <= 0]
    sizes = numbers_in(found[1] or "") or study.sizes(caption_oracle.family_of(study, found[2]))
    near = all(abs(study.value(f"{name}snr")) < 0.05 for name in names)
    return near and sizes == [int(name.split(".")[2]) for name in names]


def _worse_than_silence(study: Study, found: re.Match[str]) -> bool:
    numbers = [study.content["numbers"][f"{name}snr"] for name in _versions(study, found[1])]
    return all(number.get("interval", [0, 0])[1] < 0 for number in numbers)


def _against_filter(better: bool) -> Check:
    """A family's SNR is above, or below, that of the low-pass filter at each of its sizes."""

    def check(study: Study, found: re.Match[str]) -> bool:
        pairs = [
            (f"{name}snr", f"baseline.lowpass.{name.split('.')[2]}.snr")
            for name in _versions(study, found[1])
        ]
        return all(study.gap(*(pair if better else pair[::-1]))[0] > 0 for pair in pairs)

    return check


def _beats_every_method(study: Study, found: re.Match[str]) -> bool:
    methods = {name.split(".")[1] for name in study.values if name.startswith("baseline.")}
    return all(
        study.gap(f"{name}snr", f"baseline.{method}.{name.split('.')[2]}.snr")[0] > 0
        for name in _versions(study, found[1])
        for method in methods
    )


def _below_every_method(study: Study, found: re.Match[str]) -> bool:
    methods = {name.split(".")[1] for name in study.values if name.startswith("baseline.")}
    return all(
        study.gap(f"{name}snr", f"baseline.{method}.{name.split('.')[2]}.snr")[1] < 0
        for name in _versions(study, found[1])
        for method in methods
    )


def _chosen_untrained(study: Study, found: re.Match[str]) -> bool:
    """The smallest size of a family measured before training that meets the rule."""
    names = [f"untrained.{m['family']}.{m['size']}." for m in study.content["models"]]
    fit = [n for n in names if f"{n}snr" in study.values and _acceptable(study, n)]
    return bool(fit) and fit[-1].split(".")[2] == found[1]


def _all_losses_fall(study: Study, _: re.Match[str]) -> bool:
    """In every family, the best validation loss falls from each size to the next larger."""
    for family in {model["family"] for model in study.content["models"]}:
        names = [f"training.{family}.{n}.best_validation_rmse" for n in study.sizes(family)]
        losses = [study.value(name) for name in names]
        if losses != sorted(losses):
            return False
    return True


def _taught_most(study: Study, found: re.Match[str]) -> bool:
    """The sizes at which training adds more than the design, by the means."""
    measure, sizes = found[1].lower(), []
    for model in study.content["models"]:
        name = f"untrained.{model['family']}.{model['size']}.{measure}"
        if name in study.content["numbers"]:
            trained = study.value(name.replace("untrained", "reconstruction"))
            codec = study.value(f"baseline.codec.{model['size']}.{measure}")
            sizes += (
                [model["size"]] if trained - study.value(name) > study.value(name) - codec else []
            )
    return sizes == numbers_in(found[2])


def _verdict(study: Study, found: re.Match[str]) -> bool:
    """What a conclusion says of its hypothesis."""
    families = {model["family"] for model in study.content["models"]}
    flags: list[bool] = []
    tested = sum(clip["split"] == "test" for clip in study.content["data"]["clips"])
    # Genres are classified by cross-validation, which needs no test clips.
    for family in families if tested > 1 or found[1] == "Contenido" else ():
        names = [f"reconstruction.{family}.{size}." for size in study.sizes(family)]
        if found[1] == "Contenido":
            genres = [clip["genre"] for clip in study.content["data"]["clips"]]
            chance = max(genres.count(genre) for genre in genres) / len(genres)
            chance = max(chance, 1 / len(set(genres)))
            flags += [
                study.low(f"probe.lda.{name.split('.', 1)[1]}averaged.accuracy") > chance
                for name in names
            ]
        elif found[1] == "Comparación":
            methods = {name.split(".")[1] for name in study.values if name.startswith("baseline.")}
            for name in names:
                for measure, sign in (("snr", 1), ("log_mel", -1)):
                    rivals = [f"baseline.{m}.{name.split('.')[2]}.{measure}" for m in methods]
                    gaps = [study.gap(f"{name}{measure}", rival) for rival in rivals]
                    flags.append(all(sign * gap[sign < 0] > 0 for gap in gaps))
        else:
            values = [study.value(f"{name}snr") for name in names]
            steps = [one - other for one, other in pairwise(values)]
            flags += [min(steps) > 0] if steps else []
            flags += [steps[0] < max(steps)] if steps[1:] else []
            flags.append(any(_acceptable(study, name) for name in names))
    return found[2] == _said(flags)


def _said(flags: list[bool]) -> str:
    """The verdict if these predictions are or are not borne out."""
    if not flags:
        return "No se puso a prueba"
    if any(flags):
        return "Se sostiene" if all(flags) else "Se sostiene en parte"
    return "No se sostiene"


def _several(study: Study) -> bool:
    name = next(name for name in study.values if name.startswith("reconstruction."))
    return bool(np.sum(~np.isnan(study.values[name])) > 1)


def _adaptation_verdict(study: Study, found: re.Match[str]) -> bool:
    """The sparse MDCT beats the KLT at every size in both measures, and at each size the design of
    a family adds more than its training."""
    sizes = {model["size"] for model in study.content["models"]}
    flags: list[bool] = []
    for measure, sign in (("snr", 1), ("log_mel", -1)) if _several(study) else ():
        pairs = [(f"baseline.mdct.{n}.{measure}", f"baseline.klt.{n}.{measure}") for n in sizes]
        if pairs[0][0] in study.values and pairs[0][1] in study.values:
            gaps = [study.gap(*pair) for pair in pairs]
            flags.append(all(sign * gap[sign < 0] > 0 for gap in gaps))
    for name in study.content["numbers"] if flags else ():
        if match := re.fullmatch(r"untrained\.(\w+\.(\d+)\.(snr|log_mel|visqol))", name):
            sign = -1 if match[3] == "log_mel" else 1
            before, codec = study.value(name), f"baseline.codec.{match[2]}.{match[3]}"
            trained = study.value(f"reconstruction.{match[1]}")
            flags.append(sign * (trained - before) <= sign * (before - study.value(codec)))
    return found[2] == _said(flags)


def _new_music_verdict(study: Study, found: re.Match[str]) -> bool:
    """No new song is below the test clips, nor are all below the median; means of vectors are
    mixes, and nearer to music than noise."""
    songs = [song["name"] for song in study.content["songs"] if song["role"] == "new"]
    flags: list[bool] = []
    for family in dict.fromkeys(model["family"] for model in study.content["models"]):
        shown = generation_oracle.shown(study, family)
        if songs and _several(study):
            low = round(float(np.quantile(study.values[f"reconstruction.{shown}.snr"], 0.025)), 1)
            flags.append(all(round(study.value(f"song.{s}.{shown}.snr"), 1) >= low for s in songs))
            flags.append(
                all(
                    max(study.value(f"song.{song}.{family}.{size}.snr") for song in songs)
                    >= np.median(study.values[f"reconstruction.{family}.{size}.snr"])
                    for size in study.sizes(family)
                )
            )
        if means := generation_oracle.means(study, shown):
            flags.append(min(means) >= 0.5)
    numbers = study.content["numbers"]
    ends = [numbers.get(f"generation.{row}.kad", {}).get("interval") for row in ("means", "noise")]
    flags += [ends[0][1] < ends[1][0]] if all(ends) else []
    if songs and flags and not _several(study):
        return found[2] == "Se puso a prueba solo en parte"
    return found[2] == _said(flags)


def _bits_verdict(study: Study, found: re.Match[str]) -> bool:
    """Our coder is surely better than the first of the others at all rates that both have."""
    codecs = study.content["coding"]["codecs"]
    rival = next((codec for codec, rates in codecs.items() if rates and codec != "latente"), "")
    flags: list[bool] = []
    for measure, sign in (("snr", 1), ("log_mel", -1), ("visqol", 1)):
        pairs = [
            (f"coding.latente.{rate}.{measure}", f"coding.{rival}.{rate}.{measure}")
            for rate in codecs.get(rival, [])
        ]
        pairs = [pair for pair in pairs if study.values.keys() >= set(pair)]
        known = [~np.isnan(study.values[one] - study.values[other]) for one, other in pairs]
        if len(pairs) > 1 and all(each.sum() > 1 for each in known):
            flags.append(all(sign * study.gap(*pair)[sign < 0] > 0 for pair in pairs))
    return found[2] == _said(flags)


def _chosen_farther(study: Study, _: re.Match[str]) -> bool:
    """The sparse MDCT is farther than the KLT at every size."""
    sizes = {model["size"] for model in study.content["models"]}
    names = [(f"baseline.mdct.{n}.log_mel", f"baseline.klt.{n}.log_mel") for n in sizes]
    return all(study.gap(*pair)[0] > 0 for pair in names)


def _taught(study: Study, found: re.Match[str]) -> bool:
    """Training raises SNR at every size, by between the means said."""
    gains = [
        (f"{name}snr", f"{name}snr".replace("reconstruction", "untrained"))
        for name in _versions(study, found[1])
    ]
    means = [study.value(trained) - study.value(before) for trained, before in gains]
    said = [float(text.replace(",", ".")) for text in found.groups()[1:] if text]
    fit = abs(said[0] - min(means)) < 0.02 and abs(said[-1] - max(means)) < 0.02
    return fit and all(study.gap(*pair)[0] > 0 for pair in gains)


def _acceptable(study: Study, name: str) -> bool:
    bounds = study.content["choice"]
    return (
        study.value(f"{name}snr") >= bounds["snr"]
        and study.value(f"{name}log_mel") <= bounds["log_mel"]
        and (bounds["visqol"] is None or study.value(f"{name}visqol") >= bounds["visqol"])
    )


def _chosen(study: Study, found: re.Match[str]) -> bool:
    within = [name for name in _versions(study, found[1]) if _acceptable(study, name)]
    return bool(within) and within[-1].split(".")[2] == found[2]


def _none_chosen(study: Study, found: re.Match[str]) -> bool:
    return not any(_acceptable(study, name) for name in _versions(study, found[1]))


def _grows(study: Study, found: re.Match[str]) -> bool:
    values = [study.value(f"{name}snr") for name in _versions(study, found[1])]
    return values == sorted(values, reverse=True)


def _shrinks(study: Study, found: re.Match[str]) -> bool:
    values = [study.value(f"{name}snr") for name in _versions(study, found[1])]
    return values == sorted(values)


def _unordered(study: Study, found: re.Match[str]) -> bool:
    names = [f"{name}snr" for name in _versions(study, found[1])]
    gaps = [study.gap(larger, smaller) for larger, smaller in pairwise(names)]
    return not _grows(study, found) or not all(low > 0.3 * (high - low) for low, high in gaps)


def _best_before_the_end(study: Study, found: re.Match[str]) -> bool:
    family = caption_oracle.family_of(study, found[1])
    models = [model for model in study.content["models"] if model["family"] == family]
    return all(model["best_epoch"] < len(model["epochs"]) for model in models)


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
    models = {f"{model['family']}.{model['size']}" for model in study.content["models"]}
    names = {"original", *models}
    whole = [each for each in study.content["exploration"] if each["vector"] in names]
    flags = [2 * each["sizes"].count(1) > len(each["sizes"]) for each in whole]
    return caption_oracle.parts_in(found[1]) == (sum(flags), len(flags))


def _left_out(study: Study) -> set[str]:
    """The files with faults of which no clip is used."""
    data = study.content["data"]
    faulty = {fault["file"] for fault in data["faults"]}
    return faulty - {clip["file"] for clip in data["clips"]}


def _tree(study: Study, found: re.Match[str]) -> bool:
    """The tree is above chance with every or with no whole vector of a family."""
    chance = max(study.value("tree.original.uniform"), study.value("tree.original.majority"))
    family = caption_oracle.family_of(study, found[2])
    clips = study.content["numbers"]["tree.original.accuracy"].get("clips", 0)
    names = [f"tree.{family}.{size}.accuracy" for size in study.sizes(family)]
    flags = [clips > 1 and study.low(name) > chance for name in names]
    return not any(flags) if found[1] else all(flags)


def _read(study: Study, found: re.Match[str]) -> bool:
    """The lowest and highest accuracy of LDA of a family, beside the best reference; models that
    make one vector of every clip do not count."""
    family = caption_oracle.family_of(study, found[1])
    sizes = [size for size in study.sizes(family) if study.value(f"pca.{family}.{size}.{FIRST}")]
    sizes = sizes or study.sizes(family)
    names = {size: f"probe.lda.{family}.{size}.averaged.accuracy" for size in sizes}
    values = [100 * study.value(name) for name in names.values()]
    said = [float(each) for each in re.findall(r"(\d+) %", found[2])]
    best = max((f"probe.lda.{each}.accuracy" for each in ("log_mel", "mfcc")), key=study.value)
    less = [size for size, name in names.items() if study.high(name) < study.low(best)]
    more = [size for size, name in names.items() if study.low(name) > study.high(best)]
    apart = numbers_in(found[4].replace("\u00a0", "")) if found[4] else []
    right = {
        "menos": [size for size in sizes if size not in less] == apart,
        "más": more == sizes,
        "lo": not less and not more,
    }[found[3]]
    return right and abs(said[0] - min(values)) < 1 and abs(said[-1] - max(values)) < 1


def _above_chance(study: Study, found: re.Match[str]) -> bool:
    """The tree and LDA are above chance with every averaged latent vector."""
    genres = [clip["genre"] for clip in study.content["data"]["clips"]]
    chance = max(genres.count(genre) for genre in set(genres)) / len(genres)
    return all(
        study.low(name) > chance
        for name in study.content["numbers"]
        if re.fullmatch(r"probe\.(tree|lda)\.\w+\.\d+\.averaged\.accuracy", name)
    )


def _lost(study: Study, found: re.Match[str]) -> bool:
    """Whether the mean SNR of the shortest vector is below that of the longest."""
    family = caption_oracle.family_of(study, found[3])
    names = [f"reconstruction.{family}.{found[place]}.snr" for place in (1, 2)]
    low, high = study.gap(*names)
    return {"baja": low > 0, "sube": high < 0}.get(found[4], low <= 0.3 * (high - low))


def _outside(study: Study, found: re.Match[str]) -> bool:
    """How many new songs are below and above the central 95 % of the test clips."""
    version = f"{caption_oracle.family_of(study, found[2])}.{found[1]}"
    clips = study.values[f"reconstruction.{version}.snr"]
    low, high = (round(float(end), 1) for end in np.quantile(clips, [0.025, 0.975]))
    songs = [song["name"] for song in study.content["songs"] if song["role"] == "new"]
    values = [round(study.value(f"song.{song}.{version}.snr"), 1) for song in songs]
    below, above = (sum(v < low for v in values), sum(v > high for v in values))
    counts = {"una": 1, "dos": 2, "tres": 3, "cuatro": 4}
    first = counts.get(found[3], len(values))  # la, las dos
    if found[4] == "dentro":
        return below == above == 0
    if found[4] == "por encima":
        return (below, above) == (0, first)
    return (below, above) == (first, counts.get(found[5], 0))


def _below_median(study: Study, found: re.Match[str]) -> bool:
    """Every new song's SNR is below, or above, the test clips' median at every size."""
    family = caption_oracle.family_of(study, found[1])
    songs = [song["name"] for song in study.content["songs"] if song["role"] == "new"]
    differences = [
        study.value(f"song.{song}.{family}.{size}.snr")
        - float(np.median(study.values[f"reconstruction.{family}.{size}.snr"]))
        for size in study.sizes(family)
        for song in songs
    ]
    return max(differences) < 0 if found[2] == "debajo" else min(differences) > 0


def _linear(study: Study, found: re.Match[str]) -> bool:
    """With how many averaged latent vectors and references LDA is above the tree, and clearly."""
    averaged = {
        name.split(".", 2)[2].removesuffix(".accuracy")
        for name in study.content["numbers"]
        if name.startswith("probe.")
        and name.endswith(".accuracy")
        and not name.endswith(".original.accuracy")
    }
    pairs = [(f"probe.tree.{name}.accuracy", f"probe.lda.{name}.accuracy") for name in averaged]
    more = sum(study.value(tree) < study.value(lda) for tree, lda in pairs)
    ends = [study.content["numbers"][tree].get("interval", [0, 1])[1] for tree, _ in pairs]
    apart = sum(end < study.low(lda) for end, (_, lda) in zip(ends, pairs, strict=True))
    counts = [caption_oracle.parts_in(each) for each in found.groups()]
    return counts == [(more, len(pairs)), (apart, len(pairs))]


def _raised(name: str, against: str = "base") -> Check:
    """An experiment's SNR is above that of another."""
    return lambda study, _: study.gap(f"experiment.{name}.snr", f"experiment.{against}.snr")[0] > 0


def _lowered(name: str, against: str = "base") -> Check:
    """An experiment's SNR is below that of another."""
    return lambda study, _: study.gap(f"experiment.{name}.snr", f"experiment.{against}.snr")[1] < 0


def _filtered(study: Study, found: re.Match[str]) -> bool:
    """The accuracies of LDA in GTZAN's filtered partition, beside random ones."""
    numbers = study.content["numbers"]
    names = [name for name in numbers if re.fullmatch(r"probe\.lda\..*\.filtered", name)]
    said = [re.findall(r"\d+", found[place]) for place in (2, 3)]
    told = {
        (round(100 * study.value(name.replace(".filtered", ".shuffled"))),
         round(100 * study.value(name)))
        for name in names if numbers[name]["clips"] == int(found[1])
    }  # fmt: skip
    return all((int(each[0]), int(each[-1])) in told for each in said)


def _outcoded(study: Study, found: re.Match[str]) -> bool:
    """How many rates the coder wins, ties and loses in SNR."""
    codec = found[1].lower()
    pattern = re.compile(rf"coding\.{codec}\.(\d+)\.snr")
    rates = [match[1] for name in study.content["numbers"] if (match := pattern.fullmatch(name))]
    gaps = [study.gap(f"coding.latente.{rate}.snr", f"coding.{codec}.{rate}.snr") for rate in rates]
    wins, ties, losses = (int(found[place]) for place in (2, 3, 4))
    sure = [sum(low > 0.3 * (high - low) for low, high in gaps),
            sum(high < -0.3 * (high - low) for low, high in gaps)]  # fmt: skip
    return wins + ties + losses == len(rates) and sure[0] <= wins and sure[1] <= losses


def _won_rates(study: Study, found: re.Match[str]) -> bool:
    """At how many rates the coder wins and loses against Opus: at each won its mean is better."""
    measure = {"SNR": "snr", "log-mel": "log_mel", "ViSQOL": "visqol"}[found[1]]
    pattern = re.compile(rf"coding\.opus\.(\d+)\.{measure}")
    rates = [match[1] for name in study.content["numbers"] if (match := pattern.fullmatch(name))]
    gaps = [
        study.value(f"coding.latente.{rate}.{measure}")
        - study.value(f"coding.opus.{rate}.{measure}")
        for rate in rates
        if f"coding.latente.{rate}.{measure}" in study.content["numbers"]
    ]
    better = sum((gap < 0) == (measure == "log_mel") for gap in gaps)
    if found[2] is None:
        return better < len(gaps)
    won, total = caption_oracle.parts_in(found[2].replace("las ", "los ").replace("una ", "uno "))
    return total == len(gaps) and won <= better and bool(found[3]) <= (better < total)


def _packed(study: Study, found: re.Match[str]) -> bool:
    size, packed = (int(re.sub(r"\s", "", found[place])) for place in (1, 2))
    said = [float(text.replace(",", ".").replace("−", "-")) for text in found.groups()[2:] if text]
    said = said if len(said) == 2 else said * 2
    for name in study.content["numbers"]:
        if match := re.fullmatch(rf"coding\.packed\.(\w+\.{size})\.numbers", name):
            values = [study.value(f"coding.{match[1]}.{snr}") for snr in ("exact_snr", "snr")]
            if study.value(name) == packed < size and np.allclose(values, said, atol=0.06):
                return True
    return False


def _heard_better(study: Study, found: re.Match[str]) -> bool:
    """The coder's ViSQOL is surely above that of another codec at the rates named."""
    codec, rates = found[1].lower(), numbers_in(found[2])
    gaps = [
        study.gap(f"coding.latente.{rate}.visqol", f"coding.{codec}.{rate}.visqol")
        for rate in rates
    ]
    return bool(rates) and all(low > -0.3 * (high - low) for low, high in gaps)


FIRST = "explained.1"
OF_FAMILY = r"(?: de la familia (\w+))?"
FILTER = "que la de un filtro pasabajos con"

TRUTHS: dict[str, Check] = (
    caption_oracle.TRUTHS
    | generation_oracle.TRUTHS
    | {
        rf"relación señal-ruido{OF_FAMILY} crece con el tamaño": _grows,
        rf"relación señal-ruido{OF_FAMILY} baja cuando el vector": _shrinks,
        rf"relación señal-ruido{OF_FAMILY} no sigue de manera clara": _unordered,
        r"cae a la mitad entre (\d+) y (\d+) Hz según": _passed,
        r"huecos generan frecuencias nuevas\.\*\* Con ([\d y]+) números": _aliased,
        rf"odelos? de ([\d, y]+) números{OF_FAMILY} no superan? de manera clara": _no_sound,
        rf"Ninguno de los modelos{OF_FAMILY} supera de manera clara": _all_silent,
        rf"La SNR media(?: con ([\d, y]+) números)?{OF_FAMILY} es (?:de )?(−?[\d,]+)"
        r"(?: a (−?[\d,]+))? dB, por debajo de los 0 dB": _below_silence,
        rf"odelos?(?: de ([\d, y]+) números)?{OF_FAMILY} dan? lo mismo que el silencio": (
            _like_silence
        ),
        rf"señal-ruido \(SNR\){OF_FAMILY} es menor {FILTER} igual": _against_filter(better=False),
        rf"señal-ruido \(SNR\){OF_FAMILY} es mayor {FILTER} igual": _against_filter(better=True),
        rf"En SNR, las? red(?:es)?{OF_FAMILY} quedan? por debajo de los \w+ métodos con": (
            _below_every_method
        ),
        r"Sin entrenar, el menor tamaño aceptable sería el de (\d+) números": _chosen_untrained,
        r"\*\*(Tamaño|Comparación|Contenido)\.\*\* \*(.+?)\.\*": _verdict,
        r"\*\*(Adaptación)\.\*\* \*(.+?)\.\*": _adaptation_verdict,
        r"\*\*(Música nueva)\.\*\* \*(.+?)\.\*": _new_music_verdict,
        r"\*\*(Bits)\.\*\* \*(.+?)\.\*": _bits_verdict,
        r"En distancia log-mel pierde con todos los tamaños": _chosen_farther,
        r"es el de (\d+) números, [^.;]*, y el mismo antes de entrenarla": _chosen_untrained,
        rf"Las? red(?:es)?{OF_FAMILY} reconstruyen? peor que el silencio": _worse_than_silence,
        r"En las \w+ familias, cuanto más largo es el vector latente, menor es": _all_losses_fall,
        r"En (SNR|ViSQOL), el entrenamiento agrega más que el diseño, frente al códec, con "
        r"([\d, y]+) números": _taught_most,
        rf"En SNR, las? red(?:es)?{OF_FAMILY} superan? a los \w+ métodos con (?:todos|el tamaño)": (
            _beats_every_method
        ),
        rf"El entrenamiento{OF_FAMILY} sube la SNR con todos los tamaños, "
        r"(?:entre ([\d,]+) y )?([\d,]+) dB": _taught,
        rf"menor tamaño aceptable{OF_FAMILY}(?:, según[\w ]+,)? es el de (\d+)": (_chosen),
        rf"(?:Ningún tamaño|Ninguno de los tamaños){OF_FAMILY} es aceptable": _none_chosen,
        r"En ([\w ]+) vectores completos, más de la mitad de los grupos": _scattered,
        rf"(no )?supera el azar con (?:ningún tamaño|el tamaño estudiado|todos los tamaños)"
        rf"{OF_FAMILY}": _tree,
        rf"vector(?:es)? latentes?{OF_FAMILY} acierta (e[^,;]+ %), (menos|más|lo) que (?:no se "
        r"distingue de )?la mejor de las referencias(?:, salvo las? de ([\d, y]+) números)?[,.]": (
            _read
        ),
        r"los dos clasificadores superan el azar con todos": _above_chance,
        r"Con ([\w ]+) vectores promediados y referencias, el árbol acierta menos que el "
        r"discriminante, y con ([\w ]+) los intervalos": _linear,
        rf"De (\d+) a (\d+) números{OF_FAMILY}, la SNR media (baja|sube|no cambia)": _lost,
        rf"Con (\d+) números{OF_FAMILY}, (?:(\w+)(?: de las \w+|(?<=las) \w+)? )?"
        r"canci(?:ón|ones) nuevas? quedan? (dentro|por debajo|por encima)"
        r"(?: y (\w+) quedan? por encima)? del 95 % cen": _outside,
        r"(?:En la familia (\w+), l|L)a SNR de \w+(?: canción)? queda por (debajo|encima) de la "
        r"mediana": _below_median,
        r"En (?:distancia )?(SNR|log-mel|ViSQOL), frente a Opus, Latente (?:gana con ([\w ]+) tasas"
        r"|no gana con ninguna tasa) y (?:pierde con (\w+)|no pierde con ninguna)": _won_rates,
        r"(?m)^\| (Opus|MP3|Vorbis) \| (\d+) · (\d+) · (\d+) \|": _outcoded,
        r"el vector de ([\d\s]+) números[^,.;]* cabe empaquetado así en (\d[\d\s]*), y su SNR "
        r"(?:pasa de ([−\d,]+) a|sigue en) ([−\d,]+) dB": _packed,
        r"ViSQOL,(?: Latente)? supera a (\w+) a ([\d, y]+) kbit/s": _heard_better,
        r"en la partición que no lo admite [^(]*\((\d+) fragmentos de prueba\), .*? discriminante "
        r"(pasa de \d+ a \d+|sigue en \d+) .*? y (pasa de \d+ a \d+|sigue en \d+) con": _filtered,
        r"un banco de filtros lineales, y reconstruye mejor": _raised("linear"),
        r"un banco de filtros lineales, y reconstruye peor": _lowered("linear"),
        r"Reducir de a poco no fue lo mejor": lambda study, found: (
            _raised("expand")(study, found) and _raised("wide")(study, found)
        ),
        r"cambiarlo por uno de \d+ aumentó la SNR": _raised("18376_mended"),
        r"cerrar los huecos que deja el decodificador aumentó": _raised("9184_mended", "9184"),
        r"De 20 a \d+ épocas, la SNR aumentó": _raised("epochs_80"),
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
        rf"Las redes{OF_FAMILY} alcanzan su menor pérdida antes": _best_before_the_end,
        rf"La red{OF_FAMILY} alcanza su menor pérdida en la última": lambda study, found: (
            not _best_before_the_end(study, found)
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
