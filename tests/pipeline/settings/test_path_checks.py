"""Folders as strangers have them: told at once where they will not do, studied where they will."""

from pathlib import Path

import pytest

from pipeline.data.corpus import from_folder
from pipeline.engine.file_digests import digests
from pipeline.errors import StudyError
from pipeline.settings.load import read
from pipeline.settings.path_checks import check_paths
from pipeline.settings.schema import Study
from tests.pipeline.data import hostile_files
from tests.pipeline.settings import music_folders
from tests.study_builds import latentes


def study(case: music_folders.Case, root: Path) -> Path:
    """A study of a case's folder in `root`."""
    root.mkdir(exist_ok=True)
    case.make(root)
    file = root / "study.toml"
    clips = "clips_per_file = 3\n" if "within" in case.what else ""
    text = music_folders.STUDY.replace("[models]", f"{clips}[models]") + case.settings
    file.write_text(text, encoding="utf-8")
    return file


def outcome(file: Path) -> str:
    """What becomes of a study's music: mistakes, without file and line, or clips and faults."""
    try:
        settings = read(file)
        music = str(settings.data.path)
        files = check_paths(settings)
        found = from_folder(
            music,
            dict.fromkeys(files, ""),
            sampling_rate=hostile_files.RATE,
            samples=settings.data.samples,
            clips_per_file=settings.data.clips_per_file,
            validation=0.1,
            test=0.1,
            seed=1,
            most=settings.limits.clips,
        )
    except StudyError as error:
        lines = [
            line.removeprefix(f"{file}:").lstrip("0123456789").removeprefix(": ")
            for line in str(error).splitlines()
        ]
        return " | ".join(lines).replace(f"{file.parent}/", "")
    each = settings.data.clips_per_file
    assert each > 1 or len(found.clips) + len(found.faults) == len(files)
    return f"{len(found.clips)} clips, faults listed: {len(found.faults)}"


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What becomes of each folder."""
    root = tmp_path_factory.mktemp("folders")
    return {
        case.what: outcome(study(case, root / str(number)))
        for number, case in enumerate(music_folders.CASES)
    }


@pytest.mark.parametrize(
    "case", music_folders.CASES, ids=[case.what[:30] for case in music_folders.CASES]
)
def test_each_folder_is_studied_or_told(outcomes: dict[str, str], case: music_folders.Case) -> None:
    assert outcomes[case.what] == case.outcome


def test_the_table_of_folders_is_what_was_seen(outcomes: dict[str, str]) -> None:
    rows = ["| a folder with | becomes |", "| --- | --- |"]
    for case in music_folders.CASES:
        rows.append(
            f"| {hostile_files.shown(case.what)} | {hostile_files.cell(outcomes[case.what])} |"
        )
    studied = sum(" clips, faults" in seen for seen in outcomes.values())
    rows += ["", f"{len(rows) - 2} folders tried: {studied} studied, {len(outcomes) - studied} "
             "refused in a line for each reason, no crash, nothing lost."]  # fmt: skip
    told = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert "\n".join(rows) in told, "\n".join(rows)


@pytest.mark.parametrize("what", ["101 genres", "new songs that are not there", "loops of links"])
def test_the_command_tells_the_same(tmp_path: Path, what: str) -> None:
    [case] = [case for case in music_folders.CASES if case.what == what]
    study(case, tmp_path)
    run = latentes("build", "--dry-run", cwd=tmp_path)
    if " clips, faults" in case.outcome:
        assert run.returncode == 0, run.stderr
        assert "corpus" in run.stdout
        return
    assert run.returncode == 1
    lines = [line.replace(f"{tmp_path}/", "") for line in run.stderr.splitlines()]
    assert [line.split(": ", 2)[2] for line in lines] == case.outcome.split(" | ")
    assert all(line.startswith("latentes: study.toml:") for line in lines)


def test_the_embedded_music_is_known_before_it_is_composed(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text('[report]\ngenre = "jaz"\nsong = "jazz/jazz.00024"\n[limits]\ngenres = 9')
    with pytest.raises(StudyError) as caught:
        check_paths(read(file))
    assert str(caught.value).splitlines() == [
        f'{file}:2: report.genre: found "jaz", no genre of the music; did you mean jazz? (blues, '
        "classical, country, disco, hiphop, jazz, metal, pop, reggae, rock)",
        f'{file}:3: report.song: found "jazz/jazz.00024", no clip of the music; did you mean '
        "jazz/jazz.00023?; needs GENRE/FILE without its ending",
        f"{file}:5: limits.genres: found 10 genres (folders with music), more than limits.genres "
        "(9); study fewer, or raise genres under [limits]",
    ]
    assert check_paths(Study()) == []


def test_names_of_several_lines_are_told_in_one(tmp_path: Path) -> None:
    music_folders.genres(pop=3)(tmp_path)
    (tmp_path / "music" / "pop").rename(tmp_path / "music" / "a\nb")
    file = tmp_path / "study.toml"
    file.write_text(f'{music_folders.STUDY}[report]\ngenre = "a\\nc"\nsong = "\\u202e"\n')
    with pytest.raises(StudyError) as caught:
        check_paths(read(file))
    assert str(caught.value).splitlines() == [
        f'{file}:8: report.genre: found "a(U+000A)c", no genre of the music; did you mean '
        "a(U+000A)b? (a(U+000A)b)",
        f'{file}:9: report.song: found "(U+202E)", no clip of the music; needs GENRE/FILE without '
        "its ending",
    ]


def test_ten_thousand_files_are_within_the_limits(tmp_path: Path) -> None:
    music_folders._many(10, 1000)(tmp_path)
    file = tmp_path / "study.toml"
    file.write_text('[data]\npath = "music"')
    settings = read(file)
    assert len(check_paths(settings)) == 10_000
    assert len(digests(tmp_path / "music", check_paths(settings), tmp_path / "index")) == 10_000
