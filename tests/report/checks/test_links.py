"""Addresses that lead nowhere, however they are written, and data in another form are told."""

import json
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import RectangleObject

from report.checks import file_integrity, html, pdf_validity

PAGE = '<!DOCTYPE html><html lang="es"><head><title>x</title></head><body>{}</body></html>'


def page(out: Path, body: str) -> list[str]:
    (out / "site").mkdir()
    (out / "site" / "index.html").write_text(PAGE.format(body))
    return [str(problem) for problem in html.find_problems(out)]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://[bad", "no address of the web"),
        ("a" * 300 + ".html", "leads nowhere"),
        ("a%00b.html", "leads nowhere"),
        ("../out.html", "leads out of the site"),
        ("a/../index.html", ""),
    ],
)
def test_an_address_may_be_anything(tmp_path: Path, address: str, said: str) -> None:
    told = page(tmp_path, f'<p><a href="{address}">x</a></p>')
    assert [said in line for line in told] == ([True] if said else [])


@pytest.mark.parametrize("several", ["index.html 1x,", ",", "", "index.html 1x, , index.html 2x"])
def test_a_list_of_pictures_may_have_empty_places(tmp_path: Path, several: str) -> None:
    assert page(tmp_path, f'<p><img src="index.html" alt="x" srcset="{several}"></p>') == []


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("https://ejemplo.org/estudio", ""),
        ("https://ejemplo.org/estudio/", ""),
        ("https://ejemplo.org/estudio/index.html", ""),
        ("https://ejemplo.org/estudio/gone.html", "leads nowhere"),
        ("https://ejemplo.org/estudios/gone.html", ""),
        ("https://ejemplo.org/estudio-2/gone.html", ""),
        ("http://[bad", "is no address of the web"),
    ],
)
def test_links_of_the_pdf_into_the_site_are_those_below_its_address(
    tmp_path: Path, link: str, said: str
) -> None:
    page(tmp_path, "<p>x</p>")
    (tmp_path / "results").mkdir()
    facts = {"study": {"report": {"site": "https://ejemplo.org/estudio/"}}}
    (tmp_path / "results" / "results.json").write_text(json.dumps(facts))
    pdf = PdfWriter()
    pdf.add_blank_page(100, 100)
    pdf.add_uri(0, link, RectangleObject((0, 0, 9, 9)))
    for name in ("informe.pdf", "site/informe.pdf"):
        pdf.write(tmp_path / name)
    told = [
        str(one)
        for one in pdf_validity.find_problems(tmp_path)
        if link in str(one) or "read" in str(one)
    ]
    told = [line for line in told if "screen readers" not in line]
    assert [said in line for line in told] == ([True, True] if said else [])


@pytest.mark.parametrize("name", ["canciones", "mapa"])
@pytest.mark.parametrize(
    "values",
    [
        "",
        ",1",
        ',"x"',
        ",[1]",
        ",[[1]]",
        ",[[{}]]",
        ",{}",
        ',{"clips":[[]]}',
        ',{"clips":[["",0,{}]]}',
    ],
)
def test_data_of_another_form_is_told(tmp_path: Path, name: str, values: str) -> None:
    (tmp_path / "site" / "datos").mkdir(parents=True)
    (tmp_path / "site" / "datos" / f"{name}.js").write_text(f'latentes("{name}"{values});\n')
    told = [str(problem) for problem in file_integrity.find_problems(tmp_path)]
    assert len(told) == 1
    assert f"site/datos/{name}.js: " in told[0]
