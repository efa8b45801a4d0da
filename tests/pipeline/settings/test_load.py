"""Loading of study.toml: defaults, and errors with their lines."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.control_characters import one_line
from pipeline.errors import StudyError
from pipeline.settings.load import load_study
from pipeline.settings.schema import Study
from tests.pipeline.data import hostile_files
from tests.pipeline.settings import invalid_settings
from tests.pipeline.settings.invalid_settings import CASES, INVALID_LINES, OWN, VALID, Case
from tests.study_builds import latentes_in_process

ROOT = Path(__file__).parents[3]


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "study.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def errors(folder: Path, text: str | bytes) -> list[str]:
    """Error messages for a study's file, without the name of the file."""
    path = write(folder, text)
    with pytest.raises(StudyError) as caught:
        load_study(path)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{path}:") for line in lines)
    return [line.removeprefix(f"{path}:") for line in lines]


def test_the_embedded_study_states_the_defaults() -> None:
    stated = load_study(ROOT / "study.toml").model_dump()
    defaults = Study().model_dump()
    del stated["report"], defaults["report"]
    assert stated == defaults


def test_the_embedded_study_mentions_every_setting() -> None:
    text = (ROOT / "study.toml").read_text(encoding="utf-8")
    for name, table in Study().model_dump().items():
        for setting in table if isinstance(table, dict) else [name]:
            assert setting in text, f"{name}.{setting}"


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    study = load_study(write(tmp_path, ""))
    sizes = [55112, 32151, 24496, 18376, 9184]
    for family, more in (("classic", []), ("adaptive", [3446, 1723])):
        assert list(study.architectures()[family]) == sizes + more
    assert study.data.samples == 110_250
    training = study.training
    assert (training.learning_rate, training.epochs, training.batch) == (0.02, 40, 20)


@pytest.mark.parametrize(("off", "on"), [("classic", "adaptive"), ("adaptive", "classic")])
def test_a_family_can_be_disabled(tmp_path: Path, off: str, on: str) -> None:
    study = load_study(write(tmp_path, f"[models]\n{on} = [9184]\n{off} = []"))
    assert {family: list(sizes) for family, sizes in study.architectures().items()} == {on: [9184]}
    assert study.tuning_size == (9184 if on == "classic" else None)


def test_the_music_folder_is_relative_to_the_file(tmp_path: Path) -> None:
    assert load_study(write(tmp_path, '[data]\npath = "music"')).data.path == tmp_path / "music"


def test_user_defined_layers(tmp_path: Path) -> None:
    study = load_study(write(tmp_path, f"[[models.wide]]\n{OWN}"))
    assert {f: list(sizes) for f, sizes in study.architectures().items()} == {"wide": [18376]}


@pytest.mark.parametrize("case", CASES, ids=[case.title for case in CASES])
def test_errors_are_reported_with_their_lines(tmp_path: Path, case: Case) -> None:
    assert errors(tmp_path, case.text) == case.errors


@pytest.mark.parametrize(
    "name", ["errors in several tables", "a missing value", "a search range above its default end"]
)
def test_the_command_reports_the_same_errors(tmp_path: Path, name: str) -> None:
    [case] = [case for case in CASES if case.title == name]
    write(tmp_path, case.text)
    run = latentes_in_process("build", "--dry-run", cwd=tmp_path)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.splitlines() == [f"latentes: study.toml:{line}" for line in case.errors]


def test_the_table_of_invalid_settings_is_current(
    tmp_path: Path, check_table: Callable[[str, list[str]], None]
) -> None:
    rows, count = ["| settings with | errors |", "| --- | --- |"], 0
    for case in CASES:
        found = errors(tmp_path, case.text)
        count += len(found)
        first = found[0] if len(found[0]) < 100 else f"{found[0][:99]}…"
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        rows.append(f"| {case.title} | {hostile_files.cell(first)}{more} |")
    check_table("invalid-settings", [*rows, "", f"{len(CASES)} files, {count} errors."])


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfseed = 3\r\n[data]\r\nseconds = 0\r\n",
        b"seed = 3\r[data]\rseconds = 0",
        b"seed = 3\n[data]\nseconds = 0",
    ],
    ids=["BOM and CRLF", "CR", "LF"],
)
def test_line_endings_and_byte_order_marks_do_not_matter(tmp_path: Path, content: bytes) -> None:
    expected = "3: data.seconds: expected a number above 0 and at most 600, got 0"
    assert errors(tmp_path, content) == [expected]


def test_huge_numbers_and_deep_nesting_are_reported_in_one_line(tmp_path: Path) -> None:
    expected = "expected a whole number from 0 to 4294967295"
    assert errors(tmp_path, "seed = 1" + "0" * 99) == [
        f"1: seed: {expected}, got a number with more than 20 digits"
    ]
    [line] = errors(tmp_path, "\nseed = 1" + "0" * 5000)
    assert line.startswith('2: invalid TOML: "seed = 1000')
    assert line.endswith("(a number with thousands of digits); no setting needs so large a number")
    [line] = errors(tmp_path, "x = " + "[" * 3000)
    assert line == " lists or tables are nested too deeply"
    [line] = errors(tmp_path, "x." * 1200 + "x = 1")
    assert line == " lists or tables are nested too deeply"


def test_a_byte_that_is_not_utf_8_is_reported_with_its_line(tmp_path: Path) -> None:
    fix = "save the file as UTF-8 in your editor"
    for content, found in (
        (b"seed = 3\n# caf\xe9", "2: byte 0xe9 is not UTF-8"),
        (b"\xff\xfe" + "seed = 3".encode("utf-16-le"), "1: byte 0xff is not UTF-8"),
    ):
        assert errors(tmp_path, content) == [f"{found}; {fix}"]


def test_negative_zero_is_zero(tmp_path: Path) -> None:
    study = load_study(write(tmp_path, "[choice]\nsnr = -0.0"))
    assert str(study.choice.snr) == "0.0"


def test_an_unreadable_file_is_reported_in_one_line(tmp_path: Path) -> None:
    for path, reason in (
        (tmp_path / "none.toml", "no such file; pass the path of a study's TOML file"),
        (tmp_path, "is a folder; pass the path of a study's TOML file"),
        (write(tmp_path, "") / "x", "cannot be read (Not a directory)"),
        (Path("/proc/self/mem"), "cannot be read (Input/output error)"),
        (Path("/dev/zero"), "larger than 1000000 bytes; this is not a study's file"),
    ):
        with pytest.raises(StudyError) as caught:
            load_study(path)
        assert str(caught.value) == f"{path}: {reason}"


def test_hundreds_of_errors_are_truncated(tmp_path: Path) -> None:
    path = write(tmp_path, "".join(f"x{number} = 1\n" for number in range(300)))
    with pytest.raises(StudyError) as caught:
        load_study(path)
    lines = str(caught.value).splitlines()
    assert len(lines) == 41
    assert lines[-1] == f"... and 260 more in {path}"


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_each_of_several_errors_is_reported_at_its_line(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Replace several settings of a valid study with invalid ones."""
    folder = tmp_path_factory.getbasetemp()
    broken = data.draw(
        st.lists(
            st.sampled_from(INVALID_LINES),
            min_size=1,
            max_size=4,
            unique_by=lambda one: one.setting,
        )
    )
    assume(not {one.partner for one in broken} & {one.setting for one in broken})
    lines = VALID.splitlines()
    position = {line.partition(" =")[0]: at for at, line in enumerate(lines)}
    for one in broken:
        lines[position[one.setting]] = one.line
    found = errors(folder, "\n".join(lines))
    for one in broken:
        start = f"{position[one.setting] + 1}: {one.error}"
        assert any(line.startswith(start) for line in found), (start, found)


def test_the_valid_study_is_valid(tmp_path: Path) -> None:
    load_study(write(tmp_path, VALID))


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
def test_any_settings_give_a_study_or_errors_with_lines(
    tmp_path_factory: pytest.TempPathFactory, stated: dict[str, object]
) -> None:
    path = write(tmp_path_factory.getbasetemp(), invalid_settings.toml(stated))
    try:
        load_study(path)
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
def test_any_bytes_give_a_study_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = write(tmp_path_factory.getbasetemp(), content)
    try:
        load_study(path)
    except StudyError as error:
        assert str(error).startswith(f"{path}:")  # noqa: PT017
