"""Settings: defaults of the study, and errors that lead to the line to mend."""

from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.control_characters import one_line
from pipeline.errors import StudyError
from pipeline.settings.load import read
from pipeline.settings.schema import Study
from tests.pipeline.data import hostile_files
from tests.pipeline.settings import invalid_settings
from tests.pipeline.settings.invalid_settings import BREAKS, CASES, OWN, VALID, Case
from tests.study_builds import latentes

ROOT = Path(__file__).parents[3]


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "study.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def told(folder: Path, text: str | bytes) -> list[str]:
    """What is said of a study's file, a line each, without the file's name."""
    path = write(folder, text)
    with pytest.raises(StudyError) as caught:
        read(path)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{path}:") for line in lines)
    return [line.removeprefix(f"{path}:") for line in lines]


def test_the_embedded_study_states_the_defaults() -> None:
    stated = read(ROOT / "study.toml").model_dump()
    defaults = Study().model_dump()
    del stated["report"], defaults["report"]
    assert stated == defaults


def test_the_embedded_study_names_every_setting() -> None:
    text = (ROOT / "study.toml").read_text(encoding="utf-8")
    for name, table in Study().model_dump().items():
        for setting in table if isinstance(table, dict) else [name]:
            assert setting in text, f"{name}.{setting}"


def test_an_empty_file_is_the_study_itself(tmp_path: Path) -> None:
    study = read(write(tmp_path, ""))
    for family in ("classic", "adaptive"):
        assert list(study.architectures()[family]) == [55112, 32151, 24496, 18376, 9184]
    assert study.data.samples == 110_250
    training = study.training
    assert (training.learning_rate, training.epochs, training.batch) == (0.02, 40, 20)


@pytest.mark.parametrize(("off", "on"), [("classic", "adaptive"), ("adaptive", "classic")])
def test_a_family_can_be_switched_off(tmp_path: Path, off: str, on: str) -> None:
    study = read(write(tmp_path, f"[models]\n{on} = [9184]\n{off} = []"))
    assert {family: list(sizes) for family, sizes in study.architectures().items()} == {on: [9184]}
    assert study.tuning_size == (9184 if on == "classic" else None)


def test_the_music_folder_is_relative_to_the_file(tmp_path: Path) -> None:
    assert read(write(tmp_path, '[data]\npath = "music"')).data.path == tmp_path / "music"


def test_an_architecture_of_ones_own(tmp_path: Path) -> None:
    study = read(write(tmp_path, f"[[models.wide]]\n{OWN}"))
    assert {f: list(sizes) for f, sizes in study.architectures().items()} == {"wide": [18376]}


@pytest.mark.parametrize("case", CASES, ids=[case.what for case in CASES])
def test_a_mistake_is_told_with_its_line(tmp_path: Path, case: Case) -> None:
    assert told(tmp_path, case.text) == case.told


@pytest.mark.parametrize(
    "name", ["several tables at once", "no value", "a search above the default"]
)
def test_the_command_tells_the_same(tmp_path: Path, name: str) -> None:
    [case] = [case for case in CASES if case.what == name]
    write(tmp_path, case.text)
    run = latentes("build", "--dry-run", cwd=tmp_path)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.splitlines() == [f"latentes: study.toml:{line}" for line in case.told]


def test_the_table_of_settings_is_what_was_seen(tmp_path: Path) -> None:
    rows, told_ = ["| settings with | are told, at once |", "| --- | --- |"], 0
    for case in CASES:
        seen = told(tmp_path, case.text)
        told_ += len(seen)
        first = seen[0] if len(seen[0]) < 100 else f"{seen[0][:99]}…"
        more = f" and {len(seen) - 1} more" if len(seen) > 1 else ""
        rows.append(f"| {case.what} | {hostile_files.cell(first)}{more} |")
    rows += [
        "",
        f"{len(CASES)} studies tried: {told_} mistakes told, each with its line, no crash.",
    ]
    readme = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
    assert "\n".join(rows) in readme, "\n".join(rows)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfseed = 3\r\n[data]\r\nseconds = 0\r\n",
        b"seed = 3\r[data]\rseconds = 0",
        b"seed = 3\n[data]\nseconds = 0",
    ],
    ids=["BOM and CRLF", "CR", "LF"],
)
def test_every_editor_s_file_is_read_alike(tmp_path: Path, content: bytes) -> None:
    expected = "3: data.seconds: found 0; needs a number above 0 and of at most 600"
    assert told(tmp_path, content) == [expected]


def test_numbers_and_lists_beyond_measure_are_a_line(tmp_path: Path) -> None:
    range_ = "needs a whole number from 0 to 4294967295"
    assert told(tmp_path, "seed = 1" + "0" * 99) == [
        f"1: seed: found a number of more than 20 digits; {range_}"
    ]
    [line] = told(tmp_path, "\nseed = 1" + "0" * 5000)
    assert line.startswith('2: not TOML: found "seed = 1000')
    assert line.endswith("(a number of thousands of digits); no setting needs that many")
    [line] = told(tmp_path, "x = " + "[" * 3000)
    assert line == " lists or tables too deep in each other"
    [line] = told(tmp_path, "x." * 1200 + "x = 1")
    assert line == " lists or tables too deep in each other"


def test_a_byte_that_is_not_utf_8_has_a_line(tmp_path: Path) -> None:
    mend = "save the file as UTF-8 in your editor"
    for content, found in (
        (b"seed = 3\n# caf\xe9", "2: found a byte that is not UTF-8 (0xe9)"),
        (b"\xff\xfe" + "seed = 3".encode("utf-16-le"), "1: found a byte that is not UTF-8 (0xff)"),
    ):
        assert told(tmp_path, content) == [f"{found}; {mend}"]


def test_negative_zero_is_zero(tmp_path: Path) -> None:
    study = read(write(tmp_path, "[choice]\nsnr = -0.0"))
    assert str(study.choice.snr) == "0.0"


def test_a_file_that_is_none_is_one_line(tmp_path: Path) -> None:
    for path, reason in (
        (tmp_path / "none.toml", "no such file; name the study's TOML file"),
        (tmp_path, "is a folder; name the study's TOML file"),
        (write(tmp_path, "") / "x", "cannot be read (Not a directory)"),
        (Path("/proc/self/mem"), "cannot be read (Input/output error)"),
        (Path("/dev/zero"), "more than 1000000 bytes; that is no study"),
    ):
        with pytest.raises(StudyError) as caught:
            read(path)
        assert str(caught.value) == f"{path}: {reason}"


def test_hundreds_of_mistakes_are_a_screen_of_lines(tmp_path: Path) -> None:
    path = write(tmp_path, "".join(f"x{number} = 1\n" for number in range(300)))
    with pytest.raises(StudyError) as caught:
        read(path)
    lines = str(caught.value).splitlines()
    assert len(lines) == 41
    assert lines[-1] == f"... and 260 more in {path}"


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_each_of_several_mistakes_is_told_at_its_line(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """From a valid study, some of its settings broken at once."""
    folder = tmp_path_factory.getbasetemp()
    broken = data.draw(
        st.lists(st.sampled_from(BREAKS), min_size=1, max_size=4, unique_by=lambda one: one.setting)
    )
    assume(not {one.partner for one in broken} & {one.setting for one in broken})
    lines = VALID.splitlines()
    stood = {line.partition(" =")[0]: at for at, line in enumerate(lines)}
    for one in broken:
        lines[stood[one.setting]] = one.line
    found = told(folder, "\n".join(lines))
    for one in broken:
        start = f"{stood[one.setting] + 1}: {one.told}"
        assert any(line.startswith(start) for line in found), (start, found)


def test_the_study_that_is_broken_is_right(tmp_path: Path) -> None:
    read(write(tmp_path, VALID))


NAMES = st.sampled_from(
    ["data", "seconds", "models", "classic", "adaptive", "new_songs", "file", "tuning", "low",
     "report", "size", "choice", "limits", "x", "training", "channels", "é", ""]
)  # fmt: skip
SCALARS = (
    st.integers()
    | st.integers(-(10**400), 10**400)
    | st.floats()
    | st.booleans()
    | st.text(max_size=8)
    | st.dates()
    | st.times()
    | st.datetimes()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)


@settings(deadline=None, max_examples=300)
@given(stated=st.dictionaries(NAMES, VALUES, max_size=5))
def test_any_settings_are_a_study_or_mistakes_with_lines(
    tmp_path_factory: pytest.TempPathFactory, stated: dict[str, object]
) -> None:
    path = write(tmp_path_factory.getbasetemp(), invalid_settings.toml(stated))
    try:
        read(path)
    except StudyError as error:
        for line in str(error).splitlines():
            assert line.startswith((f"{path}:", "... and ")), line
            assert line == one_line(line)


@settings(deadline=None, max_examples=300)
@given(
    content=st.binary(max_size=60)
    | st.text(max_size=60).map(lambda text: text.encode(errors="surrogatepass"))
    | st.builds(
        lambda cut, junk: VALID.encode()[:cut] + junk, st.integers(0, len(VALID)), st.binary()
    )
)
def test_any_bytes_are_a_study_or_a_line(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = write(tmp_path_factory.getbasetemp(), content)
    try:
        read(path)
    except StudyError as error:
        assert str(error).startswith(f"{path}:")  # noqa: PT017
