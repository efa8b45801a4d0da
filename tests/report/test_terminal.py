"""Progress and faults printed when stderr is not a terminal."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from pipeline.engine.graph import Graph, Step
from pipeline.engine.progress import report_progress
from pipeline.results.schema import Clip, Data, Duplicate, Fault, Genre
from report import terminal as module
from report.terminal import Terminal, format_duration, print_faults, show_reading
from tests.study_builds import latentes_in_process

TRAIN = "pipeline.models.training:train"


def test_plain_lines_show_steps_times_and_failures() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=False)
    graph = Graph([Step("[a]", TRAIN), Step("b", TRAIN)], "cpu")
    with Terminal(console, graph, ["[a]", "b"], 2) as terminal:
        terminal.started("[a]")
        terminal.started("b")
        terminal.advanced("b", 0.5, "epoch 1/2")
        terminal.advanced("unknown", 0.5, "message of a step that ended")
        terminal.finished("[a]", 1.25)
        terminal.failed("b", ValueError())
    assert stream.getvalue() == "[1/2] [a] (1.2 s)\n[2/2] b failed\n"


@pytest.mark.parametrize("quiet", [0.0, 9.0])
@pytest.mark.parametrize("live", [True, False])
def test_reading_files_is_shown_only_if_it_takes_long(
    monkeypatch: pytest.MonkeyPatch, quiet: float, live: bool
) -> None:
    monkeypatch.setattr(module, "QUIET_SECONDS", quiet)
    stream = io.StringIO()
    with show_reading(Console(file=stream, force_terminal=live)):
        report_progress(1, 4, "0.1 of 0.4 GB")
        report_progress(2, 4, "0.2 of 0.4 GB")
    report_progress(3, 4, "0.3 of 0.4 GB")
    shown = stream.getvalue()
    assert ("Reading files: 0." in shown) == (not quiet)
    assert quiet or live or shown == "Reading files: 0.1 of 0.4 GB\n"
    assert "0.3" not in shown


def test_durations_are_minutes_and_seconds() -> None:
    assert [format_duration(s) for s in (0, 59.9, 61, 3600)] == ["0:00", "0:59", "1:01", "60:00"]


def printed(folder: Path, *faults: Fault, terminal: bool = False, **more: Any) -> list[str]:
    """What is printed of 30 files, of which only used.wav is sure to be used."""
    clip = Clip(name="used", genre="a", file="used.wav", split="training")
    data = Data(
        synthetic=False,
        sampling_rate=8000,
        samples=8000,
        files=30,
        seconds_found=60.0,
        genres=[Genre(name="a", training=1, validation=0, test=0)],
        clips=[clip],
        faults=list(faults),
        **{"duplicates": [], "copies": []} | more,
    )
    content = json.dumps({"data": data.model_dump(mode="json")})
    (folder / "results.json").write_text(content, encoding="utf-8")
    stream = io.StringIO()
    print_faults(Console(file=stream, force_terminal=terminal), folder)
    return stream.getvalue().splitlines()


def silent(file: str, start: float | None = None) -> Fault:
    place = "" if start is None else f" from {start:g} s"
    return Fault(file=file, fault="silent", detail=f"silent{place}", start=start)


def test_faults_are_told_by_file(tmp_path: Path) -> None:
    assert printed(tmp_path) == []
    assert printed(tmp_path, silent("x.wav")) == ["Left out 1 of 30 files:", "  x.wav: silent"]
    # Three faults of one file are one line; a stretch of a used file leaves out no file.
    assert printed(tmp_path, *(silent("x.wav", 5.0 * k) for k in range(3))) == [
        "Left out 1 of 30 files:",
        "  x.wav: silent from 0 s; silent from 5 s; silent from 10 s",
    ]
    assert printed(tmp_path, silent("used.wav", 5.0)) == [
        "Used 1 file in part:",
        "  used.wav: silent from 5 s",
    ]
    many = printed(tmp_path, *(silent("used.wav", 5.0 * k) for k in range(9)))
    assert many[1].endswith("silent from 10 s; and 6 more")


def test_listed_faults_are_limited_and_names_are_not_markup(tmp_path: Path) -> None:
    groups: dict[str, Any] = {
        "duplicates": [Duplicate(clips=["a/x", "b/y"], genres=["a", "b"])],
        "copies": [
            Duplicate(clips=["c", "d"], genres=["c"]),
            Duplicate(clips=["e/x", "f/y", "g/z"], genres=["e", "f", "g"]),
        ],
    }
    lines = printed(tmp_path, *(silent(f"[red]{n}.wav") for n in range(25)), **groups)
    assert lines[0] == "Left out 25 of 30 files:"
    assert lines[1] == "  [red]0.wav: silent"
    assert lines[21] == "  ... and 5 more, all listed in the report"
    assert lines[22] == "Same music under 2 genres: a/x, b/y"
    assert lines[23] == "Same music under 3 genres: e/x, f/y, g/z"
    assert len(lines) == 24


def test_control_characters_in_names_are_made_visible(tmp_path: Path) -> None:
    name = "a\x1b[31m\x1b]0;title\x07\r\n\u202egpj\x9b2J.wav"
    visible = "a(U+001B)[31m(U+001B)]0;title(U+0007)(U+000D)(U+000A)(U+202E)gpj(U+009B)2J.wav"
    for is_terminal in (False, True):
        lines = printed(tmp_path, silent(name), terminal=is_terminal)
        assert lines[1:] == [f"  {visible}: silent"]
    path = tmp_path / name
    path.write_bytes(b"RIFF")
    run = latentes_in_process("encode", name, "--model", "no.safetensors", cwd=tmp_path)
    assert run.returncode == 1
    assert not set(run.stderr + run.stdout) & set("\x1b\x07\r\x9b\u202e")
    missing = latentes_in_process("encode", f"{name}.flac", cwd=tmp_path)
    assert missing.stderr.startswith("latentes: a(U+001B)[31m(U+001B)]0;title(U+0007)(U+000D)\n")
    assert "\x1b" not in missing.stderr
