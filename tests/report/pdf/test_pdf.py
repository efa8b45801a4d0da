"""The PDF: its text, outline, attachment, fonts, metadata and links, read back."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypandoc
import pytest
import soundfile
import typst
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, StreamObject

from pipeline.results.reproducible import copy_without_wall_clock
from report.pdf.attached_sounds import MAX_BYTES
from report.pdf.typeset import drawable_typst
from report.render import Rendered

Render = Callable[[str], Rendered]
FONTS = {"SourceSerif4", "SourceSerif4Display", "SourceSans3", "STIXTwoMath"}


def text(rendered: Rendered) -> str:
    pages = (page.extract_text() for page in PdfReader(rendered.pdf).pages)
    said = " ".join(" ".join(pages).replace("\u00ad\n", "").replace("\u200b", "").split())
    return re.sub(r"(?<=\w)- (?=[a-zñáéíóú])", "", said)


def outline(items: list[Any]) -> list[str]:
    flat: list[str] = []
    for item in items:
        flat += outline(item) if isinstance(item, list) else [item.title]
    return flat


def links(pdf: Path) -> list[str]:
    annotations = (
        annotation.get_object()
        for page in PdfReader(pdf).pages
        for annotation in page.get("/Annots", [])
    )
    actions = (
        annotation.get("/A")
        for annotation in annotations
        if isinstance(annotation, DictionaryObject)
    )
    return [
        str(action["/URI"])
        for action in actions
        if isinstance(action, DictionaryObject) and "/URI" in action
    ]


def test_chapters_are_bookmarks(rendered: Render) -> None:
    titles = outline(PdfReader(rendered("whole").pdf).outline)
    assert titles[0] == "Pregunta e hipótesis"
    assert "1.2 Las redes" in [title.replace("\u2002", " ") for title in titles]
    assert any(title.startswith("A.1") for title in titles)
    assert titles.index("Conclusiones") > titles.index("Límites")


def test_results_are_attached(
    rendered: Render, results_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    reader = PdfReader(rendered("whole").pdf)
    (attached,) = reader.attachments["results.json"]
    copy_without_wall_clock(results_folder("whole") / "results.json", tmp_path / "results.json")
    assert attached == (tmp_path / "results.json").read_bytes()


@pytest.mark.parametrize("sample", ["whole", "hostile"])
def test_all_fonts_are_ours_and_embedded(rendered: Render, sample: str) -> None:
    found = set()
    for page in PdfReader(rendered(sample).pdf).pages:
        resources = page["/Resources"]
        assert isinstance(resources, DictionaryObject)
        for font in resources.get("/Font", {}).values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(inner["/FontDescriptor"])
            found.add(inner["/BaseFont"].partition("+")[2].partition("-")[0])
    assert found <= FONTS
    assert {"SourceSerif4", "SourceSans3", "STIXTwoMath"} <= found


def test_metadata_and_standards(rendered: Render) -> None:
    reader = PdfReader(rendered("full").pdf)
    assert reader.metadata is not None
    assert reader.metadata.title == "El título de alguien"
    assert reader.metadata.author == "Ana Pérez, Luis Gómez"
    assert str(reader.metadata.creation_date).startswith("2026-03-02")
    assert str(reader.root_object["/Lang"]).startswith("es")
    metadata = reader.root_object["/Metadata"].get_object()
    assert isinstance(metadata, StreamObject)
    xmp = metadata.get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in xmp
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp


def test_pages_are_a4(rendered: Render) -> None:
    for page in PdfReader(rendered("whole").pdf).pages:
        assert [float(side) for side in page.mediabox[2:]] == pytest.approx(
            [595.28, 841.89], abs=0.1
        )


def test_figures_and_formulas_have_alternative_text(rendered: Render) -> None:
    reader = PdfReader(rendered("whole").pdf)
    words = {"/Figure": 0, "/Formula": 0}
    for number in range(1, len(reader.xref[0]) + 1):
        node = reader.get_object(number)
        if isinstance(node, dict) and node.get("/S") in words:
            assert node.get("/Alt"), node
            words[node["/S"]] += 1
    assert words["/Figure"] == 11
    assert words["/Formula"] >= 8


def test_sounds_are_links_to_the_site(rendered: Render) -> None:
    base = "https://ejemplo.org/estudio/audio/test-classic-"
    assert {f"{base}{size}.mp3" for size in (55112, 9184)} <= set(links(rendered("full").pdf))
    assert "https://ejemplo.org/estudio" in links(rendered("full").pdf)


def test_sounds_without_a_site_are_attached(rendered: Render) -> None:
    made = rendered("whole")
    assert not [link for link in links(made.pdf) if link.endswith(".mp3")]
    files = PdfReader(made.pdf).root_object["/Names"]["/EmbeddedFiles"]["/Names"]  # type: ignore[index]
    sounds = [entry.get_object() for entry in files[1::2]]
    sounds = [sound for sound in sounds if sound["/UF"].endswith(".mp3")]
    assert [sound["/UF"][:3] for sound in sounds] == [
        f"{k:02d} " for k in range(1, 1 + len(sounds))
    ]
    assert len(sounds) >= 20
    for sound in sounds:
        assert sound["/AFRelationship"] == "/Supplement"
        assert sound["/UF"][3:7] == " ".join(sound["/Desc"].split())[:4]
    contents = [sound["/EF"]["/F"].get_object().get_data() for sound in sounds]
    assert sum(map(len, contents)) <= MAX_BYTES
    assert soundfile.info(io.BytesIO(contents[0])).duration == pytest.approx(5, abs=0.1)
    assert "panel de archivos adjuntos" in text(made)
    assert "adjuntos" not in text(rendered("full"))
    assert made.pdf.read_bytes() == (made.site / "informe.pdf").read_bytes()


def test_addresses_and_labels_keep_characters_without_a_glyph() -> None:
    said = "# 東京\n\n[京 \\<都\\>](https://x.org/東) y [esto](#東京).\n\n## 大 {#大-1}\n"
    code = drawable_typst(pypandoc.convert_text(said, "typst", "markdown"))
    assert re.findall(r"<[^\d].*?>", code.replace("\\<", "")) == ["<東京>", "<東京>", "<大-1>"]
    assert "= (U+6771 U+4EAC)" in code
    assert "(U+4EAC) \\<(U+90FD)" in code
    (page,) = PdfReader(io.BytesIO(typst.compile(code.encode(), format="pdf"))).pages
    annotations: Any = page["/Annots"]
    assert annotations[0].get_object()["/A"]["/URI"].original_bytes.decode() == "https://x.org/東"


def test_names_with_markup_are_escaped(rendered: Render) -> None:
    said = text(rendered("hostile"))
    for name in ("<script>alert(1)</script>", "#*_x_*@y$z$ {{ 1 }} \\n"):
        assert name in said
    assert "«*no* _es_ $x^2$ <i>@nota #1 `a|b` {}»" in said


def test_captions_are_those_of_the_site(rendered: Render) -> None:
    said = text(rendered("whole"))
    files = rendered("whole").site.glob("*.html")
    html = " ".join(path.read_text(encoding="utf-8") for path in files)
    captions = re.findall(r'"orden">((?:Figura|Tabla)\u00a0\d+\.)</span> ([^<]{10,40}) ', html)
    assert len(captions) >= 20
    for number, start in captions:
        assert " ".join(f"{number} {start}".split()) in said


def test_rejected_files_and_duplicates_are_listed(rendered: Render) -> None:
    said = text(rendered("full")).replace("\u00a0", " ")
    assert "rock/corto.wav es demasiado corto: dura 2,31 s" in said
    assert "pop/roto <b>.mp3 no puede leerse como sonido" in said
    assert said.count("rock/mixto.wav") == 1
    assert "blues/blues.00001.flac está dañado a partir de 14,9 s: faltan 0,30 s en total" in said
    assert "blues.00002 y rock.00023 blues y rock" in said
    assert "blues.00003 y blues.00004 blues" in said
    assert "Todos los archivos pudieron usarse" not in said


@pytest.mark.parametrize(
    ("sample", "true", "false"),
    [
        (
            "whole",
            ["música sintética", "cinco redes", "crece con el tamaño"],
            ["no puede decirse que haya"],
        ),
        (
            "full",
            ["carpeta «music»", "9184 números es −6,9 dB, por debajo de los 0 dB"],
            ["sintética", "Ninguno de los modelos supera"],
        ),
        (
            "small",
            ["un autocodificador", "dos géneros", "tango", "Estructura de la red de 9184"],
            ["sintética", "reconstrucciones con", "de cada tamaño al siguiente"],
        ),
        (
            "families",
            ["dos familias de redes: convolucional y adaptativa", "La tabla 2 da", "una época"],
            ["20 fragmentos y tres épocas"],
        ),
    ],
)
def test_the_text_is_true_of_each_study(
    rendered: Render, sample: str, true: list[str], false: list[str]
) -> None:
    said = text(rendered(sample)).replace("\u00a0", " ")
    for phrase in true:
        assert phrase in said
    for phrase in false:
        assert phrase not in said


def test_numbers_are_those_of_the_results(
    rendered: Render, results_folder: Callable[[str], Path]
) -> None:
    content = json.loads((results_folder("whole") / "results.json").read_text(encoding="utf-8"))
    said = text(rendered("whole"))
    for size in (55112, 32151, 24496, 18376, 9184):
        value = content["numbers"][f"reconstruction.classic.{size}.snr"]["value"]
        assert f"{value:.1f}".replace(".", ",") in said


def test_figures_stay_in_their_section(rendered: Render) -> None:
    pages = [
        " ".join(page.extract_text().split()).replace("\u00a0", " ")
        for page in PdfReader(rendered("whole").pdf).pages
    ]

    def page_of(phrase: str) -> int:
        return next(number for number, page in enumerate(pages) if phrase in page)

    start = page_of("Codificar música nueva Las canciones")
    end = page_of("Generar música Un decodificador")
    for caption in ("Las canciones nuevas, de", "Fidelidad de las canciones nuevas según"):
        assert start <= page_of(caption) <= end


LISTENING = r'<figure class="tabla" id="([^"]+)">(?:(?!</figure>).)*<audio'


def test_each_listening_table_has_a_qr_code(rendered: Render) -> None:
    made = rendered("full")
    found = {link for link in links(made.pdf) if "#tbl-" in link}
    pages = {path.name: path.read_text(encoding="utf-8") for path in made.site.glob("*.html")}
    assert len(found) >= 2
    for address in found:
        page, _, table = address.removeprefix("https://ejemplo.org/estudio/").partition("#")
        assert f'id="{table}"' in pages[page]
    tables = {name for page in pages.values() for name in re.findall(LISTENING, page, re.DOTALL)}
    # Some tables are on the site alone.
    assert tables >= {address.partition("#")[2] for address in found}


def test_papers_are_listed_and_linked(rendered: Render) -> None:
    said = text(rendered("whole"))
    assert "Referencias" in said
    assert "Kingma, D. P. y J. Ba (2015). «Adam: A Method for Stochastic Optimization»" in said
    assert "https://doi.org/10.1109/TIT.1982.1056489" in links(rendered("whole").pdf)
