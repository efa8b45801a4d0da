"""The page Prueba a ciegas in a real browser, and the answers that it writes."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats
from playwright.sync_api import Browser, Locator, Page

from pipeline.listening.answer_reader import read_answers
from pipeline.listening.trial_draws import (
    Staircase,
    abx_trials,
    mushra_screens,
    preference_pairs,
)
from pipeline.results.listening_stimuli import Stimuli, folder_digest, stimuli
from report.language import spanish
from report.queries.results import Results, read
from report.render import Rendered
from tests.report.browser_pages import opened, wait_until
from tests.report.site.test_browser import check_accessibility, check_layout

Render = Callable[[str], Rendered]
Study = tuple[str, Results, Stimuli]
SEEDS = (0, 1, 20_260_101, 2**32 - 1)
READY = "!document.querySelector('.ensayo').hidden && "
READY += "!document.querySelector('.ensayo .estado').textContent"


@pytest.fixture(scope="module")
def study(rendered: Render, results_folder: Callable[[str], Path]) -> Study:
    """Address of the site, results and stimuli of the sample."""
    results = read(results_folder("whole"))
    return f"{rendered('whole').site.as_uri()}/", results, stimuli(results)


def test_the_data_name_existing_sounds_and_the_study(study: Study, rendered: Render) -> None:
    _, results, found = study
    site = rendered("whole").site
    data = json.loads(f"[{(site / 'datos/prueba.js').read_text(encoding='utf-8')[9:-3]}]")[1]
    assert data["study"] == folder_digest(results, results.folder)
    assert data["stimuli"] == found.model_dump()
    for name in found.songs:
        keys = data["songs"][name]["keys"]
        models = {f"{family}.{size}" for family, sizes in found.abx.items() for size in sizes}
        assert {"original", *models} <= set(keys)
        assert all((site / f"sonidos/{key}.js").is_file() for key in keys.values())
    for pair in found.preference:
        for _, _, key, bundle in (data["sounds"][pair.a], data["sounds"][pair.b]):
            assert f'"{key}"' in (site / f"sonidos/{bundle or key}.js").read_text()
    assert {*found.mushra} <= set(data["labels"])


def run(page: Page, found: Stimuli, plan: dict[str, Any], answers: list[Any]) -> dict[str, Any]:
    result: dict[str, Any] = page.evaluate(
        "([s, plan, answers]) => Latentes.blind.run(s, plan, answers)",
        [found.model_dump(), plan, answers],
    )
    return result


def test_trials_are_those_that_python_draws(browser: Browser, study: Study, tmp_path: Path) -> None:
    address, results, found = study
    digest = folder_digest(results, results.folder)
    files = []
    with opened(browser, address, name="prueba") as page:
        for seed in SEEDS:
            screens = run(page, found, {"test": "mushra", "seed": seed}, [{}] * 4)["trials"]
            drawn = mushra_screens(seed, found)
            assert [(each["song"], each["order"]) for each in screens] == drawn
            pairs = run(page, found, {"test": "preference", "seed": seed}, [{}] * 20)["trials"]
            assert pairs == [pair.model_dump() for pair in preference_pairs(seed, found)]
            for family, sizes in found.abx.items():
                file = take_staircase(page, found, digest, seed, family, sizes)
                files.append(f"{seed}.{family}.json")
                (tmp_path / files[-1]).write_text(file, encoding="utf-8")
    tests = read_answers(tmp_path, files, digest, found)
    assert tests.left_out == []
    assert len(tests.tests) == len(SEEDS) * len(found.abx)


def take_staircase(
    page: Page, found: Stimuli, study: str, seed: int, family: str, sizes: list[int]
) -> str:
    """Compare a staircase with Python's, and return its answer file."""
    draw, steps, chance = abx_trials(seed, found.songs), Staircase(sizes), random.Random(seed)
    expected, answers = [], []
    while not steps.ended:
        song, original, x = next(draw)
        version = f"{family}.{steps.size}"
        answer = x if chance.random() < 0.75 else "ab".replace(x, "")
        answers.append({"answer": answer, "ms": 9000, "switches": 5})
        trial = {"song": song, "version": version, "original": original, "x": x}
        expected.append(trial | answers[-1])
        steps.answer(answer == x)
    plan = {"test": "abx", "seed": seed, "how": family}
    done = run(page, found, plan, answers)
    assert done["trials"] == expected
    assert "next" not in done
    assert len(done["turns"]) == steps.reversals
    assert run(page, found, plan, answers[:-1])["next"]
    return str(
        page.evaluate(
            "([study, plan, trials]) => Latentes.blind.answerFile(study, plan, trials, 'Ñ')",
            [study, plan, expected],
        )
    )


def test_a_staircase_says_no_size_for_a_guesser(browser: Browser, study: Study) -> None:
    address, _, found = study
    sizes = found.abx["classic"]
    say = """([plan, trials, turns]) => Latentes.load("datos/prueba.js", "prueba").then(([data]) =>
      Latentes.blind.result(data, plan, { trials, turns },
        document.querySelector(".ciegas").dataset).lines[0])"""
    plan = {"test": "abx", "seed": 1, "how": "classic"}
    version = f"classic.{sizes[0]}"
    trial = {"song": found.songs[0], "version": version, "original": "a", "x": "a"}
    with opened(browser, address, name="prueba") as page:
        for right, turns, line in (
            (13, [1, 0, 1, 0], "No se pudo ubicar"),
            (20, [1, 0, 1, 0], spanish.integer(sizes[1])),
            (20, [1], "No se pudo ubicar"),
            (26, [], "Ningún error"),
        ):
            trials = [trial | {"answer": "ba"[place < right]} for place in range(26)]
            assert line in page.evaluate(say, [plan, trials, turns])


def test_chance_and_anchors(browser: Browser, study: Study) -> None:
    with opened(browser, study[0], name="prueba") as page:
        for right, count in ((12, 16), (0, 10), (10, 10), (21, 40)):
            chance = page.evaluate("([k, n]) => Latentes.blind.chance(k, n)", [right, count])
            assert chance == pytest.approx(scipy.stats.binom.sf(right - 1, count, 0.5))
        samples = page.evaluate("""() => {
          const impulse = new Float32Array(4096);
          impulse[2048] = 1;
          return [...Latentes.blind.lowPass(impulse, 3500)];
        }""")
    assert samples[2048 - 400 : 2049] == samples[2048 : 2048 + 401][::-1]
    spectrum = 20 * np.log10(np.abs(np.fft.rfft(samples)) + 1e-9)
    hertz = np.fft.rfftfreq(len(samples), 1 / 22_050)
    assert np.abs(spectrum[hertz <= 3500]).max() < 0.1
    assert spectrum[hertz >= 4000].max() < -50  # ITU-R BS.1534-3: 25 at 4 kHz, 50 at 4.5 kHz


class Listener:
    """Takes tests by keyboard or by touch; what is heard last is the answer."""

    def __init__(self, page: Page, touch: bool) -> None:
        self.page, self.touch = page, touch

    def press(self, key: str, button: Locator) -> None:
        if self.touch:
            button.tap()
        else:
            self.page.keyboard.press(key)

    def begin(self, test: str) -> None:
        start = self.page.locator(f"[name=begin][value={test}]")
        if not self.touch:
            start.focus()
        self.press("Enter", start)
        self.check(test)

    def check(self, view: str) -> None:
        """Check the layout on a phone and its accessibility."""
        if self.touch:
            wait_until(self.page, f"{READY} || !document.querySelector('.final').hidden")
            check_layout(self.page, 360, view)
            check_accessibility(self.page, view)

    def hear(self, key: str, place: int) -> None:
        wait_until(self.page, READY)
        self.press(key, self.page.locator(".ensayo .opcion").nth(place))
        self.page.locator(".ensayo .tocar.sonando").wait_for()
        self.page.wait_for_timeout(5)

    def rate(self, place: int, key: str) -> None:
        """Rate the sound at `place`, from 1; by touch always in the middle."""
        if not self.touch:
            self.page.keyboard.press(str(place))
        self.press(key, self.page.locator(".notas [type=range]").nth(place - 1))

    def answer(self) -> None:
        """Answer with the sound that plays, or go to the next screen."""
        self.press("Enter", self.page.locator("[name=answer]:visible").first)

    def result(self) -> tuple[str, str]:
        """The JSON and the code of the result."""
        wait_until(self.page, "document.getElementById('codigo').value")
        with self.page.expect_download() as download:
            self.page.locator(".descargar").click()
        text = download.value.path().read_text(encoding="utf-8")
        code = self.page.locator("#codigo").input_value()
        self.page.locator(".final summary").click()
        self.check("result")
        self.page.locator("[name=again]").click()
        return text, code


def take_abx(listener: Listener, size: int) -> tuple[str, str]:
    page = listener.page
    page.locator("#como").select_option(f"classic.{size}")
    page.locator("#cuantos").select_option("10")
    listener.begin("abx")
    for trial in range(10):
        listener.hear("x", 2)
        if trial == 3:  # reloading loses nothing
            page.reload()
            listener.hear("2", 1)
            assert page.locator(".ensayo h2").inner_text() == "Ensayo 4 de 10"
        listener.hear("a", 0)
        listener.answer()
    page.locator("#apodo").fill("Ñandú \u202e<b>")
    return listener.result()


def take_mushra(listener: Listener, found: Stimuli) -> tuple[str, str]:
    page = listener.page
    listener.begin("mushra")
    for screen in range(min(4, len(found.songs))):
        listener.hear("0", 0)
        for place in range(1, len(found.mushra) + 1):
            listener.rate(place, "End" if place == 2 else "PageUp")
        if screen == 1:
            before = page.locator("output").all_inner_texts()
            assert "—" not in before
            page.reload()
            listener.hear("r", 0)
            assert page.locator("output").all_inner_texts() == before
        listener.answer()
    return listener.result()


def take_preference(listener: Listener, found: Stimuli) -> tuple[str, str]:
    listener.begin("preference")
    for _ in range(min(20, len(found.preference))):
        listener.hear("a", 0)
        listener.answer()
    return listener.result()


@pytest.mark.parametrize("way", ["keyboard", pytest.param("touch", marks=pytest.mark.slow)])
def test_every_test_can_be_taken_to_its_end(
    browser: Browser, study: Study, tmp_path: Path, way: str
) -> None:
    address, results, found = study
    touch = way == "touch"
    with opened(
        browser, address, 360 if touch else 1280, "light" if touch else "dark",
        name="prueba", touch=touch,
    ) as page:  # fmt: skip
        listener = Listener(page, touch)
        answers = [
            take_abx(listener, found.abx["classic"][0]),
            take_mushra(listener, found),
            take_preference(listener, found),
        ]
    for number, (text, code) in enumerate(answers):
        (tmp_path / f"{number}.json").write_text(text, encoding="utf-8")
        assert code.startswith("latentes1:")
    digest = folder_digest(results, results.folder)
    files = sorted(path.name for path in tmp_path.iterdir())
    tests = read_answers(tmp_path, files, digest, found)
    assert tests.left_out == []
    assert [test.test for test in tests.tests] == ["abx", "mushra", "preference"]
    assert [test.listener for test in tests.tests] == ["Ñandú <b>", "", ""]
    codes = tmp_path / "codes.txt"
    codes.write_text("\n\n".join(code for _, code in answers), encoding="utf-8")
    assert read_answers(tmp_path, [codes.name], digest, found).tests == tests.tests


def test_nothing_in_the_page_tells_which_sound_is_which(browser: Browser, study: Study) -> None:
    address, _, found = study
    how = f"classic.{found.abx['classic'][0]}"
    kinds: dict[str, int] = {}
    for seed in range(1000):
        song, original, _ = next(abx_trials(seed, found.songs))
        if song == found.songs[0]:
            kinds.setdefault(original, seed)
    seen = []
    with opened(browser, address, name="prueba") as page:
        page.on(
            "request",
            lambda request: seen.append(request.url) if "/sonidos/" in request.url else None,
        )
        for seed in (kinds["a"], kinds["b"]):
            page.goto(f"{address}datos.html")  # a change of the fragment alone loads nothing
            page.goto(f"{address}prueba.html#seed={seed}&test=abx&how={how}&count=10")
            page.locator(".repetida").wait_for()
            listener = Listener(page, touch=False)
            listener.begin("abx")
            for key, place in (("a", 0), ("b", 1), ("x", 2)):
                listener.hear(key, place)
            seen.append(page.locator("body").inner_html())
            assert "original" not in page.url
    assert len(seen) == 6
    assert seen[:3] == seen[3:]


def test_a_test_can_be_stopped_early(browser: Browser, study: Study) -> None:
    with opened(browser, study[0], 360, name="prueba") as page:
        listener = Listener(page, touch=False)
        for answered in (False, True):
            listener.begin("abx")
            wait_until(page, READY)
            listener.answer()
            assert "hay que escuchar" in page.locator(".ensayo .estado").inner_text()
            if answered:
                page.keyboard.press("b")
                listener.hear("b", 1)
                listener.answer()
                wait_until(page, READY)
            page.locator(".ensayo summary").click()
            page.locator("[name=stop]").click()
            assert page.locator(".inicio").is_visible() != answered
        assert page.locator(".incompleta").is_visible()
        assert not page.locator(".entrega").is_visible()


def test_an_address_without_a_test_shows_the_start(browser: Browser, study: Study) -> None:
    with opened(browser, study[0], name="prueba") as page:
        for fragment in ("AAAA", "eyJ9", "seed=-1&test=abx", "contenido"):
            page.goto(f"{study[0]}datos.html")
            page.goto(f"{study[0]}prueba.html#{fragment}")
            page.locator("[name=level]").click()
            page.locator(".inicio .tocar.sonando").wait_for()
