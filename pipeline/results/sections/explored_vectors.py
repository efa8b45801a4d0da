"""Clusters, components and trees of every vector (chapter 2)."""

from pipeline.analysis.classification import TreeResult
from pipeline.analysis.vectors import ClipMap
from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.vector_schema import Exploration


def explored_vectors(
    out: ResultsFolder, maps: dict[str, ClipMap], trees: dict[str, TreeResult]
) -> list[Exploration]:
    """Each vector, by its name ("original", "classic.18376.averaged", "log_mel")."""
    return [_vector(out, name, found, trees[name]) for name, found in maps.items()]


def _vector(out: ResultsFolder, name: str, found: ClipMap, tree: TreeResult) -> Exploration:
    clusters, step = found.clusters, f"map.{name}"
    out.number(f"kmeans.{name}.homogeneity", clusters.homogeneity, "", step)
    out.number(f"kmeans.{name}.completeness", clusters.completeness, "", step)
    out.number(f"kmeans.{name}.largest", int(clusters.sizes[0]), "", step)
    for axis, share in enumerate(found.components.explained, start=1):
        out.number(f"pca.{name}.explained.{axis}", float(share), "", step)
    answered, step = int(tree.confusion.sum()), f"tree.{name}"
    interval = tree.interval if answered > 1 else None
    out.number(f"{step}.accuracy", tree.accuracy, "", step, interval=interval, clips=answered)
    out.number(f"{step}.majority", tree.majority, "", step)
    out.number(f"{step}.uniform", tree.uniform, "", step)
    return Exploration(
        vector=name,
        variation=clusters.inertia.tolist(),
        sizes=clusters.sizes.tolist(),
        clusters=clusters.confusion.tolist(),
        answers=tree.confusion.tolist(),
        array=out.array(
            name,
            coordinates=found.components.coordinates,
            labels=clusters.labels,
            learned=found.fit_rows,
        ),
    )
