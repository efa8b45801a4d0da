"""Rendering: the same bytes again, and never half a report."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from report.errors import ReportError
from report.render import Rendered, render


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.slow
@pytest.mark.parametrize("sample", ["whole", "hostile"])
def test_the_same_results_give_the_same_bytes(
    sample: str,
    results_folder: Callable[[str], Path],
    rendered: Callable[[str], Rendered],
    tmp_path: Path,
) -> None:
    first, second = rendered(sample), render(results_folder(sample), tmp_path / "other" / "place")
    assert first.pdf.read_bytes() == second.pdf.read_bytes()
    assert contents(first.site) == contents(second.site)


@pytest.mark.slow
def test_an_error_leaves_the_last_report(
    results_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    made = render(results_folder("small"), tmp_path / "out")
    before = contents(tmp_path / "out")
    spoiled = tmp_path / "results"
    shutil.copytree(results_folder("small"), spoiled)
    content = json.loads((spoiled / "results.json").read_text(encoding="utf-8"))
    del content["numbers"]["reconstruction.propia.9184.stft"]
    (spoiled / "results.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ReportError, match=r"resultados\.md:\d+: no number .*9184\.stft"):
        render(spoiled, tmp_path / "out")
    after = contents(tmp_path / "out")
    assert {name: after[name] for name in before if name[0] != "."} == {
        name: before[name] for name in before if name[0] != "."
    }
    assert made.pdf.is_file()


@pytest.mark.slow
def test_a_new_report_takes_the_place_of_the_last(
    results_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    render(results_folder("whole"), tmp_path)
    made = render(results_folder("small"), tmp_path)
    assert (made.site / "figures" / "network-propia.svg").is_file()
    assert not (made.site / "figures" / "network-classic.svg").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".kept", "informe.pdf", "site"]


def test_rendering_loads_nothing_that_learns() -> None:
    code = (
        "import sys, report.render, report.checks.all_checks, report.site.pages; "
        "print(sorted({'torch', 'torchaudio', 'sklearn', 'optuna'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
