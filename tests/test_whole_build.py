"""End-to-end build of a tiny study: real files, processes, pandoc and Typst."""

import math
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.engine.runner import missing
from pipeline.engine.store import Store
from pipeline.settings.load import load_study
from pipeline.steps import RESULTS, graph
from tests.pipeline import plucked_notes
from tests.study_builds import ROOT, STUDY, latentes, latentes_in_process, results


@pytest.fixture(scope="module")
def study(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tiny study, to run commands in."""
    return Path(shutil.copytree(built, tmp_path_factory.mktemp("copy") / "study"))


def test_pdf_site_and_results_are_at_their_documented_paths(built: Path) -> None:
    assert (built / "build" / "informe.pdf").read_bytes()[:5] == b"%PDF-"
    page = (built / "build" / "site" / "index.html").read_text(encoding="utf-8")
    assert "Un estudio diminuto" in page
    for song in results(built)["songs"]:
        for version in song["versions"]:
            assert (built / "build" / "results" / version["audio"]).is_file()


def test_every_number_that_scripts_rely_on_is_there_and_finite(built: Path) -> None:
    numbers = results(built)["numbers"]
    assert all(math.isfinite(number["value"]) for number in numbers.values())
    for size in (3200, 1600):
        for name in (
            f"reconstruction.small.{size}.snr",
            f"reconstruction.small.{size}.log_mel",
            f"reconstruction.small.{size}.visqol",
            f"baseline.lowpass.{size}.snr",
            f"baseline.klt.{size}.snr",
            f"baseline.mdct.{size}.log_mel",
            f"kmeans.small.{size}.homogeneity",
            f"kmeans.small.{size}.completeness",
            f"tree.small.{size}.accuracy",
            f"training.small.{size}.best_validation_rmse",
            f"training.small.{size}.best_epoch",
            f"training.small.{size}.seconds",
        ):
            assert {"value", "unit", "step"} <= set(numbers[name]), name
    assert {"kmeans.original.homogeneity", "tree.original.accuracy"} <= set(numbers)


def test_a_rejected_file_is_listed_in_results_and_report(built: Path) -> None:
    faults = results(built)["data"]["faults"]
    assert [(fault["file"], fault["fault"]) for fault in faults] == [
        ("rock/brief.wav", "too_short")
    ]
    page = (built / "build" / "site" / "informe-apendice.html").read_text(encoding="utf-8")
    assert "rock/brief.wav" in page


def test_no_local_path_is_in_the_site(built: Path) -> None:
    for path in (built / "build" / "site").rglob("*"):
        if path.suffix in {".html", ".json", ".svg", ".css", ".js"}:
            assert str(built) not in path.read_text(encoding="utf-8"), path


def test_a_second_build_computes_nothing_and_does_not_import_torch(study: Path) -> None:
    code = (
        "import sys, atexit; from report.__main__ import main; "
        "atexit.register(lambda: print('torch' in sys.modules, 'numpy' in sys.modules)); main()"
    )
    before = (study / "build" / "informe.pdf").stat()
    run = latentes("build", cwd=study, code=code)
    assert run.returncode == 0, run.stderr
    assert run.stderr.endswith("PDF and site are up to date.\n")
    assert "steps computed" not in run.stderr
    assert run.stdout.endswith("False False\n")
    assert (study / "build" / "informe.pdf").stat().st_mtime_ns == before.st_mtime_ns


def changed(built: Path, before: str, after: str) -> list[str]:
    """Return the steps that would run after replacing `before` by `after` in the study."""
    path = built / "changed.toml"
    path.write_text(STUDY.replace(before, after, 1), encoding="utf-8")
    cache = built / "build" / "cache"
    return missing(graph(load_study(path), cache), Store(cache), [RESULTS])


def test_a_changed_size_trains_only_that_model(built: Path) -> None:
    steps = changed(built, "channels = [2]", "channels = [3]")
    assert [step for step in steps if step.startswith("training.")] == ["training.small.2400"]
    assert "training.small.3200" not in steps
    assert "corpus" not in steps


@pytest.mark.parametrize(
    "setting", ["chapters = ['resumen']", "authors = ['Ana']", "genre = 'pop'"]
)
def test_changed_words_compute_nothing(built: Path, setting: str) -> None:
    assert changed(built, "[data]", f"{setting}\n[data]") == []


def test_more_epochs_do_not_recompute_the_music(built: Path) -> None:
    steps = changed(built, "epochs = 2", "epochs = 3")
    assert "training.small.3200" in steps
    assert not {"corpus", "klt", "tuning.1", "map.original"} & set(steps)


def test_a_changed_template_only_rewrites_the_pages(built: Path, tmp_path: Path) -> None:
    for part in ("pipeline", "report", "templates", "site"):
        shutil.copytree(ROOT / part, tmp_path / part)
    shutil.copytree(built / "build", tmp_path / "build")
    template = tmp_path / "templates" / "introduccion.md"
    text = template.read_text(encoding="utf-8")
    template.write_text(text + "\nUna frase que antes no estaba.\n", encoding="utf-8")
    run = latentes(
        "build", str(built / "study.toml"), "--out", "build", cwd=tmp_path, home=tmp_path
    )
    assert run.returncode == 0, run.stderr
    assert "steps computed" not in run.stderr
    assert "Writing PDF and site" in run.stderr
    page = (tmp_path / "build" / "site" / "informe.html").read_text(encoding="utf-8")
    assert "Una frase que antes no estaba." in page


@pytest.mark.slow
def test_render_needs_only_the_results(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built / "build" / "results", tmp_path / "out" / "results")
    run = latentes_in_process("render", "--out", "out", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    ours = (tmp_path / "out" / "informe.pdf").read_bytes()
    assert ours == (built / "build" / "informe.pdf").read_bytes()


def test_encode_one_song(study: Path) -> None:
    plucked_notes.write(study / "long.ogg", plucked_notes.pluck(5, 4.3, 22_050), 22_050)
    run = latentes_in_process("encode", "long.ogg", cwd=study)
    assert run.returncode == 0, run.stderr
    names = {path.name for path in (study / "build" / "encoded" / "long").iterdir()}
    assert {"original.flac", "small.3200.flac", "small.1600.flac", "fidelity.json"} <= names
    assert {"spectrograms-small.svg", "waveforms-small.svg"} <= names


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "none.toml"], "none.toml: no such file"),
        (["build", "bad.toml"], "bad.toml:2: data.pth: unknown setting; did you mean path?"),
        (["build", "nowhere.toml"], "no such folder"),
        (["build", "nosong.toml"], "gone.mp3: no such file"),
        (["render", "--out", "nothing"], "run latentes build first"),
        (["encode", "gone.mp3"], "gone.mp3: no such file"),
    ],
)
def test_a_user_error_is_one_line_and_loses_nothing(
    study: Path, arguments: list[str], message: str
) -> None:
    (study / "bad.toml").write_text('[data]\npth = "music"\n')
    (study / "nowhere.toml").write_text('[data]\npath = "nowhere"\n')
    (study / "nosong.toml").write_text(STUDY.replace("song.flac", "gone.mp3"))
    before = (study / "build" / "informe.pdf").read_bytes()
    run = latentes_in_process(*arguments, cwd=study)
    assert run.returncode == 1
    assert run.stderr.startswith("latentes: ")
    assert message in run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert (study / "build" / "informe.pdf").read_bytes() == before


@pytest.mark.slow
def test_a_failed_step_is_reported_and_other_steps_are_kept(built: Path, tmp_path: Path) -> None:
    plucked_notes.folder(tmp_path / "music", {"pop": 4, "rock": 4})
    shutil.copy(built / "song.flac", tmp_path)
    plucked_notes.write(
        tmp_path / "music" / "rock" / "none.wav", plucked_notes.pluck(9, 0.2, 8000), 8000
    )
    study = STUDY.replace('title = "Un estudio diminuto"', 'song = "rock/none"')
    (tmp_path / "study.toml").write_text(study, encoding="utf-8")
    run = latentes("build", cwd=tmp_path)
    assert run.returncode == 1
    reason = 'report.song: "rock/none" is not a clip of the test set'
    first = run.stderr.index(f"featured failed: {reason}")
    assert first < run.stderr.index("training.small.3200 (")  # fails fast, not after hours
    assert f"latentes: featured: {reason}" in run.stderr
    assert "Traceback" not in run.stderr
    assert "run the same command to continue" in run.stderr
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    again = latentes("build", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "training.small.3200" not in again.stderr


@pytest.mark.slow
def test_a_bug_is_reported_with_its_traceback_in_a_file(built: Path, tmp_path: Path) -> None:
    for part in ("pipeline", "report", "templates", "site"):
        shutil.copytree(ROOT / part, tmp_path / part)
    shutil.copytree(built / "build", tmp_path / "build")
    code = tmp_path / "pipeline" / "analysis" / "vectors.py"
    broken = code.read_text(encoding="utf-8").replace("return _map(log", "return 1 / 0, _map(log")
    code.write_text(broken, encoding="utf-8")
    # A step independent of the broken one is still computed.
    study = STUDY.replace("channels = [2]", "channels = [3]")
    (built / "other.toml").write_text(study, encoding="utf-8")
    run = latentes(
        "build", str(built / "other.toml"), "--out", "build", cwd=tmp_path, home=tmp_path
    )
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    told = [line for line in run.stderr.splitlines() if line.startswith("latentes: ")]
    assert told[0] == (
        "latentes: map.log_mel: ZeroDivisionError: division by zero; this is a bug in latentes: "
        "please report build/failure.txt"
    )
    assert told[1].startswith("latentes: 1 failed, 1 skipped, ")
    assert "training.small.2400 (" in run.stderr
    assert "tree.small.2400.averaged (" in run.stderr
    file = tmp_path / "build" / "failure.txt"
    assert "return 1 / 0" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [("report", {"torch", "torchaudio", "sklearn"}), ("pipeline", {"report"})],
)
def test_packages_do_not_import_each_other(package: str, forbidden: set[str]) -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.name != "__init__.py"
    ]
    code = f"import sys, importlib; [importlib.import_module(m) for m in {modules}]; " + (
        "print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not forbidden & set(loaded)


def test_explain_shows_how_a_number_was_computed(study: Path) -> None:
    run = latentes_in_process("explain", "reconstruction.small.3200.snr", cwd=study)
    assert run.returncode == 0, run.stderr
    value = results(study)["numbers"]["reconstruction.small.3200.snr"]["value"]
    assert f"number      reconstruction.small.3200.snr = {value} dB\n" in run.stdout
    assert "step        reconstruction.small.3200\n" in run.stdout
    assert "function    pipeline.evaluation.reconstruction:reconstruct_with_model\n" in run.stdout
    assert "reads       training.small.3200 (stored)\n" in run.stdout
    assert " UTC in " in run.stdout
    wrong = latentes_in_process("explain", "reconstruction.small.3200.snrr", cwd=study)
    assert wrong.returncode == 1
    assert "did you mean reconstruction.small.3200.snr" in wrong.stderr


def test_explain_and_dry_run_show_which_part_changed(study: Path) -> None:
    (study / "longer.toml").write_text(STUDY.replace("epochs = 2", "epochs = 3"), encoding="utf-8")
    for what in ("training.small.3200", "latents.small.3200"):
        run = latentes_in_process("explain", what, "--study", "longer.toml", cwd=study)
        assert run.returncode == 0, run.stderr
        assert "parameters.epochs: 2 -> 3\n" in run.stdout
    dry = latentes_in_process("build", "longer.toml", "--dry-run", cwd=study)
    assert dry.returncode == 0, dry.stderr
    lines = {line.split()[0]: line for line in dry.stdout.splitlines()}
    assert lines["training.small.3200"].endswith(" parameters.epochs: 2 -> 3")
    assert "corpus" not in lines
    assert "steps would run" in dry.stdout
    assert latentes_in_process("build", "--dry-run", cwd=study).stdout.startswith(
        "0 steps would run"
    )


def test_clean_removes_unused_values(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "copy", symlinks=True)
    (tmp_path / "copy" / "study.toml").write_text(
        STUDY.replace("channels = [4]", "channels = [3]"), encoding="utf-8"
    )
    run = latentes_in_process("clean", cwd=tmp_path / "copy")
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("Removed ")
    cache = tmp_path / "copy" / "build" / "cache"
    assert not (cache / "training.small.3200").exists()
    assert (cache / "training.small.1600").exists()
    assert (
        missing(
            graph(load_study(tmp_path / "copy" / "study.toml"), cache), Store(cache), ["corpus"]
        )
        == []
    )
