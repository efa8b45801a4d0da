"""Broken links in any notation, and data scripts of an unexpected structure, are reported."""

import json
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import RectangleObject

from report import manifest
from report.checks import file_integrity, html, pdf_validity

PAGE = '<!DOCTYPE html><html lang="es"><head><title>x</title></head><body>{}</body></html>'


def check_page(out: Path, body: str) -> list[str]:
    (out / "site").mkdir()
    (out / "site" / "index.html").write_text(PAGE.format(body))
    return [str(problem) for problem in html.find_problems(out)]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://[bad", "not a web address"),
        ("a" * 300 + ".html", "broken link"),
        ("a%00b.html", "broken link"),
        ("../out.html", "points outside the site"),
        ("a/../index.html", ""),
    ],
)
def test_urls_of_any_form(tmp_path: Path, url: str, expected: str) -> None:
    reports = check_page(tmp_path, f'<p><a href="{url}">x</a></p>')
    assert [expected in line for line in reports] == ([True] if expected else [])


@pytest.mark.parametrize("srcset", ["index.html 1x,", ",", "", "index.html 1x, , index.html 2x"])
def test_srcset_may_have_empty_candidates(tmp_path: Path, srcset: str) -> None:
    assert check_page(tmp_path, f'<p><img src="index.html" alt="x" srcset="{srcset}"></p>') == []


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://ejemplo.org/estudio", ""),
        ("https://ejemplo.org/estudio/", ""),
        ("https://ejemplo.org/estudio/index.html", ""),
        ("https://ejemplo.org/estudio/gone.html", "broken link"),
        ("https://ejemplo.org/estudios/gone.html", ""),
        ("https://ejemplo.org/estudio-2/gone.html", ""),
        ("http://[bad", "is not a web address"),
    ],
)
def test_pdf_links_below_the_sites_url_are_checked(
    tmp_path: Path, link: str, expected: str
) -> None:
    check_page(tmp_path, "<p>x</p>")
    (tmp_path / "results").mkdir()
    facts = {"study": {"report": {"site": "https://ejemplo.org/estudio/"}}}
    (tmp_path / "results" / "results.json").write_text(json.dumps(facts))
    pdf = PdfWriter()
    pdf.add_blank_page(100, 100)
    pdf.add_uri(0, link, RectangleObject((0, 0, 9, 9)))
    for name in ("informe.pdf", "site/informe.pdf"):
        pdf.write(tmp_path / name)
    reports = [
        str(one)
        for one in pdf_validity.find_problems(tmp_path)
        if link in str(one) or "read" in str(one)
    ]
    reports = [line for line in reports if "screen readers" not in line]
    assert [expected in line for line in reports] == ([True, True] if expected else [])


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
def test_data_scripts_of_unexpected_structure(tmp_path: Path, name: str, values: str) -> None:
    (tmp_path / "site" / "datos").mkdir(parents=True)
    (tmp_path / "site" / "datos" / f"{name}.js").write_text(f'latentes("{name}"{values});\n')
    manifest.write(tmp_path, "")
    (report,) = map(str, file_integrity.find_problems(tmp_path))
    assert f"site/datos/{name}.js: " in report
