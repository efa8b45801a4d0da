"""Every figure of the report, drawn from results into a folder."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from report.readings import Readings
from report.results import Model, Results
from report.words import Words


def draw(results: Results, words: Words, folder: Path) -> None:
    """Write each figure of the report as NAME.svg and NAME-dark.svg, a process a core.

    Raises:
        ReportError: a song's audio cannot be read.
    """
    from report.figures import plan, style

    folder.mkdir(parents=True)
    drawings = list(plan.drawings(Readings(results), words, folder))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    context = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
    if os.name == "posix":
        context.set_forkserver_preload(["report.figures.plan"])
    with ProcessPoolExecutor(cores, context, style.setup) as pool:
        for done in [pool.submit(drawing) for drawing in drawings]:
            done.result()


def central(models: list[Model]) -> Model:
    """The model whose network is drawn: the one of the middle size."""
    return models[len(models) // 2]


def logarithmic(models: list[Model]) -> bool:
    """Whether the losses of a family span so much that their axis is logarithmic."""
    losses = [epoch.validation_rmse for model in models for epoch in model.epochs]
    return max(losses) > 6 * min(losses)
