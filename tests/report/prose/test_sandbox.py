"""Templates are data: hostile ones end in one line with their file and line."""

import re
import resource
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from report.customization import Customization
from report.errors import ReportError
from report.language import words
from report.pandoc.convert import convert
from report.pdf import typeset
from report.prose import document, sandbox
from report.queries.cover import make_cover
from report.queries.results import read
from report.render import render

WORDS = words.read()
Folder = Callable[[str], Path]

NO_ACCESS = "access to attribute '{}' of '.*' object is unsafe"
NESTED = "expressions or blocks are nested too deeply"
MEMORY = "needs too much memory"
TIME = "rendering took longer than"
ENDLESS = "calls or includes itself without end"

FORBIDDEN = {
    "{{ results.folder }}": "folder",
    '{{ results.folder.read_text("/etc/passwd") }}': "folder",
    '{{ results["folder"] }}': "folder",
    '{{ results | attr("folder") }}': "folder",
    '{{ [results] | sum("folder") }}': "folder",
    '{{ "{0.folder}".format(results) }}': "folder",
    "{{ queries.results.folder.parent }}": "folder",
    '{{ results.parse_file("/etc/passwd") }}': "parse_file",
    "{{ results.model_copy() }}": "model_copy",
    "{{ models[0].model_construct() }}": "model_construct",
    "{{ trend.__globals__ }}": "__globals__",
    "{{ results.number.__func__ }}": "__func__",
    '{{ "".__class__.__mro__ }}': "__class__",
    "{{ cycler.__init__.__globals__ }}": "__init__",
    "{{ self._TemplateReference__context }}": "_TemplateReference__context",
    "{{ words._words }}": "_words",
    "{{ provenance._results }}": "_results",
    "{{ data.clips.append(1) }}": "append",
    "{{ study.update(seed=1) }}": "update",
}
HOSTILE = {
    '{% include "/etc/passwd" %}': "no template is called /etc/passwd",
    '{% include "../../../../../etc/passwd" %}': r"no template is called \.\./",
    '{% import "../informe.md" as x %}': r"no template is called \.\./informe\.md",
    "<# no end": "Missing end of comment tag",
    "{{ 1 / 0 }}": "division by zero",
    '{{ "a" | interval(1) }}': "'str' object has no attribute 'low'",
    "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}": ENDLESS,
    '{% include "informe.md" %}': ENDLESS,
    '{% extends "informe.md" %}': ENDLESS,
    '{{ "x" * 10**11 }}': "the result has more than 100000000 elements",
    "{{ [0] * 10**11 }}": "the result has more than 100000000 elements",
    "{{ 10 ** (10 ** 10) }}": "the integer is too large",
    "{% set a = namespace(x=3) %}{% for i in range(99) %}{% set a.x = a.x * a.x %}{% endfor %}": (
        "the integer is too large"
    ),
    "{% for i in range(10**12) %}{% endfor %}": "Range too big",
    "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}": TIME,
    "{{ lipsum(n=10**10) }}": TIME,
    "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}": NESTED,
    "{{ " + "1 + " * 5000 + "1 }}": NESTED,
    "{% for i in [1] %}" * 25 + "{% endfor %}" * 25: NESTED,
}
HUNGRY = [
    '{{ "%99999999999d" % 1 }}',
    '{{ "%99999999999d" | format(1) }}',
    '{{ "{:>99999999999}".format(1) }}',
    '{{ "x" | center(10**11) }}',
    '{{ "x".ljust(10**11) }}',
    "{{ [1] | batch(10**11, 0) | list }}",
    '{% set a = namespace(x="abc") %}{% for i in range(99) %}{% set a.x = a.x ~ a.x %}{% endfor %}',
]


@pytest.fixture
def refusal(
    results_folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], str]:
    """A function that returns the error of a template, rendered within small limits."""
    monkeypatch.setattr(sandbox, "MEMORY", 100 << 20)
    results = read(results_folder("small"))

    def refusal(template: str) -> str:
        (tmp_path / "informe.md").write_text(template, encoding="utf-8")
        with pytest.raises(ReportError) as refused:
            document.write(results, WORDS, Customization(tmp_path))
        message = str(refused.value)
        assert "\n" not in message
        return message.removeprefix(f"{tmp_path}/")

    return refusal


@pytest.mark.parametrize("template", FORBIDDEN)
def test_no_way_to_files_modules_or_classes(refusal: Callable[[str], str], template: str) -> None:
    message = rf"informe\.md:2: {NO_ACCESS.format(FORBIDDEN[template])}"
    assert re.match(message, refusal(f"uno\n{template}"))


@pytest.mark.parametrize("template", HOSTILE)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_hostile_template_is_one_line(
    refusal: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, template: str
) -> None:
    if HOSTILE[template] == TIME:
        monkeypatch.setattr(sandbox, "SECONDS", 1.0)
    assert re.match(rf"informe\.md:2: {HOSTILE[template]}", refusal(f"uno\n{template}"))


@pytest.mark.skipif(not sandbox.STATM.exists(), reason="memory is bounded on Linux")
@pytest.mark.parametrize("template", HUNGRY)
def test_memory_is_bounded(refusal: Callable[[str], str], template: str) -> None:
    assert re.match(rf"informe\.md:2: {MEMORY}", refusal(f"uno\n{template}"))


def test_endless_output_names_the_included_template(
    refusal: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "MAX_OUTPUT", 10**5)
    (tmp_path / "largo.md").write_text(
        "uno\n\n{% for i in range(9999) %}{% for j in range(9999) %}\nx{% endfor %}{% endfor %}",
        encoding="utf-8",
    )
    message = refusal('uno\n{% include "largo.md" %}')
    assert re.match(r"largo\.md:[34]: writes more than 100000 characters", message)


def test_error_in_the_macros_gives_its_line(refusal: Callable[[str], str], tmp_path: Path) -> None:
    """Jinja leaves the lines of compiled code in errors of a template that is imported."""
    (tmp_path / "cifras.md").write_text("<# uno #>\n\n\n{{ 1 / 0 }}\n", encoding="utf-8")
    assert refusal("").startswith("cifras.md:4: division by zero")


def test_limits_end_with_the_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 0.2)
    before, threads = resource.getrlimit(resource.RLIMIT_DATA), threading.active_count()
    with sandbox.limits():
        pass
    time.sleep(0.3)
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    assert threading.active_count() == threads


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_time_limit_survives_a_finalizer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error that is raised in a finalizer is ignored; it is raised again."""
    monkeypatch.setattr(sandbox, "SECONDS", 0.1)
    monkeypatch.setattr(sandbox, "RETRY_SECONDS", 0.1)

    def work(seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pass

    class Slow:
        def __del__(self) -> None:
            work(0.15)

    def endless() -> None:
        Slow()
        work(10)

    with sandbox.limits(), pytest.raises(sandbox.TimeLimitError):
        endless()


def test_link_out_of_the_templates_is_refused(results_folder: Folder, tmp_path: Path) -> None:
    own, secret = tmp_path / "propias", tmp_path / "secreto.md"
    own.mkdir()
    secret.write_text("secreto", encoding="utf-8")
    (own / "resumen.md").symlink_to(secret)
    with pytest.raises(ReportError, match=r"resumen\.md: a link out of the folder of templates"):
        render(results_folder("small"), tmp_path / "out", Customization(own))
    (own / "resumen.md").unlink()
    (own / "otra.md").write_text("# Otra {#sec-resumen .pagina}", encoding="utf-8")
    (own / "resumen.md").symlink_to("otra.md")
    assert own / "resumen.md" in Customization(own).files


@pytest.mark.parametrize("to", ["html5", "typst"])
@pytest.mark.parametrize(
    "image",
    ["/etc/passwd", "../secreto.svg", "figures/../../x.svg", "file:///etc/passwd", "/a.flac"],
)
def test_image_outside_the_report_is_refused(tmp_path: Path, to: str, image: str) -> None:
    own = tmp_path / "propias"
    own.mkdir()
    chapter = f"uno\n\n![Algo]({image})\n"
    (own / "resumen.md").write_text(chapter, encoding="utf-8")
    message = rf"resumen\.md:3: the image {re.escape(image)} is not a file of this report"
    with pytest.raises(ReportError, match=message):
        convert(chapter, to, tmp_path, WORDS, Customization(own), None)


def test_raw_code_in_markdown_is_text(tmp_path: Path) -> None:
    chapter = '`#read("/etc/passwd")`{=typst}\n\n#read("/etc/passwd")\n\n\\input{/etc/passwd}\n'
    typst = convert(chapter, "typst", tmp_path, WORDS, Customization(), None)
    code = '`#read("/etc/passwd")`{=typst}'  # as it is between backticks, Typst prints it
    assert typst == f'{code}\n\n\\#read(\\"/etc/passwd\\")\n\n\\\\input{{/etc/passwd}}\n'


@pytest.mark.parametrize("setting", ["bibliography: /no/such.bib", "csl: /no/such.csl"])
def test_chapter_cannot_set_pandoc_metadata(tmp_path: Path, setting: str) -> None:
    chapter = f"---\n{setting}\n---\n\nUno [@efron1979].\n"
    assert "Efron" in convert(chapter, "html5", tmp_path, WORDS, Customization(), None)


@pytest.mark.parametrize("file", ["/etc/passwd", "../../../../../../etc/passwd"])
def test_typst_reads_the_report_only(results_folder: Folder, tmp_path: Path, file: str) -> None:
    own, work = tmp_path / "propias", tmp_path / "work"
    own.mkdir()
    work.mkdir()
    (own / "informe.typ").write_text(f'#let x = read("{file}")', encoding="utf-8")
    results, customization = read(results_folder("small")), Customization(own)
    cover = make_cover(results, WORDS)
    typeset.write_inputs(results, WORDS, cover, customization, work)
    with pytest.raises(ReportError, match="Typst could not .*(not found|escape)"):
        typeset.compile_pdf(work, cover, "uno", Customization())


def test_words_are_not_format_strings() -> None:
    said = words.Words({"a": "{x} {x.__class__} {x:>99999999999} {y}"})
    assert said.fill("a", x="uno") == "uno {x.__class__} {x:>99999999999} {y}"
