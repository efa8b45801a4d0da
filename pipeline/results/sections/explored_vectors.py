"""Clusters, components, neighbours, trees and probes of every vector."""

from pipeline.analysis.classification import TreeResult
from pipeline.analysis.vectors import ClipMap, ProbedVectors
from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.vector_schema import Exploration


def explored_vectors(
    out: ResultsFolder,
    maps: dict[str, ClipMap],
    trees: dict[str, TreeResult],
    probes: dict[str, ProbedVectors],
) -> list[Exploration]:
    """Each vector, by its name ("original", "classic.18376.averaged", "log_mel").

    Also the numbers of `probes`: of averaged vectors, and of references, one of which is not
    explored otherwise ("mfcc").
    """
    planar = {name: _probe(out, name, found) for name, found in probes.items()}
    return [
        _vector(out, name, found, trees[name], planar.get(name)) for name, found in maps.items()
    ]


def _probe(out: ResultsFolder, name: str, found: ProbedVectors) -> str | None:
    """The file with the planar maps of a vector, if it has any."""
    probes, step = found.probes, f"probe.{name}"
    for kind, score in probes.validated.items():
        out.number(
            f"probe.{kind}.{name}.accuracy",
            score.accuracy,
            "",
            step,
            interval=score.interval,
            clips=score.clips,
        )
    for kind, score in probes.filtered.items():
        out.number(
            f"probe.{kind}.{name}.filtered",
            score.accuracy,
            "",
            step,
            interval=score.interval,
            clips=score.clips,
        )
        out.number(f"probe.{kind}.{name}.shuffled", probes.shuffled[kind], "", step)
    for method, planar in found.maps.items():
        out.number(f"map.{method}.{name}.trustworthiness", planar.trustworthiness, "", step)
        out.number(f"map.{method}.{name}.knn", planar.knn, "", step)
    if not found.maps:
        return None
    return out.array(
        f"{name}.planar", **{method: planar.coordinates for method, planar in found.maps.items()}
    )


def _vector(
    out: ResultsFolder, name: str, found: ClipMap, tree: TreeResult, planar: str | None
) -> Exploration:
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
            neighbours=found.neighbours.rows,
            distances=found.neighbours.distances,
        ),
        planar=planar,
    )
