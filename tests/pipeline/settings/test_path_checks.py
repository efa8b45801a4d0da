"""Checks of music folders and other paths: valid folders are accepted, others reported."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.data.corpus import from_folder
from pipeline.data.demo.styles import GENRES
from pipeline.engine.file_digests import digests
from pipeline.errors import StudyError
from pipeline.music_folder.scan import Music
from pipeline.settings.load import load_study
from pipeline.settings.path_checks import check_paths
from pipeline.settings.schema import Study
from tests.pipeline import plucked_notes
from tests.pipeline.data import hostile_files
from tests.pipeline.settings import music_folders
from tests.study_builds import latentes_in_process


def study(case: music_folders.Case, root: Path) -> Path:
    """Create a case's folder and its study in `root`."""
    root.mkdir(exist_ok=True)
    case.make(root)
    file = root / "study.toml"
    clips = "clips_per_file = 3\n" if "within" in case.title else ""
    data, tables = case.settings.partition("[")[::2]
    text = music_folders.STUDY.replace("[models]", f"{clips}{data}[models]")
    if "path" in data:
        text = text.replace('path = "music"\n', "")
    text += f"[{tables}" if tables else ""
    file.write_text(text, encoding="utf-8")
    return file


def outcome(file: Path) -> str:
    """Error messages without file and line, or the numbers of clips and faults."""
    try:
        settings = load_study(file)
        music = str(settings.data.path)
        listed = check_paths(settings, GENRES)
        found = from_folder(
            music,
            plucked_notes.hashed(Path(music), listed.files),
            listed.genres,
            listed.left_out,
            stretch="start",
            sampling_rate=hostile_files.RATE,
            samples=settings.data.samples,
            clips_per_file=settings.data.clips_per_file,
            validation=0.1,
            test=0.1,
            seed=1,
            max_clips=settings.limits.clips,
        )
    except StudyError as error:
        lines = [
            line.removeprefix(f"{file}:").lstrip("0123456789").removeprefix(": ")
            for line in str(error).splitlines()
        ]
        return " | ".join(lines).replace(f"{file.parent}/", "")
    each = settings.data.clips_per_file
    assert each > 1 or len(found.clips) + len(found.faults) == found.files
    assert {clip.genre for clip in found.clips} <= {listed.genre(file) for file in listed.files}
    return f"{len(found.clips)} clips, faults: {len(found.faults)}"


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Outcome of each folder."""
    root = tmp_path_factory.mktemp("folders")
    return {
        case.title: outcome(study(case, root / str(number)))
        for number, case in enumerate(music_folders.CASES)
    }


@pytest.mark.parametrize(
    "case", music_folders.CASES, ids=[case.title[:30] for case in music_folders.CASES]
)
def test_each_folder_is_accepted_or_reported(
    outcomes: dict[str, str], case: music_folders.Case
) -> None:
    assert outcomes[case.title] == case.outcome


def test_the_table_of_music_folders_is_current(
    outcomes: dict[str, str], check_table: Callable[[str, list[str]], None]
) -> None:
    rows = ["| a folder with | outcome |", "| --- | --- |"]
    for title, seen in outcomes.items():
        rows.append(f"| {hostile_files.title_cell(title)} | {hostile_files.cell(seen)} |")
    accepted = sum(" clips, faults" in seen for seen in outcomes.values())
    total = f"{len(outcomes)} folders: {accepted} accepted, {len(outcomes) - accepted} rejected."
    check_table("music-folders", [*rows, "", total])


@pytest.mark.parametrize("title", ["101 genres", "missing new songs", "loops of links"])
def test_the_command_reports_the_same(tmp_path: Path, title: str) -> None:
    [case] = [case for case in music_folders.CASES if case.title == title]
    study(case, tmp_path)
    run = latentes_in_process("build", "--dry-run", cwd=tmp_path)
    if " clips, faults" in case.outcome:
        assert run.returncode == 0, run.stderr
        assert "corpus" in run.stdout
        return
    assert run.returncode == 1
    lines = [line.replace(f"{tmp_path}/", "") for line in run.stderr.splitlines()]
    assert [line.split(": ", 2)[2] for line in lines] == case.outcome.split(" | ")
    assert all(line.startswith("latentes: study.toml:") for line in lines)


def test_the_embedded_music_is_checked_before_it_is_composed(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text('[report]\ngenre = "jaz"\nsong = "jazz/jazz.00024"\n[limits]\ngenres = 9')
    with pytest.raises(StudyError) as caught:
        check_paths(load_study(file), GENRES)
    assert str(caught.value).splitlines() == [
        f'{file}:2: report.genre: no genre "jaz" in the music (genres: blues, classical, country, '
        "disco, hiphop, jazz, metal, pop, reggae, rock); did you mean jazz?",
        f'{file}:3: report.song: no clip "jazz/jazz.00024" in the music; give GENRE/FILE without '
        "the file extension; did you mean jazz/jazz.00023?",
        f"{file}:5: limits.genres: found 10 genres (folders with music), more than limits.genres "
        "(9); use fewer, or raise limits.genres",
    ]
    assert check_paths(Study(), GENRES) == Music()


def test_names_with_line_breaks_are_reported_in_one_line(tmp_path: Path) -> None:
    music_folders.genres(pop=3)(tmp_path)
    (tmp_path / "music" / "pop").rename(tmp_path / "music" / "a\nb")
    file = tmp_path / "study.toml"
    file.write_text(f'{music_folders.STUDY}[report]\ngenre = "a\\nc"\nsong = "\\u202e"\n')
    with pytest.raises(StudyError) as caught:
        check_paths(load_study(file), GENRES)
    assert str(caught.value).splitlines() == [
        f'{file}:8: report.genre: no genre "a(U+000A)c" in the music (genres: a(U+000A)b); did '
        "you mean a(U+000A)b?",
        f'{file}:9: report.song: no clip "(U+202E)" in the music; give GENRE/FILE without the '
        "file extension",
    ]


def test_ten_thousand_files_are_within_the_limits(tmp_path: Path) -> None:
    music_folders._many(10, 1000)(tmp_path)
    file = tmp_path / "study.toml"
    file.write_text('[data]\npath = "music"')
    settings = load_study(file)
    files = check_paths(settings, GENRES).files
    assert len(files) == len(digests(tmp_path / "music", files, tmp_path / "index")) == 10_000
