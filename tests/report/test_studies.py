"""No sentence is false, whatever the study: the embedded music, real music, a small study, a
failed one. Small studies are really built; samples replace results that are slow to compute."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from report.customization import Customization
from report.language import words
from report.prose import document
from report.queries.results import read
from tests.pipeline import plucked_notes
from tests.report import claim_oracle
from tests.report.plain_text import plain
from tests.study_builds import latentes

SAMPLES = ("whole", "full", "small", "families", "constant", "hostile")
WORDS = words.read()

STUDY = """
visqol_clips = 1
[data]
{data}
seconds = 1.0
sampling_rate = 8000
[tuning]
trials = 0
[training]
learning_rate = {rate}
epochs = 2
[generation]
batches = 4
"""
MODEL = "[[models.propia]]\nchannels = [{}]\nkernels = [20]\nstrides = [10]\npaddings = [5]\n"


def said(results: Path) -> claim_oracle.Study:
    content = json.loads((results / "results.json").read_text(encoding="utf-8"))
    return claim_oracle.study(
        results, content, plain(document.write(read(results), WORDS, Customization()))
    )


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_sentence_is_false(results_folder: Callable[[str], Path], sample: str) -> None:
    assert claim_oracle.false(said(results_folder(sample))) == []


def test_no_truth_is_idle(results_folder: Callable[[str], Path]) -> None:
    heard = {
        pattern
        for sample in SAMPLES
        for pattern, _ in claim_oracle.spoken(said(results_folder(sample)))
    }
    silent = set(claim_oracle.TRUTHS) - heard
    assert {pattern.replace(claim_oracle.OF_FAMILY, "") for pattern in silent} == {
        "relación señal-ruido baja cuando el vector",
        "relación señal-ruido no sigue de manera clara",
        "Ninguno de los modelos supera de manera clara",
        r"odelos? de ([\d, y]+) números no superan? de manera clara",
        r"En las \w+ familias, cuanto más largo es el vector latente, menor es",
        r"En SNR, las? red(?:es)? quedan? por debajo de los \w+ métodos con",
        r"señal-ruido \(SNR\) es menor que la de un filtro pasabajos con igual",
        r"señal-ruido \(SNR\) es mayor que la de un filtro pasabajos con igual",
        r"En distancia log-mel pierde con todos los tamaños",
        r"Las? red(?:es)? reconstruyen? peor que el silencio",
    }, "the sentences that no sample says"


def test_a_false_sentence_would_be_found(results_folder: Callable[[str], Path]) -> None:
    found = said(results_folder("full"))
    assert claim_oracle.false(
        claim_oracle.Study(
            found.content,
            found.values,
            "Ninguno de los modelos supera de manera clara el silencio.",
        )
    )
    assert claim_oracle.false(
        claim_oracle.Study(found.content, found.values, "Es música sintética.")
    )


def build(folder: Path, data: str, sizes: int = 1, rate: float = 0.01) -> Path:
    """A tiny study, built by the command; its output folder."""
    models = "".join(MODEL.format(channels) for channels in range(2 * sizes, 0, -2))
    text = STUDY.format(data=data, rate=rate) + models
    (folder / "study.toml").write_text(text, encoding="utf-8")
    run = latentes("build", cwd=folder)
    assert run.returncode == 0, run.stderr
    return folder / "build"


def music(folder: Path, real: Path, genres: tuple[str, ...], clips: int) -> str:
    """A folder of links to real clips; the line of the study that names it."""
    for genre in genres:
        (folder / "music" / genre).mkdir(parents=True)
        for path in sorted((real / "gtzan-250" / genre).glob("*.flac"))[:clips]:
            (folder / "music" / genre / path.name).symlink_to(path.resolve())
    return 'path = "music"'


@pytest.mark.slow
def test_the_embedded_set(tmp_path: Path) -> None:
    out = build(tmp_path, "demo_clips = 3", sizes=2)
    found = said(out / "results")
    assert "música sintética" in found.text
    assert claim_oracle.false(found) == []


@pytest.mark.slow
def test_real_music(tmp_path: Path, real_music: Path) -> None:
    genres = ("blues", "classical", "jazz", "metal")
    out = build(tmp_path, music(tmp_path, real_music, genres, 8), sizes=3)
    found = said(out / "results")
    assert "sintética" not in found.text
    assert claim_oracle.false(found) == []


@pytest.mark.slow
def test_two_genres_and_one_size(tmp_path: Path, real_music: Path) -> None:
    out = build(tmp_path, music(tmp_path, real_music, ("jazz", "rock"), 8))
    found = said(out / "results")
    assert "de dos géneros" in found.text
    for plural in ("las redes", "los modelos", "tamaños mayores", "de cada tamaño al siguiente"):
        assert plural not in found.text
    assert claim_oracle.false(found) == []


@pytest.mark.slow
def test_one_silent_stretch_of_a_file_and_one_test_clip(tmp_path: Path) -> None:
    for number in range(6):
        sound = plucked_notes.pluck(number, 1.5, 8000)
        genre = ("jazz", "rock")[number % 2]
        plucked_notes.write(tmp_path / "music" / genre / f"{number}.wav", sound, 8000)
    quiet = plucked_notes.pluck(9, 6, 8000)
    quiet[3 * 8000 : 4 * 8000] = 0
    plucked_notes.write(tmp_path / "music/rock/quiet.wav", quiet, 8000)
    out = build(tmp_path, 'path = "music"\nclips_per_file = 6', sizes=2)
    found = said(out / "results")
    assert (
        "De los archivos que se usan[ (@tbl-salvedades)]{.opcional}, quedó fuera un tramo."
        in found.text
    )
    assert "| rock/quiet.wav | está en silencio en el tramo que empieza en 3 s |" in found.text
    assert "parte del estudio" not in found.text
    assert claim_oracle.false(found) == []
    assert found.content["numbers"]["data.test"]["value"] == 1
    ones = [number for number in found.content["numbers"].values() if number.get("clips") == 1]
    assert ones
    assert not [number for number in ones if "interval" in number]


@pytest.mark.slow
def test_a_model_that_failed_to_learn(tmp_path: Path, real_music: Path) -> None:
    out = build(tmp_path, music(tmp_path, real_music, ("jazz", "rock"), 8), sizes=2, rate=1.0)
    found = said(out / "results")
    family = found.content["models"][0]["family"]
    failed = [n for n in found.sizes() if found.low(f"reconstruction.{family}.{n}.snr") <= 0]
    assert failed, "a learning rate of 1 should spoil a model"
    assert (
        "de manera clara los 0 dB del silencio" in found.text
        or "por debajo de los 0 dB del silencio" in found.text
        or "lo mismo que el silencio, 0 dB" in found.text
        or "mejor que el silencio" in found.text
    )
    assert "Todos los modelos aprendieron." not in found.text
    assert claim_oracle.false(found) == []
