"""Bits: our coder beside other codecs at the same rates, and latent vectors as bits."""

import numpy as np
from numpy.typing import NDArray

from pipeline.coding.coding_model import CodingModel, save_model
from pipeline.evaluation.bd_rate import bd_rate
from pipeline.evaluation.confidence import wilson_interval
from pipeline.evaluation.fidelity import UNITS
from pipeline.evaluation.latent_bits import LOSS, CodedVectors
from pipeline.evaluation.rate_comparison import OURS, CodedRate
from pipeline.evaluation.visqol import UNIT as VISQOL_UNIT
from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.schema import Coding

MEASURES = {"snr": UNITS["snr"], "log_mel": UNITS["log_mel"], "visqol": VISQOL_UNIT}


def coded_music(
    out: ResultsFolder,
    coder: CodingModel,
    coded: dict[str, dict[int, CodedRate]],
    vectors: dict[str, CodedVectors],
    training_clips: int,
    seed: int,
) -> Coding:
    """Add the numbers of every codec, rate and latent size, and write the coder's weights.

    Args:
        coded: by codec and kbit/s, ours among them.
        vectors: by "FAMILY.SIZE".
        training_clips: what `coder` was trained on.
    """
    file = "models/coding.safetensors"
    (out.folder / file).parent.mkdir(exist_ok=True)
    save_model(out.folder / file, coder)
    for codec, rates in coded.items():
        for rate, found in rates.items():
            _rate(out, f"coding.{codec}", rate, found, seed)
        if codec != OURS:
            _against_ours(out, codec, rates, coded[OURS])
    for model, vector in vectors.items():
        step = f"coding.{model}"
        out.mean(f"{step}.kbps", vector.kbps, "kbit/s", step, seed)
        out.mean(f"{step}.snr", vector.snr, UNITS["snr"], step, seed)
        out.mean(f"{step}.exact_snr", vector.exact_snr, UNITS["snr"], step, seed)
        out.number(f"coding.packed.{model}.numbers", vector.packed, "numbers", step)
    ours = coded[OURS]
    return Coding(
        codecs={codec: list(rates) for codec, rates in coded.items()},
        visqol_rates=[rate for rate, found in ours.items() if found.visqol],
        clips=max(int(np.isfinite(found.kbps).sum()) for found in ours.values()),
        visqol_clips=max(len(found.visqol) for found in ours.values()),
        loss=LOSS,
        parameters=_parameters(coder),
        training_clips=training_clips,
        file=file,
    )


def heard_codes(coded: dict[str, dict[int, CodedRate]]) -> dict[str, CodedRate]:
    """What listeners compare, by "coding.CODEC.RATE": the rates that ViSQOL scores, or all."""
    scored = [rate for rate, found in coded[OURS].items() if found.visqol]
    return {
        f"coding.{codec}.{rate}": found
        for codec, rates in coded.items()
        for rate, found in rates.items()
        if rate in (scored or coded[OURS])
    }


def _parameters(coder: CodingModel) -> int:
    """Weights and biases of the context network."""
    network = coder.coder.network
    return sum(w.size for w in network.weights) + sum(b.size for b in network.biases)


def _rate(out: ResultsFolder, step: str, rate: int, found: CodedRate, seed: int) -> None:
    out.mean(f"{step}.{rate}.kbps", found.kbps, "kbit/s", step, seed)
    out.mean(f"{step}.{rate}.payload", found.payload, "kbit/s", step, seed)
    for measure, values in _values(out, found).items():
        out.mean(f"{step}.{rate}.{measure}", values, MEASURES[measure], step, seed)


def _values(out: ResultsFolder, found: CodedRate) -> dict[str, NDArray[np.float64]]:
    """The values of each measure, one per test clip, NaN where it was not measured."""
    values = {"snr": found.snr, "log_mel": found.log_mel}
    if found.visqol:
        values["visqol"] = np.array([found.visqol.get(row, np.nan) for row in out.test])
    return values


def _against_ours(
    out: ResultsFolder, codec: str, rates: dict[int, CodedRate], ours: dict[int, CodedRate]
) -> None:
    """Shares of clips on which ours is better, and the difference in rate, by measure."""
    for measure in MEASURES:
        better = -1 if measure == "log_mel" else 1
        curves = []
        for curve in (ours, rates):
            means = {
                float(np.nanmean(found.kbps)): better * float(np.nanmean(values[measure]))
                for found in curve.values()
                if measure in (values := _values(out, found))
            }
            curves += [list(means), list(means.values())]
        saved = bd_rate(*curves) if min(map(len, curves)) > 1 else None
        if saved is not None:
            out.number(f"coding.{codec}.bd_rate.{measure}", saved, "", "results")
        for rate in rates:
            pair = [_values(out, curve[rate]).get(measure) for curve in (ours, rates)]
            if rate not in ours or pair[0] is None or pair[1] is None:
                continue
            gaps = better * (pair[0] - pair[1])
            gaps = gaps[~np.isnan(gaps)]
            won = int((gaps > 0).sum())
            out.number(
                f"coding.{codec}.{rate}.won.{measure}",
                won / len(gaps),
                "",
                "results",
                interval=wilson_interval(won, len(gaps)) if len(gaps) > 1 else None,
                clips=len(gaps),
            )
