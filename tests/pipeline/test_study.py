"""Settings: defaults of the study, and errors that lead to the line to mend."""

from pathlib import Path

import pytest

from pipeline.study import Study, StudyError, read

ROOT = Path(__file__).parents[2]


def write(folder: Path, text: str) -> Path:
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


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


OWN = "channels = [16, 32, 8]\nkernels = [10, 8, 8]\nstrides = [4, 2, 6]\npaddings = [2, 2, 2]\n"


def test_an_architecture_of_ones_own(tmp_path: Path) -> None:
    study = read(write(tmp_path, f"[[models.wide]]\n{OWN}"))
    assert {f: list(sizes) for f, sizes in study.architectures().items()} == {"wide": [18376]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[data]\nsecnds = 3", ":2: data.secnds is no setting; did you mean seconds?"),
        ("\n[training]\nepochs = 0", ":3: training.epochs: "),
        ("seed = 'x'", ":1: seed: "),
        ("[models]\nclassic = [18376,\n 77]", ":2: models.classic.1: 77 is not one of"),
        ("[models]\nwide = [18376]", ":2: models.wide.0: only the families classic"),
        ("[models]\nclassic = [9184, 9184]", "two models of this family have 9184 numbers"),
        ("[models]\noriginal = [9184]", '"original" cannot name a family'),
        ("[data]\nseconds = 3\n[models]\nclassic = [9184]", ":4: models.classic.0: 9184 is"),
        (f"[[models.wide]]\n{OWN}[[models.wide]]\n{OWN}", ":6: models.wide.1: two models"),
        (f"[[models.wide]]\n{OWN}\nkernel = [1]", "did you mean kernels?"),
        ("[[models.wide]]\nchannels = [4]", "models.wide.0.kernels: field required"),
        ("[models]", ":1: models: dictionary should have at least 1 item"),
        ("[models]\nclassic = []", ":1: models: every family is switched off"),
        ("[models]\nadaptive = [9184, 100]", ":2: models.adaptive.1: 100 is no size"),
        (f"[[models.adaptive]]\n{OWN}", ":1: models.adaptive.0: the family adaptive has no"),
        (
            "[models]\nadaptive = [9184]\n[tuning]\nsize = 9184",
            ":3: tuning: 9184 is the size of no such",
        ),
        ("[training.adaptive]\nepoch = 3", ":2: training.adaptive.epoch is no setting; did"),
        ("[report]\nsite = 'my page'", ":2: report.site: "),
        ("seed = ", "not valid TOML"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(StudyError) as caught:
        read(path)
    assert expected in str(caught.value)
    assert str(path) in str(caught.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, "sed = 1\n[data]\nseconds = 0\n[training]\nbatch = 'x'")
    with pytest.raises(StudyError) as caught:
        read(path)
    lines = str(caught.value).splitlines()
    assert {line.partition(f"{path}:")[2].partition(":")[0] for line in lines} == {"1", "3", "5"}


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no such file"):
        read(tmp_path / "none.toml")
