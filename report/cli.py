"""The `latentes` command."""

import difflib
import errno
import functools
import json
import shutil
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from pipeline.control_characters import one_line
from pipeline.encode_steps import encode_with_models_graph, encode_with_study_graph
from pipeline.engine.dask.cluster import ClusterError
from pipeline.engine.estimate import before, timed
from pipeline.engine.explain import explain as explain_step
from pipeline.engine.explain import reason
from pipeline.engine.graph import Graph
from pipeline.engine.runner import missing
from pipeline.engine.store import Store, StoreError, store_error
from pipeline.errors import StudyError
from pipeline.settings.error_messages import SettingError
from pipeline.settings.load import read
from pipeline.slug import slug
from pipeline.steps import RESULTS, graph
from pipeline.tracking import require, track
from report.build import mention_last_pages, write_pages
from report.compute import compute, expected_time
from report.customization import Customization
from report.errors import ReportError
from report.signals import interruptible
from report.terminal import print_faults, say

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="From a folder of music to a finished study of music autoencoders.",
)
StudyOption = Annotated[Path, typer.Option(help="The study's settings.")]
OutOption = Annotated[Path, typer.Option(help="Folder for everything that is built.")]

UNWRITABLE = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENOTDIR,
)
"""What the system says of a folder that is full or may not be written."""


@app.command()
def build(
    study: Annotated[Path, typer.Argument(help="The study's settings.")] = Path("study.toml"),
    out: OutOption = Path("build"),
    scheduler: Annotated[
        str | None, typer.Option(help="A Dask scheduler whose workers compute, tcp://HOST:PORT.")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Only list what would run, and why.")] = False,
) -> None:
    """Compute what is missing of a study, then write its PDF and its site."""
    began = time.monotonic()
    settings = read(study)
    customization = Customization.of(settings)
    if settings.tracking.wandb != "off":
        require()  # now, and not after hours of training
    steps = graph(settings, out / "cache")
    try:
        customization.chapters()
    except ReportError as error:
        message = str(error).removeprefix("report.chapters: ")
        raise settings.settings_error([SettingError(message, (("report", "chapters"),))]) from None
    if dry_run:
        return _list_missing(steps, Store(out / "cache"))
    with mention_last_pages(out):
        results = compute(steps, RESULTS, out, scheduler)
        _remember(study, out)
        print_faults(Console(stderr=True), results)
        write_pages(results, out, began, customization)
    if settings.tracking.wandb != "off":
        logged = track(results, out, settings.tracking.wandb)
        line = f"{len(logged)} trainings logged to Weights & Biases, in {out / 'wandb'}"
        if settings.tracking.wandb == "offline":
            line += "; wandb sync sends them"
        say(Console(stderr=True), line if logged else "Weights & Biases has every training.")


@app.command()
def encode(
    file: Annotated[Path, typer.Argument(help="A song, of any length.")],
    study: StudyOption = Path("study.toml"),
    out: OutOption = Path("build"),
    model: Annotated[
        list[Path] | None,
        typer.Option(help="A model's file, FAMILY.SIZE.safetensors; no study is needed then."),
    ] = None,
) -> None:
    """Encode and decode one song with every model of a study, or with model files alone, into
    OUT/encoded."""
    from report.figures.encoded_song import (
        draw,  # here, so that a build need not wait for Matplotlib
    )

    if not file.is_file():
        raise StudyError(f"{file}: no such file")
    if model:
        steps, step = encode_with_models_graph(file, model, out / "cache")
    else:
        steps, step = encode_with_study_graph(
            graph(read(study), out / "cache"), file, out / "cache"
        )
    versions = compute(steps, step, out)
    folder = out / "encoded" / slug(file.stem)
    shutil.copytree(versions, folder, dirs_exist_ok=True)
    draw(folder)
    print(f"Versions: {folder}")


@app.command()
def render(out: OutOption = Path("build")) -> None:
    """Write PDF and site anew from results alone, as after a change of templates.

    [report] counts as it reads now in the study that was built, if that is still there.
    """
    stated = out / STUDY
    study = Path(stated.read_text(encoding="utf-8")) if stated.is_file() else None
    customization = (
        Customization.of(read(study)) if study is not None and study.is_file() else Customization()
    )
    with mention_last_pages(out):
        write_pages(out / "results", out, time.monotonic(), customization)


STUDY = ".study"
"""Where the output folder keeps the path of the study that was built into it."""


def _remember(study: Path, out: Path) -> None:
    """Note which study was built; a folder that is complete and read-only does without."""
    with suppress(OSError):
        (out / STUDY).write_text(str(study.resolve()), encoding="utf-8")


@app.command()
def serve(
    study: Annotated[Path, typer.Argument(help="The study's settings.")] = Path("study.toml"),
    out: OutOption = Path("build"),
    port: Annotated[int, typer.Option(help="Port on this machine; 0 takes a free one.")] = 8000,
) -> None:
    """Preview the site, and write it anew whenever a template, a style or the study changes."""
    from report.publish import preview

    if not (out / "site" / "index.html").is_file():
        build(study, out)
    console, changes, stop = Console(stderr=True), preview.Changes(), threading.Event()
    watching = threading.Thread(
        target=preview.watch,
        args=(study, out, changes, functools.partial(say, console), stop),
        daemon=True,
    )
    try:
        with preview.serving(out / "site", changes, port) as address:
            watching.start()
            print(f"Site: {address} (Ctrl-C ends)", flush=True)
            watching.join()
    except OSError as error:
        raise ReportError(f"port {port}: {error.strerror}; choose another with --port") from None
    finally:
        stop.set()  # and with it a build that is under way
        if watching.is_alive():
            watching.join()


@app.command()
def check(out: OutOption = Path("build")) -> None:
    """Look for what should keep a built study from being published; exit status 1 if anything."""
    from report.checks import all_checks

    found = all_checks.find_problems(out)
    for problem in found:
        print(one_line(str(problem)))
    if found:
        reasons = "1 reason" if len(found) == 1 else f"{len(found)} reasons"
        raise StudyError(f"{reasons} not to publish {out / 'site'}")
    print(f"{out / 'site'} may go out.")


@app.command("publish")
def send(
    remote: Annotated[
        str, typer.Argument(help="A git remote, by name or address; its branch gh-pages is served.")
    ] = "origin",
    archive: Annotated[Path | None, typer.Option("--zip", help="Write a zip file instead.")] = None,
    out: OutOption = Path("build"),
) -> None:
    """Put a built site where it is served, if `latentes check` finds nothing."""
    from report.publish import github_pages, zip_archive

    check(out)
    if archive is not None:
        zip_archive.write_zip(out / "site", archive)
        print(f"Zip: {archive}")
    else:
        new = github_pages.push_to_branch(out / "site", remote)
        print(f"{'Published on' if new else 'Nothing new for'} {github_pages.BRANCH} of {remote}.")


@app.command()
def explain(
    what: Annotated[str, typer.Argument(help="A step, a number's dotted name, or a figure.")],
    study: StudyOption = Path("study.toml"),
    out: OutOption = Path("build"),
) -> None:
    """Tell how something was made, and what changed since it was last computed."""
    steps, store = graph(read(study), out / "cache"), Store(out / "cache")
    name = what
    if what not in steps.steps:
        name = _step_of(what, steps, out)
    for line in explain_step(steps, store, name):
        print(one_line(line))


@app.command()
def clean(
    study: Annotated[Path, typer.Argument(help="The study's settings.")] = Path("study.toml"),
    out: OutOption = Path("build"),
) -> None:
    """Remove stored values that the study, as it is now, does not use."""
    steps, store = graph(read(study), out / "cache"), Store(out / "cache")
    removed = store.keep((name, steps.key(name)) for name in steps.steps)
    if removed is None:
        raise StudyError(f"{store.folder}: a build is at work there; try again when it has ended")
    gone, taken = removed
    print(f"Removed {gone} stored values of {store.folder}, {taken / 1e6:.1f} MB")


def _list_missing(steps: Graph, store: Store) -> None:
    """What a build would run, with the time it took before and the reason."""
    todo = missing(steps, store, [RESULTS])
    took = before(steps, store)
    for name in todo:
        time_before = f"{took[name]:.1f} s" if name in took else "-"
        line = f"{name:<34} {time_before:>9}  {reason(steps, store, name)}"
        print(one_line(line))
    print(f"{len(todo)} steps would run{expected_time(timed(steps, store), todo, bool(took))}")


def _step_of(what: str, steps: Graph, out: Path) -> str:
    """Tell what a number or a figure is, and give the step it comes from."""
    try:
        text = (out / "results" / "results.json").read_text(encoding="utf-8")
        numbers = json.loads(text)["numbers"]
    except OSError:
        numbers = {}
    except (ValueError, LookupError, TypeError):
        raise ReportError(
            f"{out / 'results' / 'results.json'}: is not whole; run latentes build again"
        ) from None
    if what in numbers:
        number = numbers[what]
        print(f"number      {what} = {number['value']} {number['unit']}".rstrip())
        name: str = number["step"]
        if name in steps.steps:
            return name
        raise StudyError(f"{what}: its step {name} is not in the study as it is now")
    figure = out / "site" / "figures" / f"{Path(what).stem}.svg"
    if figure.is_file():
        print(f"figure      {figure}, drawn from {out / 'results'}")
        return RESULTS
    near = difflib.get_close_matches(what, [*numbers, *steps.steps], n=3)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise StudyError(f"{what}: no step, number or figure of this study{hint}")


def main() -> None:
    """Run the command; a user's mistake is told in a line each, with exit status 1."""
    try:
        with interruptible():
            app()
    except (StudyError, ReportError, StoreError, ClusterError) as error:
        _end(error)
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        _end(store_error(error, Path(str(error.filename or "the output folder"))))


def _end(error: Exception) -> NoReturn:
    for line in str(error).split("\n"):
        print(f"latentes: {one_line(line)}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
