"""The part of a sample results folder that chapters 2 and 3 read: search and clusters.

Vectors are drawn at random around a centre a genre, and what is said of them is computed:
components, clusters and trees.
"""

import functools
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import completeness_score, homogeneity_score
from sklearn.tree import DecisionTreeClassifier

from pipeline.results.model_schema import Trial, Tuning
from pipeline.results.schema import Number
from pipeline.results.vector_schema import Exploration
from tests.report import sample_probes

MOST = 12
"""Largest k of the clusters: fewer than the pipeline's, to be quick."""


def tuning(used: bool, size: int) -> Tuning:
    """A search of five trials, two of them pruned: one early, one that diverged."""
    rates = {0.0021: 5, 0.0154: 5, 0.047: 5, 0.0012: 1, 0.093: 0}
    trials = [
        Trial(
            learning_rate=rate,
            validation_rmse=[
                0.06 + 0.02 * np.log10(rate / 0.02) ** 2 + 0.08 / epoch
                for epoch in range(1, epochs + 1)
            ],
            pruned=epochs < 5,
        )
        for rate, epochs in rates.items()
    ]
    return Tuning(size=size, epochs=5, used=used, trials=trials)


@functools.cache
def explore(
    name: str,
    tested: tuple[int, ...],
    scattered: bool,
    constant: bool = False,
    mapped: bool = False,
    filtered: bool = False,
) -> dict[str, Any]:
    """What exploration finds of random vectors: `facts`, `numbers`, `arrays` and `planar` maps.

    Each genre has 24, the last of which are its `tested` test clips.
    A `scattered` vector says nothing of genre and has a few clips far from all others; a
    `constant` one is the same for every clip.
    """
    random = np.random.default_rng(sum(map(ord, name)))
    genres = len(tested)
    truth = np.repeat(np.arange(genres), 24)
    test = np.arange(len(truth)) % 24 >= 24 - np.repeat(tested, 24)
    vectors = random.standard_normal((len(truth), 40))
    if scattered:
        vectors[random.choice(len(truth), genres, replace=False)] *= 9
    else:
        vectors += 1.6 * random.standard_normal((genres, 40))[truth]
    vectors = (vectors - vectors.mean(axis=0)) / vectors.std(axis=0) * (0 if constant else 1)
    fits = [
        KMeans(k, n_init=2, random_state=0).fit(vectors) for k in range(1, max(MOST, genres) + 1)
    ]
    labels = fits[genres - 1].labels_
    order = np.argsort(-np.bincount(labels, minlength=genres), kind="stable")
    labels = np.argsort(order)[labels]
    left, values, _ = np.linalg.svd(vectors, full_matrices=False)
    tree = DecisionTreeClassifier(random_state=0).fit(vectors[~test], truth[~test])
    answers = tree.predict(vectors[test])
    right, asked = int((answers == truth[test]).sum()), int(test.sum())
    share, z = right / asked, 1.96
    centre, scale = share + z**2 / (2 * asked), 1 + z**2 / asked
    reach = z * np.sqrt(share * (1 - share) / asked + z**2 / (4 * asked**2))
    apart = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    nearest = np.argsort(apart, axis=1)[:, :5]
    typical = np.median(apart[np.triu_indices(len(apart), 1)]) or 1.0
    explained = values**2 / ((values**2).sum() or 1)
    more: dict[str, dict[str, Any]] = {}
    planar: dict[str, NDArray[np.float64]] = {}
    if name.endswith(".averaged") or "." not in name:
        more |= sample_probes.probes(name, vectors, truth, filtered)
    if mapped:
        found, planar = sample_probes.maps(name, vectors, truth)
        more |= found
    return {
        "facts": {
            "vector": name,
            "variation": [float(fit.inertia_) for fit in fits],
            "sizes": np.bincount(labels, minlength=genres).tolist(),
            "clusters": _counts(truth, labels, genres),
            "answers": _counts(truth[test], answers, genres),
        },
        "numbers": {
            f"kmeans.{name}.homogeneity": {"value": float(homogeneity_score(truth, labels))},
            f"kmeans.{name}.completeness": {"value": float(completeness_score(truth, labels))},
            f"kmeans.{name}.largest": {"value": int(np.bincount(labels).max())},
            **{
                f"pca.{name}.explained.{axis + 1}": {"value": float(explained[axis])}
                for axis in range(3)
            },
            f"tree.{name}.accuracy": {
                "value": share,
                "interval": [float((centre - reach) / scale), float((centre + reach) / scale)],
                "clips": asked,
            },
            f"tree.{name}.majority": {"value": 1 / genres},
            f"tree.{name}.uniform": {"value": 1 / genres},
            **more,
        },
        "planar": planar,
        "arrays": {
            "coordinates": left[:, :3] * values[:3],
            "labels": labels,
            "learned": np.arange(len(labels)),
            "neighbours": nearest,
            "distances": np.take_along_axis(apart, nearest, axis=1) / typical,
        },
    }


def _counts(rows: NDArray[Any], columns: NDArray[Any], genres: int) -> list[list[int]]:
    counts = np.zeros((genres, genres), int)
    np.add.at(counts, (rows, columns), 1)
    return [[int(count) for count in row] for row in counts]


def exploration(
    folder: Path,
    models: list[str],
    tested: tuple[int, ...],
    scattered: bool,
    constant: tuple[int, ...] = (),
    filtered: bool = False,
) -> tuple[list[Exploration], dict[str, Number]]:
    """The exploration of every vector and its numbers; arrays are written under `folder`."""
    (folder / "arrays").mkdir()
    explored: list[Exploration] = []
    numbers: dict[str, Number] = {}
    vectors = [f"{name}{end}" for name in ["original", *models] for end in ("", ".averaged")]
    shown = {model.rpartition(".")[0]: f"{model}.averaged" for model in models}.values()
    for name in [*vectors, "log_mel", "mfcc"]:
        dead = name.removesuffix(".averaged").rpartition(".")[2] in map(str, constant)
        whole = (not name.endswith(".averaged") and "." in name) or name == "original"
        mapped = name in shown or name in ("log_mel", "mfcc")
        found = explore(name, tested, scattered and whole, dead, mapped, filtered)
        for number, fields in found["numbers"].items():
            probed = number.startswith(("probe.", "map."))
            if name != "mfcc" or probed:
                step = f"probe.{name}" if probed else number.rpartition(".")[0]
                numbers[number] = Number(unit="", step=step, **fields)
        if name == "mfcc":
            continue
        planar = f"arrays/{name}.planar.npz" if mapped else None
        explored.append(Exploration(**found["facts"], array=f"arrays/{name}.npz", planar=planar))
        np.savez(folder / explored[-1].array, **found["arrays"])
        if planar:
            np.savez(folder / planar, **found["planar"])
    return sorted(explored, key=lambda each: each.averaged), numbers
