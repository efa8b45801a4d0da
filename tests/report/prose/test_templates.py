"""Templates contain no literal results, and whatever they cite or include exists."""

import re
from pathlib import Path

import pytest

from report.customization import CHAPTERS
from report.paths import TEMPLATES

MARKDOWN = sorted(TEMPLATES.glob("*.md"))

# Digits allowed in prose: bounds of a scale, definitions, conventions. Each is a phrase, and each
# must still be in its template.
STRUCTURE = {
    "apendice.md": ["el intervalo del 95 %"],
    "arquitectura.md": ["con un paso de 4", "intervalo de −1 a 1"],
    "bits.md": ["en un número de 32 bits", "con números de 32 bits", "Con 32 bits", "MP3",
                "intervalo del 95 %", "confianza del 95 %"],
    "calidad.md": ["confianza del 95 %"],
    "cifras.md": ["tiempo, de 0 a", "frecuencia, de 0 a", "de −80 a 0 decibeles"],
    "comparacion.md": ["con 32 bits por número", "con 16 bits por muestra", "el intervalo del 95 %",
                       "confianza del 95 %"],
    "conclusiones.md": ["del 95 % central"],
    "datos.md": ["muestras entre −1 y 1"],
    "experimentos.md": ["confianza del 95 %"],
    "exploracion.md": ["media 0 y desviación 1", "vale 1 si cada grupo", "alrededor del 0"],
    "generar.md": ["vale 1 si las ondas coinciden", "un 0 no excluye", "casi 0 para una nota",
                   "ronda el 0",
                   "0 dB es el punto más intenso", "el 95 % de la potencia",
                   "intervalos del 95 %"],
    "genero.md": ["intervalo del 95 %", "confianza del 95 %"],
    "limites.md": ["intervalos del 95 %"],
    "portada.md": ["nota de 1 a 5"],
    "oido.md": ["intervalos del 95 %"],
    "vectores.md": ["vale 1 si todos"],
    "introduccion.md": ["1. **", "2. **", "3. **", "4. **", "5. **", "6. **"],
    "medidas.md": ["Una distancia log-mel de 0", "una de 1, bandas", "de 1 (mala) a 5 (excelente)",
                   "el 2,5 % de las medias", "confianza, del 95 %"],
    "nuevas.md": ["95 % central"],
    "porque.md": ["confianza del 95 %"],
    "espectrogramas.md": ["tiempo, de 0 a", "frecuencia, de 0 a", "de −80 a 0 decibeles",
                          "0 dB es el punto más intenso"],
    "resultados.md": ["confianza del 95 %"],
}  # fmt: skip

HIDDEN = (
    r"<#.*?#>",  # comments
    r"\$\$.*?\$\$|\$[^$\n]+\$",  # formulas
    r"\{%.*?%\}",  # statements; strings in them are checked below
    r"\{[#.][^}]*\}|\{alt=\"[^\"]*\"\}",  # ids, classes and alt text of formulas
    r"\]\(<.*?>\)|\]\([^)]*\)",  # addresses
    r"\[-?@[^\]]*\]|@[\w-]+",  # references
    r"`[^`\n]*`|^    .*?$",  # code
)


def _read(template: Path) -> str:
    return template.read_text(encoding="utf-8").replace("\u00a0", " ")


def prose(text: str) -> str:
    """Return the text of a template that readers see, with expressions in their braces."""
    for pattern in HIDDEN[:3]:
        text = re.sub(pattern, " ", text, flags=re.DOTALL)
    for pattern in HIDDEN[3:]:
        text = re.sub(pattern, " ", text, flags=re.MULTILINE)
    return text


def literals(template: Path) -> list[str]:
    """Return lines with a digit outside expressions, and expressions that print a literal one."""
    said = prose(_read(template))
    for phrase in STRUCTURE.get(template.name, []):
        said = said.replace(phrase, " ")
    found = [
        line for line in re.sub(r"\{\{.*?\}\}", " ", said).splitlines() if re.search(r"\d", line)
    ]
    for expression in re.findall(r"\{\{(.*?)\}\}", said, re.DOTALL):
        texts = re.findall(r'(?<!== )"([^"]*)"', expression)
        spoken = [text for text in texts if re.search(r"\d", text) and "." not in text]
        starts = re.match(r"\s*[\d.]+\s*(\||$)", expression)
        if spoken or (starts and not re.match(r"\s*(0|10|48) \| unit\(", expression)):
            found.append(expression)
    return found


@pytest.mark.parametrize("template", MARKDOWN, ids=lambda path: path.name)
def test_no_literal_results(template: Path) -> None:
    assert literals(template) == []


@pytest.mark.parametrize("name", STRUCTURE)
def test_no_unused_exceptions(name: str) -> None:
    text = _read(TEMPLATES / name)
    assert [phrase for phrase in STRUCTURE[name] if phrase not in text] == []


def test_literal_results_are_detected(tmp_path: Path) -> None:
    for said in (
        "La SNR es 9,6 dB.",
        '{{ "con 9,6 dB" }}',
        "{{ 9.6 | decimal(1) }}",
        "| 18376 | 1 |",
    ):
        template = tmp_path / "capitulo.md"
        template.write_text(said, encoding="utf-8")
        assert literals(template), said
    template.write_text(
        '{{ num("a.1") }} y {{ number("b").v | decimal(2) }} {#sec-a1}', encoding="utf-8"
    )
    assert not literals(template)


def test_bibliography_matches_citations() -> None:
    bib = (TEMPLATES / "referencias.bib").read_text(encoding="utf-8")
    papers = set(re.findall(r"^@\w+\{(\w+),", bib, re.MULTILINE))
    text = "".join(path.read_text(encoding="utf-8") for path in MARKDOWN)
    cited = set(re.findall(r"@([a-z]+\d{3,4})\b", text))
    assert papers == cited


def test_every_chapter_has_a_template() -> None:
    assert {name for name in CHAPTERS if not (TEMPLATES / f"{name}.md").is_file()} == set()


def test_every_template_is_included() -> None:
    included = set(CHAPTERS) | {"informe", "cifras", "calidad"}
    for path in MARKDOWN:
        included |= set(re.findall(r'include "([\w-]+)\.md"', path.read_text(encoding="utf-8")))
    assert {path.stem for path in MARKDOWN} == included


def test_every_formula_says_what_it_is() -> None:
    for template in MARKDOWN:
        text = re.sub(r"`[^`\n]*`", "", _read(template))
        described = re.findall(r"alt=\"", text)
        formulas = re.findall(r"\$\$.*?\$\$|\$[^$\n]+\$", text, re.DOTALL)
        assert len(described) == len(formulas), template.name


def test_chapters_read_as_prose() -> None:
    tags = sum(path.read_text(encoding="utf-8").count("{%") for path in TEMPLATES.glob("*.md"))
    assert tags <= 500, "move conditions and loops to tested queries and functions"
