"""`latentes render` rewrites the pages of a built study with its current settings."""

import json
import shutil
from pathlib import Path

from pypdf import PdfReader

from tests.study_builds import latentes_in_process


def test_a_new_title_needs_only_a_render(built: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(built, tmp_path / "study", symlinks=True))
    # Records the new path of the study; computes nothing.
    moved = latentes_in_process("build", cwd=home)
    assert moved.returncode == 0, moved.stderr
    results = home / "build" / "results" / "results.json"
    before = results.read_bytes()
    assert json.loads(before)["study"]["report"]["title"] == "Un estudio diminuto"
    study = home / "study.toml"
    text = study.read_text(encoding="utf-8")
    study.write_text(text.replace("Un estudio diminuto", "El mismo, mejor titulado"), "utf-8")

    done = latentes_in_process("render", cwd=home)

    assert done.returncode == 0, done.stderr
    pdf = PdfReader(home / "build" / "informe.pdf")
    assert pdf.metadata is not None
    assert pdf.metadata.title == "El mismo, mejor titulado"
    assert "El mismo, mejor titulado" in pdf.pages[0].extract_text()
    page = (home / "build" / "site" / "index.html").read_text(encoding="utf-8")
    assert "El mismo, mejor titulado" in page
    assert "Un estudio diminuto" not in page
    assert results.read_bytes() == before
