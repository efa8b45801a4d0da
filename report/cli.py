"""Command line of `latentes`."""

import errno
import functools
import json
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from pipeline.coding_steps import compression_graph, decompression_graph
from pipeline.control_characters import one_line
from pipeline.encode_steps import encode_with_models_graph, encode_with_study_graph
from pipeline.engine.dask.cluster import ClusterError
from pipeline.engine.estimate import last_durations, with_measured_costs
from pipeline.engine.explain import explain as explain_step
from pipeline.engine.explain import reason
from pipeline.engine.fingerprint import summaries
from pipeline.engine.graph import Graph
from pipeline.engine.runner import missing
from pipeline.engine.store import Store, StoreError, store_error
from pipeline.errors import StudyError
from pipeline.file_names import on_disk
from pipeline.generation_steps import new_music_graph
from pipeline.inspection_steps import inspection_graph, music_alone
from pipeline.settings.error_messages import SettingError
from pipeline.settings.load import load_study
from pipeline.settings.schema import Study
from pipeline.slug import slug
from pipeline.steps import final_step, graph
from pipeline.tracking import WandbMode, require_wandb, track
from report.build import last_study, mention_last_pages, remember_study, write_pages
from report.customization import Customization
from report.errors import ReportError
from report.interrupts import interruptible
from report.run_steps import compute, expected_time
from report.step_lookup import find_step
from report.terminal import print_faults, print_line, show_reading

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Turn a folder of music into a study of music autoencoders.",
)
StudyArgument = Annotated[Path, typer.Argument(help="Settings file of the study.")]
StudyOption = Annotated[Path, typer.Option(help="Settings file of the study.")]
OutOption = Annotated[Path, typer.Option(help="Output folder.")]
CodingModelOption = Annotated[
    Path | None,
    typer.Option(help="A study's results/models/coding.safetensors instead of the default model."),
]

UNWRITABLE = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EMFILE,
    errno.ENFILE,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENOTDIR,
)
"""Error numbers of a full disk, an exceeded quota or limit, or a folder that is not writable."""

NO_TEMPORARY_FOLDER = "No usable temporary directory"
"""Beginning of the reason that `tempfile` gives."""


@app.command()
def build(
    study: StudyArgument = Path("study.toml"),
    out: OutOption = Path("build"),
    scheduler: Annotated[
        str | None, typer.Option(help="Dask scheduler that runs the steps, tcp://HOST:PORT.")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="List the steps that would run, and why.")] = False,
) -> None:
    """Compute the missing steps of a study, then write its PDF and site."""
    started = time.monotonic()
    settings = load_study(study)
    customization = Customization.from_study(settings)
    if settings.tracking.wandb != "off":
        require_wandb()  # fail fast, before hours of training
    steps = _graph(settings, out)
    _check_chapters(customization, settings)
    if dry_run:
        return _print_missing(steps, Store(out / "cache"))
    with mention_last_pages(out):
        results = compute(steps, final_step(steps), out, scheduler)
        remember_study(study, out)
        print_faults(Console(stderr=True), results)
        write_pages(results, out, started, customization)
    if settings.tracking.wandb != "off":
        _log_trainings(results, out, settings.tracking.wandb)


@app.command()
def encode(
    file: Annotated[Path, typer.Argument(help="Audio file of any length.")],
    study: StudyOption = Path("study.toml"),
    out: OutOption = Path("build"),
    model: Annotated[
        list[Path] | None,
        typer.Option(help="Model file FAMILY.SIZE.safetensors to use without a study; repeatable."),
    ] = None,
) -> None:
    """Encode and decode a song with a study's models, or with model files, into OUT/encoded."""
    from report.figures.encoded_song import draw_encoded_song

    file, model = on_disk(file), [on_disk(path) for path in model or []]
    if not file.is_file():
        raise StudyError(f"{file}: no such file")
    with show_reading(Console(stderr=True)):
        if model:
            steps, step = encode_with_models_graph(file, model, out / "cache")
        else:
            steps, step = encode_with_study_graph(
                graph(load_study(study), out / "cache"), file, out / "cache"
            )
    versions = compute(steps, step, out)
    folder = out / "encoded" / slug(file.stem)
    shutil.copytree(versions, folder, dirs_exist_ok=True)
    if (remarks := folder / "remarks.json").is_file():
        for remark in json.loads(remarks.read_text(encoding="utf-8")):
            print_line(Console(stderr=True), remark)
    draw_encoded_song(folder)
    print(f"Versions: {folder}")


@app.command()
def compress(
    song: Annotated[Path, typer.Argument(help="Audio file of any length.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write; by default SONG.latente.")
    ] = None,
    kbps: Annotated[
        float | None, typer.Option(min=1, max=320, help="Kilobits per second; by default 16.")
    ] = None,
    quality: Annotated[
        int | None, typer.Option(min=0, max=10, help="Constant quality instead of a bit rate.")
    ] = None,
    model: CodingModelOption = None,
) -> None:
    """Compress a song, mixed to mono at 22 050 Hz, to a .latente file of a few kbit/s."""
    from report.song_commands import output_path, write_song

    if kbps is not None and quality is not None:
        raise StudyError("--kbps and --quality exclude each other; give one of them")
    song = on_disk(song)
    target = output_path(song, output and on_disk(output), ".latente")
    kbps = 16.0 if kbps is None and quality is None else kbps
    size = write_song(compression_graph(song, kbps, quality, model and on_disk(model)), target)
    print(one_line(f"Compressed: {target} ({size / 1000:.1f} kB)"))


@app.command()
def decompress(
    file: Annotated[Path, typer.Argument(help="File written by `latentes compress`.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write; by default FILE.flac.")
    ] = None,
    model: CodingModelOption = None,
) -> None:
    """Decompress a .latente file to FLAC."""
    from report.song_commands import output_path, write_song

    file = on_disk(file)
    target = output_path(file, output and on_disk(output), ".flac")
    write_song(decompression_graph(file, model and on_disk(model)), target)
    print(one_line(f"Decompressed: {target}"))


@app.command()
def generate(
    genre: Annotated[str, typer.Option(help="Genre, one of the training music's.")],
    study: Annotated[
        Path | None, typer.Argument(help="Settings file of the study that was built in OUT.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.5, max=600, help="Length of each clip.")] = 10.0,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="The same seed gives the same music.")
    ] = 0,
    count: Annotated[
        int, typer.Option("-n", "--count", min=1, max=1000, help="Clips, each with the next seed.")
    ] = 1,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder to write GENRE-SEED.flac to.")
    ] = Path("."),
    loop: Annotated[
        bool, typer.Option("--loop", help="Make loops, of whole bars where there is a pulse.")
    ] = False,
    model: Annotated[
        Path | None,
        typer.Option(help="A flow.safetensors instead of the one in OUT/results/models."),
    ] = None,
    out: OutOption = Path("build"),
) -> None:
    """Generate new music in a genre, of any length, with a built study's model."""
    from report.song_commands import generated_files, write_files

    file = on_disk(model) if model else out / "results" / "models" / "flow.safetensors"
    if study is not None and (last_study(out) or Path()).resolve() != study.resolve():
        raise StudyError(f"{study}: not the study in {out}; run latentes build {study} --out {out}")
    if not file.is_file():
        hint = "" if model else "; build the study first, with run = true in [generation]"
        raise StudyError(f"{file}: no such file{hint}")
    outputs = generated_files(on_disk(output), genre, range(seed, seed + count))
    write_files(new_music_graph(file, genre, seconds, seed, count, loop), outputs)
    for path in outputs.values():
        print(one_line(f"Generated: {path}"))


@app.command()
def inspect(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of music; by default that of the study.")
    ] = None,
    study: Annotated[
        Path | None, typer.Option(help="Settings file whose data settings apply.")
    ] = None,
    files: Annotated[
        bool, typer.Option("--files", help="List every file, and all faults.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON (docs/settings.md tells its keys).")
    ] = False,
) -> None:
    """Show what a study would find in a folder of music, without building anything."""
    from report.inspect_music import inspect_music
    from report.inspection_table import print_inspection

    stated = load_study(study or Path("study.toml")) if study or folder is None else Study()
    settings = music_alone(stated, folder)
    with show_reading(Console(stderr=True)):
        found = inspect_music(functools.partial(inspection_graph, settings))
    if as_json:
        print(found.model_dump_json(indent=2))
    else:
        print_inspection(Console(), found, files)
    if found.problem:
        raise StudyError(found.problem)


@app.command()
def listening(
    folder: Annotated[Path, typer.Argument(help="Folder of answers to the site's blind tests.")],
    out: OutOption = Path("build"),
) -> None:
    """Print what listeners answered to the tests of a built study, and which files do not count."""
    from pipeline.listening.answer_reader import answer_files
    from pipeline.listening.listening_results import analysis, read_results
    from report.listening_table import print_listening

    folder = on_disk(folder)
    if not folder.is_dir():
        raise StudyError(f"{folder}: {'is a file' if folder.exists() else 'no such folder'}")
    results = out / "results"
    found, numbers = analysis(read_results(results), results, folder, answer_files(folder))
    print_listening(Console(), found, numbers)
    if not found.tests:
        raise StudyError(f"{folder}: no answers that count for the study in {out}")


@app.command()
def render(out: OutOption = Path("build")) -> None:
    """Rewrite PDF and site from existing results, e.g. after editing a template.

    The study's report settings are read again if the study that was built still exists.
    """
    study = last_study(out)
    customization = Customization.from_study(load_study(study)) if study else Customization()
    with mention_last_pages(out):
        write_pages(out / "results", out, time.monotonic(), customization)


@app.command()
def serve(
    study: StudyArgument = Path("study.toml"),
    out: OutOption = Path("build"),
    port: Annotated[int, typer.Option(help="Port on localhost; 0 picks a free one.")] = 8000,
) -> None:
    """Preview the site and update it whenever the study, a template or a style changes."""
    from report.publish import preview

    console, version, stop = Console(stderr=True), preview.SiteVersion(), threading.Event()
    watcher = threading.Thread(
        target=preview.watch,
        args=(study, out, version, functools.partial(print_line, console), stop),
        daemon=True,
    )
    try:
        # The port is taken first: a build may take hours.
        with preview.serve(out / "site", version, port) as address:
            if not (out / "site" / "index.html").is_file():
                build(study, out)
            watcher.start()
            print(f"Site: {address} (press Ctrl-C to stop)", flush=True)
            watcher.join()
    finally:
        stop.set()  # also stops a running build
        if watcher.is_alive():
            watcher.join()


@app.command()
def check(out: OutOption = Path("build")) -> None:
    """Check that a built site is ready to publish; exit status 1 if it is not."""
    from report.checks import all_checks

    problems = all_checks.find_problems(out)
    for problem in problems:
        print(one_line(str(problem)))
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise StudyError(f"{count}; {out / 'site'} is not ready to publish")
    print(f"{out / 'site'} is ready to publish.")


@app.command()
def publish(
    remote: Annotated[
        str, typer.Argument(help="Git remote, by name or URL; its branch gh-pages is updated.")
    ] = "origin",
    archive: Annotated[Path | None, typer.Option("--zip", help="Write a zip file instead.")] = None,
    out: OutOption = Path("build"),
) -> None:
    """Publish a built site on GitHub Pages, or as a zip file, if `latentes check` passes."""
    from report.publish import github_pages, zip_archive

    check(out)
    if archive is not None:
        zip_archive.write_zip(out / "site", archive)
        print(f"Zip: {archive}")
    else:
        pushed = github_pages.push_to_branch(out / "site", remote)
        branch = f"{github_pages.BRANCH} of {remote}"
        print(f"Published on {branch}." if pushed else f"{branch} is already up to date.")


@app.command()
def explain(
    name: Annotated[str, typer.Argument(help="Step, number (dotted name) or figure.")],
    study: StudyOption = Path("study.toml"),
    out: OutOption = Path("build"),
) -> None:
    """Show how a step, number or figure was computed, and what has changed since."""
    steps, store = _graph(load_study(study), out), Store(out / "cache")
    step, description = find_step(name, steps, out)
    for line in [*description, *explain_step(steps, store, step)]:
        print(one_line(line))


@app.command()
def clean(
    study: StudyArgument = Path("study.toml"),
    out: OutOption = Path("build"),
) -> None:
    """Delete stored values that the current study does not use."""
    steps, store = _graph(load_study(study), out), Store(out / "cache")
    removed = store.prune((name, steps.key(name)) for name in steps.steps)
    if removed is None:
        raise StudyError(f"{store.folder}: a build is running; try again when it has finished")
    count, size = removed
    print(f"Removed {count} stored values ({size / 1e6:.1f} MB) from {store.folder}")


def _graph(settings: Study, out: Path) -> Graph:
    """The steps of a study, once the content of its files is known."""
    summaries.keep_in(out / "cache" / "sources.json")
    with show_reading(Console(stderr=True)):
        return graph(settings, out / "cache")


def _print_missing(steps: Graph, store: Store) -> None:
    """Print the steps that a build would run, with their last duration and the reason."""
    todo = missing(steps, store, [final_step(steps)])
    durations = last_durations(steps, store)
    for name in todo:
        duration = f"{durations[name]:.1f} s" if name in durations else "-"
        print(one_line(f"{name:<34} {duration:>9}  {reason(steps, store, name)}"))
    total = expected_time(with_measured_costs(steps, store), todo, bool(durations))
    print(f"{len(todo)} steps would run{total}")


def _check_chapters(customization: Customization, settings: Study) -> None:
    """Raise StudyError, with the line of the setting, if a chapter has no template."""
    try:
        customization.chapters()
    except ReportError as error:
        message = str(error).removeprefix("report.chapters: ")
        raise settings.to_study_error([SettingError(message, (("report", "chapters"),))]) from None


def _log_trainings(results: Path, out: Path, mode: WandbMode) -> None:
    """Log new trainings to Weights & Biases and print how many."""
    logged = track(results, out, mode)
    line = "All trainings are already in Weights & Biases."
    if logged:
        line = f"{len(logged)} trainings logged to Weights & Biases in {out / 'wandb'}"
        line += "; run wandb sync to upload them" if mode == "offline" else ""
    print_line(Console(stderr=True), line)


def main() -> None:
    """Run the command line; print one line per user error.

    The exit status is then 1, and 2 if the command line itself is wrong.
    """
    try:
        with interruptible():
            status = app(prog_name="latentes", standalone_mode=False)
        sys.exit(status)
    except typer.TyperException as error:
        _exit_with_usage(error)
    except (StudyError, ReportError, StoreError, ClusterError) as error:
        _exit_with_error(error)
    except OSError as error:
        if NO_TEMPORARY_FOLDER in str(error):
            _exit_with_error(StudyError(f"{error.strerror}; set TMPDIR to a folder with space"))
        if error.errno not in UNWRITABLE:
            raise
        where = Path(str(error.filename or "the output folder or TMPDIR"))
        _exit_with_error(store_error(error, where))


def _exit_with_usage(error: typer.TyperException) -> NoReturn:
    """Report a wrong command line and exit; print nothing after the help of `latentes` alone."""
    if message := error.format_message().rstrip("."):
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "latentes"
        print(f"latentes: {one_line(message)} (see {command} --help)", file=sys.stderr)
    sys.exit(error.exit_code)


def _exit_with_error(error: Exception) -> NoReturn:
    for line in str(error).split("\n"):
        print(f"latentes: {one_line(line)}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
