"""k-means and PCA on the embedding compared with scikit-learn on the raw columns, on real clips.

On the raw columns, k-means is timed with one initialisation and k = 10; the time for 20
initialisations and all k is extrapolated.
"""

import os

# One thread for both, as when the steps of a study run in parallel.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import resource
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import soundfile
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from pipeline.analysis import classification, clustering, features, kernel_embedding, projection

MUSIC = Path(__file__).parents[2] / "shared" / "data" / "gtzan-250"
SEED = 42

Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def main() -> None:
    files = sorted(MUSIC.glob("*/*.flac"))
    if not files:
        print("No music in ../shared/data/gtzan-250: nothing to measure.")
        return
    clips = np.stack([soundfile.read(f, dtype="int16")[0] for f in files])
    names = sorted({f.parent.name for f in files})
    genres = np.array([names.index(f.parent.name) for f in files])
    print(f"{clips.shape[0]} clips × {clips.shape[1]} numbers, one thread")

    rows = kernel_embedding.subsample_rows(len(clips), SEED)
    rotating, rotated = timed(lambda: kernel_embedding.embed(clips, rows))
    grouping, clusters = timed(lambda: clustering.find_clusters(rotated, genres, SEED))
    directing, components = timed(lambda: projection.find_components(rotated))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20

    scaling, raw = timed(lambda: StandardScaler().fit_transform(clips.astype(np.float32)))
    one = KMeans(10, n_init=1, max_iter=clustering.MAX_ITERATIONS, random_state=SEED)
    starting, _ = timed(lambda: one.fit(raw))
    projecting, pca = timed(lambda: PCA(3, svd_solver="full").fit(raw))
    # The cost of an initialisation is about proportional to k.
    starts = clustering.N_INIT * sum(k / 10 for k in range(1, len(clusters.inertia) + 1))

    ours, theirs = rotating + grouping, scaling + starting * starts
    print(f"{'':34} {'embed':>9} {'raw':>9} {'ratio':>7}")
    print(f"{'embedding or scaling, s':34} {rotating:9.2f} {scaling:9.2f}")
    print(f"{'k-means, k = 1…40, 20 starts, s':34} {ours:9.1f} {theirs:9.0f} {theirs / ours:7.0f}")
    print(f"   raw: extrapolated from {starting:.1f} s, one initialisation at k = 10")
    print(f"{'inertia at k = 10':34} {clusters.inertia[9]:9.0f} {one.inertia_:9.0f}")
    print("   raw: one initialisation, so no lower than the best of 20")
    ours, theirs = rotating + directing, scaling + projecting
    print(f"{'PCA, three components, s':34} {ours:9.2f} {theirs:9.2f} {theirs / ours:7.1f}")
    explained = (components.explained.sum(), pca.explained_variance_ratio_.sum())
    print(f"{'variance explained':34} {explained[0]:9.6f} {explained[1]:9.6f}")
    print(f"{'peak memory so far, GB (raw: after)':34} {peak:9.2f}")
    print(f"clusters of the waveform: {clusters.sizes.tolist()}")
    print(f"   homogeneity {clusters.homogeneity:.4f}, completeness {clusters.completeness:.4f}")

    seconds, bands = timed(lambda: features.log_mel_statistics(clips, 22050))
    found = clustering.find_clusters(kernel_embedding.embed(bands, rows), genres, SEED)
    print(f"log-mel statistics ({seconds:.1f} s): clusters {found.sizes.tolist()}")
    print(f"   homogeneity {found.homogeneity:.4f}, completeness {found.completeness:.4f}")

    rows = np.random.default_rng(SEED).permutation(len(clips))
    training, test = rows[len(rows) // 10 :], rows[: len(rows) // 10]
    for name, vectors in (("waveform", clips), ("log-mel statistics", bands)):
        work = partial(classification.evaluate_tree, vectors, genres, training, test, SEED)
        seconds, tree = timed(work)
        low, high = tree.interval
        print(
            f"tree, {name}: {seconds:.1f} s, accuracy {tree.accuracy:.2f} "
            f"({low:.2f} to {high:.2f}), chance {tree.uniform:.2f}"
        )


if __name__ == "__main__":
    main()
