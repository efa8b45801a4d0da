"""What `latentes compress`, `decompress` and `generate` do around their step."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from pipeline.engine.graph import Graph
from pipeline.errors import StudyError
from pipeline.slug import slug
from report.run_alone import run_alone
from report.terminal import print_line, show_progress


def output_path(file: Path, output: Path | None, suffix: str) -> Path:
    """Where a command writes: beside `file` if no `output` is named.

    Raises:
        StudyError: the file is missing, would be overwritten, or the output has another suffix.
    """
    if not file.is_file():
        raise StudyError(f"{file}: no such file")
    if output is None:
        output = file.with_suffix(suffix)
        if output.exists():
            raise StudyError(f"{output}: exists already; name another file, or this one, with -o")
    elif output.suffix.lower() != suffix:
        raise StudyError(f"{output}: the name must end in {suffix}")
    if output.exists() and output.samefile(file):
        raise StudyError(f"{output}: is the file to be read; name another one with -o")
    if not output.parent.is_dir():
        raise StudyError(f"{output.parent}: no such folder")
    return output


def write_song(graph: Graph, output: Path) -> int:
    """Run a step that makes a file `song` and remarks, move the file to `output`, print the
    remarks; returns the file's size in bytes."""
    write_files(graph, {f"song{output.suffix.lower()}": output})
    return output.stat().st_size


def write_files(graph: Graph, outputs: Mapping[str, Path]) -> None:
    """Run a step that makes some files and remarks, move each file to its output, by its name in
    the step's folder, and print the remarks."""
    console = Console(stderr=True)
    with show_progress(console), run_alone(lambda _: graph) as folder:
        for name, output in outputs.items():
            output.parent.mkdir(parents=True, exist_ok=True)
            draft = output.with_name(f".{output.name}.{os.getpid()}")
            try:
                shutil.copyfile(folder / name, draft)
                draft.replace(output)
            finally:
                draft.unlink(missing_ok=True)
        remarks = json.loads((folder / "remarks.json").read_text(encoding="utf-8"))
    for remark in remarks:
        print_line(console, remark)


def generated_files(folder: Path, genre: str, seeds: range) -> dict[str, Path]:
    """Where `latentes generate` writes each file of its step.

    Raises:
        StudyError: a file exists already, or the folder is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise StudyError(f"{folder}: is a file; name a folder with -o")
    outputs = {f"{seed}.flac": folder / f"{slug(genre)}-{seed}.flac" for seed in seeds}
    for output in outputs.values():
        if output.exists():
            raise StudyError(f"{output}: exists already; name another folder, or seed")
    return outputs
