"""What the report says of the music: how much is used, what is left out, how it is split.

Each case edits the data of a sample and checks the rendered text.
"""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.results.schema import Fault
from report.customization import CHAPTERS, Customization
from report.language import words
from report.prose import document
from report.queries.results import read

Edit = Callable[[dict[str, Any]], None]
Said = Callable[..., str]
WORDS = words.read()
APPENDIX = "en el apéndice"


@pytest.fixture
def said(results_folder: Callable[[str], Path], tmp_path: Path) -> Said:
    """The report of 48 clips of the user's own, with these faults and after this edit."""

    def of(*faults: Fault, edit: Edit = lambda content: None, chapters: Any = None) -> str:
        folder = tmp_path / "results"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(results_folder("small"), folder)
        content = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        content["data"]["faults"] = [fault.model_dump() for fault in faults]
        edit(content)
        (folder / "results.json").write_text(json.dumps(content), encoding="utf-8")
        report = {"chapters": chapters or list(CHAPTERS)}
        text = document.write(read(folder), WORDS, Customization(report_settings=report))
        text = re.sub(r"\[([^\]]*)\]\{\.n [^}]*\}", r"\1", text)
        text = re.sub(r"(?<=\S)\n(?=[a-z([])", " ", text)  # sentences on several lines
        kept = r"\1" if "apendice" in report["chapters"] else ""
        text = re.sub(r"\[([^][]*)\]\{\.opcional\}", kept, text)  # as report_filter.lua does
        return text.replace("\\", "").replace("\u00a0", " ").replace("\u202f", "")

    return of


def clip(number: int) -> str:
    """The file of a clip that is used."""
    return f"cumbia/cumbia.{number:05d}.flac"


def fault(file: str, kind: Any, value: float | None = None, start: float | None = None) -> Fault:
    return Fault(file=file, fault=kind, detail=kind, value=value, start=start)


def table(text: str, name: str) -> list[str]:
    """The rows of a table; none if there is no such table."""
    body = re.search(rf"\{{#tbl-{name}[^}}]*\}}.*?\n\|:-[^\n]*\n(.*?):::", text, re.S)
    return body[1].splitlines() if body else []


# Files and stretches --------------------------------------------------------------------------


def test_nothing_is_left_out(said: Said) -> None:
    text = said()
    assert "Todos los archivos pudieron usarse." in text
    assert "{#sec-excluidos}" not in text


def test_one_file_is_left_out(said: Said) -> None:
    text = said(fault("tango/mudo.wav", "silent"))
    assert (
        "Quedó fuera un archivo que no podía usarse; la @tbl-excluidos, en el apéndice, da el "
        "motivo." in text
    )
    assert "## Archivos excluidos {#sec-excluidos}" in text
    assert "El archivo de la @tbl-excluidos no forma parte del estudio." in text
    assert table(text, "excluidos") == ["| tango/mudo.wav | está en silencio |"]
    assert "Todos los archivos" not in text
    assert "De los archivos que se usan" not in text


def test_three_faults_of_one_file_are_one_row(said: Said) -> None:
    text = said(
        fault("tango/malo.wav", "silent", start=0.0),
        fault("tango/malo.wav", "not_finite", start=5.0),
        fault("tango/malo.wav", "too_short", 7.5),
    )
    assert "Quedó fuera un archivo que no podía usarse" in text
    assert table(text, "excluidos") == [
        "| tango/malo.wav | está en silencio en el tramo que empieza en 0 s; contiene valores que "
        "no son números finitos en el tramo que empieza en 5 s; es demasiado corto: dura 7,50 s |"
    ]


def test_many_files_are_left_out(said: Said) -> None:
    kinds = ("unreadable", "no_sound", "outside", "no_genre", "not_finite")
    text = said(*(fault(f"{kind}.mp3", kind) for kind in kinds))
    assert "Quedaron fuera cinco archivos que no podían usarse; la @tbl-excluidos" in text
    assert "Los archivos de la @tbl-excluidos no forman parte del estudio." in text
    assert table(text, "excluidos") == [
        "| unreadable.mp3 | no puede leerse como sonido |",
        "| no_sound.mp3 | es un video sin sonido |",
        "| outside.mp3 | no está en la carpeta de ningún género |",
        "| no_genre.mp3 | no tiene género en la tabla |",
        "| not_finite.mp3 | contiene valores que no son números finitos |",
    ]


def test_a_stretch_of_a_used_file_is_not_a_file(said: Said) -> None:
    """One silent stretch of a file of which other clips are used."""
    text = said(fault(clip(1), "silent", start=5.0))
    assert "De los archivos que se usan (@tbl-salvedades), quedó fuera un tramo." in text
    assert "El archivo de la @tbl-salvedades se usa, salvo lo que allí se dice." in text
    assert table(text, "salvedades") == [
        f"| {clip(1)} | está en silencio en el tramo que empieza en 5 s |"
    ]
    for phrase in (
        "forma parte del estudio",
        "archivo que no podía",
        "Todos los archivos pudieron",
    ):
        assert phrase not in text
    assert not table(text, "excluidos")


def test_files_used_in_part_are_counted_by_kind(said: Said) -> None:
    text = said(
        *(fault(clip(1), "silent", start=start) for start in (0.0, 5.0, 12.5)),
        *(fault(clip(2), "silent", start=5.0 * k) for k in range(9)),
        fault(clip(3), "damaged", 0.25, 14.94),
        fault(clip(4), "damaged", 12.5, 0.0),
        fault(clip(5), "one_channel"),
    )
    assert (
        "De los archivos que se usan (@tbl-salvedades), quedaron fuera 12 tramos; dos están "
        "dañados, y se les tomó lo que pudo leerse; uno tiene canales que se cancelan entre sí, y "
        "se le tomó el más fuerte." in text
    )
    assert table(text, "salvedades") == [
        f"| {clip(1)} | está en silencio en los tramos que empiezan en 0 s, 5 s y 12,5 s |",
        f"| {clip(2)} | está en silencio en 9 tramos, el primero en 0 s |",
        f"| {clip(3)} | está dañado a partir de 14,9 s: faltan 0,25 s en total |",
        f"| {clip(4)} | está dañado a partir de 0 s: faltan 12,50 s en total |",
        f"| {clip(5)} | sus canales se cancelan entre sí, y se usa el más fuerte |",
    ]


@pytest.mark.parametrize(
    ("damaged", "one_channel", "phrase"),
    [
        (1, 0, "usan (@tbl-salvedades), uno está dañado, y se le tomó lo que pudo leerse."),
        (0, 2, "), dos tienen canales que se cancelan entre sí, y se les tomó el más fuerte."),
        (2, 1, "), dos están dañados, y se les tomó lo que pudo leerse; uno tiene canales que"),
    ],
)
def test_remarks_alone(said: Said, damaged: int, one_channel: int, phrase: str) -> None:
    text = said(
        *(fault(clip(number), "damaged", 0.5, 1.0) for number in range(damaged)),
        *(fault(clip(5 + number), "one_channel") for number in range(one_channel)),
    )
    assert phrase in text
    assert "Todos los archivos pudieron" not in text
    assert "fuera" not in text.partition("{#tbl-generos")[2].partition("##")[0]


def test_without_the_appendix_no_table_is_referred_to(said: Said) -> None:
    text = said(
        fault("tango/mudo.wav", "silent"),
        fault(clip(1), "silent", start=5.0),
        edit=lambda content: content["data"].update(
            duplicates=[{"clips": ["a", "b"], "genres": ["tango"]}]
        ),
        chapters=["resumen", "codificar"],
    )
    assert "Quedó fuera un archivo que no podía usarse." in text
    assert "quedó fuera un tramo." in text
    assert "muestra a muestra." in text
    assert "@tbl-excluidos" not in text
    assert "@tbl-salvedades" not in text
    assert "@tbl-duplicados" not in text


# How much is used -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clips", "stretch", "phrase"),
    [
        (1, "start", "de cada uno se toma un fragmento, desde donde empieza la música."),
        (6, "start", "toman hasta seis fragmentos, seguidos, desde donde empieza la música."),
        (1, "loudest", "de cada uno se toma un fragmento, el más fuerte."),
        (6, "loudest", "toman hasta seis fragmentos, los más fuertes."),
        (6, "spread", "toman hasta seis fragmentos, repartidos por todo el archivo."),
        (1, "random", "se toma un fragmento, elegido al azar."),
        (12, "random", "se toman hasta 12 fragmentos, elegidos al azar."),
    ],
)
def test_how_much_is_used(said: Said, clips: int, stretch: str, phrase: str) -> None:
    def edit(content: dict[str, Any]) -> None:
        content["study"]["data"] |= {"clips_per_file": clips, "stretch": stretch}
        content["data"] |= {"files": 50, "seconds_found": 7500.0}
        content["numbers"]["data.seconds_found"]["value"] = 7500.0

    text = said(edit=edit)
    assert (
        "Se usaron 48 fragmentos, 4 min en total, de la carpeta «music», en la que cada "
        "género es una subcarpeta. Hay allí 50 archivos de música, 2 h 5 min en total; de cada "
        "uno se toma" in text
    )
    assert phrase in text
    assert ("Los fragmentos de un mismo archivo van siempre" in text) == (clips > 1)


def test_the_length_found_is_of_the_files_that_were_read(said: Said) -> None:
    text = said(fault("tango/roto.mp3", "unreadable"))
    assert "archivos de música; los que se leyeron duran 24 min en total, y de cada uno se" in text


def test_genres_of_a_table(said: Said) -> None:
    columns = {"table": "tracks.csv", "file_column": "id", "genre_column": "genre_top"}
    text = said(edit=lambda content: content["study"]["data"].update(columns))
    assert "; los géneros son los de la tabla «tracks.csv», columna «genre_top». Hay allí" in text
    assert "subcarpeta" not in text
    assert "| Columna de los archivos | `data.file_column` | id |" in text


@pytest.mark.slow
def test_the_downmix_is_stated_of_real_music(
    said: Said, results_folder: Callable[[str], Path]
) -> None:
    phrase = "que es el promedio de los que hay o, si se cancelan entre sí, el más fuerte"
    assert phrase in said()
    embedded = document.write(read(results_folder("whole")), WORDS, Customization())
    assert "el promedio de los que hay" not in embedded
    assert "Hay allí" not in embedded


# Splits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "phrase"),
    [
        ([(19, 3, 2), (19, 2, 3)], ", y respeta la proporción de cada género, salvo redondeo.\n"),
        (
            [(40, 4, 4), (3, 0, 0)],
            "tienen fragmentos suficientes para los tres conjuntos: en el de validación y en el "
            "de prueba no hay ninguno de tango.\n",
        ),
        (
            [(40, 4, 4), (3, 0, 1)],
            "para los tres conjuntos: en el de validación no hay ninguno de tango.\n",
        ),
        (
            [(8, 1, 0), (8, 0, 1)],
            "conjuntos: en el de validación no hay ninguno de tango; en el de prueba no hay "
            "ninguno de cumbia.\n",
        ),
        (
            [(20, 20, 2), (40, 1, 1)],
            ", y respeta la proporción de cada género hasta donde puede sin separar los "
            "fragmentos de un archivo ni los repetidos.\n",
        ),
        ([(8, 1, 1)], "con la semilla 42.\n"),
    ],
)
def test_proportions(said: Said, counts: list[tuple[int, int, int]], phrase: str) -> None:
    def edit(content: dict[str, Any]) -> None:
        splits = ("training", "validation", "test")
        names = ("cumbia", "tango")
        content["data"]["genres"] = [
            {"name": name, **dict(zip(splits, each, strict=True))}
            for name, each in zip(names, counts, strict=False)
        ]
        kept = (None, *names[: len(counts)])
        content["generated"] = [each for each in content["generated"] if each["genre"] in kept]

    text = said(edit=edit)
    assert phrase in text
    small = min(map(min, counts)) == 0
    assert ("respeta la proporción" in text) == (not small and len(counts) > 1)


# Repeated music -------------------------------------------------------------------------------

GROUP = {"clips": ["cumbia.00001", "tango.00001"], "genres": ["cumbia", "tango"]}


@pytest.mark.parametrize(
    ("duplicates", "copies", "phrase"),
    [
        (0, 0, "No hay fragmentos idénticos entre sí ni se reconocieron copias"),
        (1, 0, "Hay un grupo de fragmentos idénticos muestra a muestra (@tbl-duplicados)."),
        (0, 1, "Hay un grupo de copias de una misma grabación, reconocidas por su"),
        (0, 3, "Hay tres grupos de copias de una misma grabación, reconocidas por su"),
        (1, 1, "Hay un grupo de fragmentos idénticos muestra a muestra (@tbl-duplicados)"
               " y un grupo de copias de una misma grabación"),
    ],
)  # fmt: skip
def test_repeated_music(said: Said, duplicates: int, copies: int, phrase: str) -> None:
    text = said(
        edit=lambda content: content["data"].update(
            duplicates=[GROUP] * duplicates, copies=[GROUP] * copies
        )
    )
    assert phrase in text
    assert len(table(text, "duplicados")) == duplicates
    assert len(table(text, "copias")) == copies
    assert ("## Fragmentos repetidos {#sec-excluidos}" in text) == (duplicates + copies > 0)


# A single test clip ---------------------------------------------------------------------------


def test_one_test_clip_has_no_interval_and_shows_nothing(said: Said) -> None:
    def edit(content: dict[str, Any]) -> None:
        for name, number in content["numbers"].items():
            if name in ("data.test", "data.coding_gain.clip", "data.coding_gain.moment"):
                number["value"] = 1
            if "clips" in number or re.fullmatch(r"tree\..*\.accuracy", name):
                number.pop("interval", None)
                number["clips"] = 1

    text = said(edit=edit)
    assert "Con un solo fragmento de prueba no puede decirse si la red aprendió" in text
    assert "No puede decirse que la red reconstruya mejor que el silencio: se midió un" in text
    assert "Con el vector completo, el árbol" not in text
    assert "se evaluó solo con el fragmento de prueba" in text
    for phrase in (
        "con su intervalo",
        "con intervalos",
        "sus intervalos",
        "aprendió.**",
        "Los intervalos de confianza dicen",
        "supera con claridad el azar en",
    ):
        assert phrase not in text, phrase
