"""What the results state of chapter 2: clusters, components and trees of every vector."""

from typing import Any

from pipeline.analysis.classification import Tree
from pipeline.analysis.vectors import Map
from pipeline.results.folder_writer import ResultsFolder


def state(out: ResultsFolder, maps: dict[str, Map], trees: dict[str, Tree]) -> list[dict[str, Any]]:
    """Each vector, by its name ("original", "classic.18376.averaged", "log_mel")."""
    return [_vector(out, name, found, trees[name]) for name, found in maps.items()]


def _vector(out: ResultsFolder, name: str, found: Map, tree: Tree) -> dict[str, Any]:
    clusters, step = found.clusters, f"map.{name}"
    out.number(f"kmeans.{name}.homogeneity", clusters.homogeneity, "", step)
    out.number(f"kmeans.{name}.completeness", clusters.completeness, "", step)
    out.number(f"kmeans.{name}.largest", int(clusters.sizes[0]), "", step)
    for axis, share in enumerate(found.components.explained, start=1):
        out.number(f"pca.{name}.explained.{axis}", float(share), "", step)
    answered, step = int(tree.confusion.sum()), f"tree.{name}"
    interval = list(tree.interval)
    out.number(f"{step}.accuracy", tree.accuracy, "", step, interval=interval, clips=answered)
    out.number(f"{step}.majority", tree.majority, "", step)
    out.number(f"{step}.uniform", tree.uniform, "", step)
    return {
        "vector": name,
        "variation": clusters.variation.tolist(),
        "sizes": clusters.sizes.tolist(),
        "clusters": clusters.confusion.tolist(),
        "answers": tree.confusion.tolist(),
        "array": out.array(
            name,
            coordinates=found.components.coordinates,
            labels=clusters.labels,
            learned=found.learned,
        ),
    }
