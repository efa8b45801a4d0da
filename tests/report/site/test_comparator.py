"""The comparator in a real browser; tests record and identify the audio that it plays."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page

from report import byte_text
from report.render import Rendered
from tests.report.browser_pages import opened, wait_until

Render = Callable[[str], Rendered]
Samples = NDArray[np.float64]
RATE = 22_050

RECORDER = """
window.recording = [];
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...rest) {
  const context = this.context;
  if (target instanceof AudioDestinationNode && !context.own) {
    context.own = true;
    const frames = 300 * context.sampleRate;
    const ruler = context.createBuffer(1, frames, context.sampleRate);
    const marks = ruler.getChannelData(0);
    for (let i = 0; i < frames; i++) marks[i] = i / 2 ** 22;
    const clock = context.createBufferSource();
    clock.buffer = ruler;
    clock.start();
    context.merger = context.createChannelMerger(2);
    connect.call(clock, context.merger, 0, 1);
    const recorder = context.createScriptProcessor(4096, 2, 1);
    recorder.onaudioprocess = ({ inputBuffer }) => window.recording.push([
      inputBuffer.getChannelData(1)[0] * 2 ** 22, Array.from(inputBuffer.getChannelData(0))]);
    connect.call(context.merger, recorder);
    connect.call(recorder, target);
  }
  if (target instanceof AudioDestinationNode) connect.call(this, context.merger, 0, 0);
  return connect.call(this, target, ...rest);
};
"""
"""Records the audio output in blocks, each with its first frame on the audio thread's clock."""

SLOW_START = """
const start = AudioBufferSourceNode.prototype.start;
let calls = 0;
AudioBufferSourceNode.prototype.start = function (...when) {
  const end = performance.now() + (when.length && calls++ % 2 === 0 ? 60 : 0);
  while (performance.now() < end);
  return start.apply(this, when);
};
"""
"""Simulates a busy machine: every other start of a sound is delayed by 60 ms."""


def stored_samples(site: Path, key: str) -> Samples:
    """Return the samples that the comparator loads for a version."""
    text = (site / f"sonidos/{key}.js").read_text(encoding="utf-8")
    (data,) = byte_text.byte_parts(text)
    samples, rate = soundfile.read(io.BytesIO(data))
    assert rate == RATE
    return np.asarray(samples)


def locate(block: Samples, sound: Samples) -> tuple[int, float, float]:
    """Return the best position of a block in a looped sound, their correlation (1 is equal) and
    that of the best position elsewhere: where the music repeats itself, both are high."""
    looped = np.concatenate([sound, sound[: len(block)]])
    size = 2 ** int(np.ceil(np.log2(len(looped) + len(block))))
    product = np.fft.rfft(looped, size) * np.conj(np.fft.rfft(block, size))
    match = np.fft.irfft(product, size)[: len(sound)]
    power = np.cumsum(np.concatenate([[0.0], looped**2]))
    energy = power[len(block) : len(block) + len(sound)] - power[: len(sound)]
    fit = match / np.sqrt(np.maximum(energy, 1e-9) * (block @ block))
    best = int(np.argmax(fit))
    apart = np.abs(np.arange(len(fit)) - best) > RATE // 100
    return best, float(fit[best]), float(fit[apart].max())


def identify(page: Page, sounds: list[Samples], awaited: int) -> list[tuple[float, int, int]]:
    """Return (clock frame, index of the sound, position in it) of recorded blocks.

    Records until `awaited` was identified in three blocks, for at most a minute. Blocks with a
    cross-fade match no sound, and those of a repeated passage match two places: both are skipped.
    """
    found = []
    for _ in range(60):
        page.wait_for_timeout(1000)
        for frame, samples in page.evaluate("window.recording.splice(0)"):
            if any(samples):
                fits = [locate(np.asarray(samples), sound) for sound in sounds]
                best = max(range(len(sounds)), key=lambda number: fits[number][1])
                if fits[best][1] > max(0.999, fits[best][2] + 2e-4):
                    found.append((frame, best, fits[best][0]))
        if sum(best == awaited for _, best, _ in found) >= 3:
            return found
    raise AssertionError(f"sound {awaited} was not played within a minute")


def shown(version: str) -> str:
    """Return an expression: true if the page's first comparator has loaded that version."""
    return f"document.querySelector('.comparador').comparator.shown?.{version}"


NEAREST = """() => {
  const { comparator } = document.querySelector(".comparador");
  comparator.change = () => {}; // loads nothing
  return comparator.versions.filter((version) => version.group).flatMap((version) =>
    comparator.groups.map((group) => {
      comparator.select(version);
      comparator.setGroup(group);
      const { current, versions } = comparator;
      const members = versions.filter((each) => each.group === group);
      return [version, current, ...members].map(({ size, unit }) => [size, unit]);
    }));
}"""
"""For each version and method: the version, what that method then plays, and all that it has."""


def test_another_method_plays_the_nearest_size(browser: Browser, address: str) -> None:
    with opened(browser, address, name="escuchar") as page:
        wait_until(page, "document.querySelector('.comparador').comparator")
        length = int(page.locator("html").get_attribute("data-muestras") or 0)
        found = page.evaluate(NEAREST)
    assert len(found) > 9
    for sizes in found:
        old, new, *members = (
            np.log(size / (16 * RATE / 1000 if unit else length)) for size, unit in sizes
        )
        assert abs(new - old) == pytest.approx(min(abs(each - old) for each in members))


@pytest.mark.parametrize(
    "machine",
    [pytest.param("", id="idle"), pytest.param(SLOW_START, id="busy", marks=pytest.mark.slow)],
)
def test_versions_switch_at_the_same_position(
    browser: Browser, address: str, rendered: Render, machine: str
) -> None:
    site = rendered("whole").site
    keys = ["test-original", "test-classic-55112", "test-baseline-lowpass-9184"]
    sounds = [stored_samples(site, key) for key in keys]
    with opened(browser, address, name="escuchar", init_script=RECORDER + machine) as page:
        view = page.locator(".comparador").first
        view.locator(".tocar").click()
        view.locator(".tocar.sonando").wait_for()
        found = identify(page, sounds, 0)
        page.keyboard.press("5")
        wait_until(page, shown("version.size === 55112"))
        found += identify(page, sounds, 1)
        view.get_by_role("button", name="Pasabajos ideal").click()
        page.keyboard.press("1")
        wait_until(page, shown("version.size === 9184"))
        found += identify(page, sounds, 2)
        view.locator(".tocar").click()
        offsets = np.array([(at - frame) % len(sounds[0]) for frame, _, at in found])
        drift = (offsets - offsets[0] + len(sounds[0]) // 2) % len(sounds[0]) - len(sounds[0]) // 2
        assert np.abs(drift).max() / RATE < 0.010


POSITION = "Number(document.querySelector('.comparador .lienzo').getAttribute('aria-valuenow'))"


def test_a_version_selected_while_the_first_loads_is_played(browser: Browser, address: str) -> None:
    with opened(browser, address, name="escuchar") as page:
        page.evaluate("""() => {
          const L = window.Latentes, sound = L.sound;
          let calls = 0;
          L.sound = async (key) => {
            if (!calls++) await new Promise((go) => setTimeout(go, 700));
            return sound(key);
          };
        }""")
        view = page.locator(".comparador").first
        view.locator(".tocar").click()
        page.keyboard.press("5")
        view.locator(".tocar.sonando").wait_for()
        assert page.evaluate(shown("version.size")) == 55112


def test_keys_region_and_fidelity(browser: Browser, address: str) -> None:
    with opened(browser, address, name="escuchar") as page:
        view = page.locator(".comparador").first
        assert page.evaluate("performance.getEntriesByType('resource')"
                             ".filter(e => e.name.includes('/sonidos/')).length") == 0  # fmt: skip
        panel = view.locator(".lienzo")
        assert panel.get_attribute("aria-valuemax") == "5.00"
        panel.focus()
        page.keyboard.press(" ")
        view.locator(".tocar.sonando").wait_for()
        page.keyboard.press("1")
        wait_until(page, shown("version.size === 9184"))
        assert view.locator(".nombre").inner_text() == "Red convolucional, 9184"
        shown_snr = view.locator("[data-medida=snr]").inner_text()
        row = page.locator(".comparador tr", has_text="Red convolucional").filter(has_text="9184")
        assert shown_snr == row.locator("[data-numero$=snr]").text_content()
        page.keyboard.press("ArrowUp")
        wait_until(page, shown("version.size === 18376"))
        assert view.locator(".nombre").inner_text() == "Red convolucional, 18\u202f376"
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        page.keyboard.press(" ")
        view.locator(".tocar:not(.sonando)").wait_for()
        before = float(panel.get_attribute("aria-valuenow") or "")
        page.keyboard.press("ArrowLeft")
        after = float(panel.get_attribute("aria-valuenow") or "")
        assert after == pytest.approx(max(0, before - 0.25), abs=0.002)
        box = panel.bounding_box()
        assert box is not None
        middle = box["y"] + 30
        page.mouse.click(box["x"] + box["width"] / 2, middle)
        wait_until(page, f"Math.abs({POSITION} - 2.5) < 0.02")
        page.mouse.move(box["x"] + 0.2 * box["width"], middle)
        page.mouse.down()
        page.mouse.move(box["x"] + 0.4 * box["width"], middle, steps=5)
        page.mouse.up()
        view.locator(".region").wait_for()
        view.locator(".tocar").click()
        view.locator(".tocar.sonando").wait_for()
        places = [0.0]
        while len(places) < 600 and places[-1] >= max(places):  # until the loop restarts
            page.wait_for_timeout(100)
            places.append(float(page.evaluate(POSITION)))
        assert places[-1] < places[-2]
        assert min(places[1:]) >= 0.98
        assert max(places) <= 2.02


def test_the_residual_is_original_minus_version(
    browser: Browser, address: str, rendered: Render
) -> None:
    site = rendered("whole").site
    with opened(browser, address, name="escuchar", init_script=RECORDER) as page:
        view = page.locator(".comparador").first
        view.locator(".tocar").click()
        view.locator(".tocar.sonando").wait_for()
        page.keyboard.press("1")
        view.locator(".residuo").check()
        assert re.search(r"\([+−]?\d+,\d dB\)", view.locator(".ganancia-residuo").inner_text())
        wait_until(page, shown("residual"))
        assert view.locator(".nombre").inner_text() == "Residuo de Red convolucional, 9184"
        assert view.locator("[data-medida=snr]").inner_text() == "—"
        gains = page.evaluate(
            "document.querySelector('.comparador').comparator.versions.map(v => [v.key, v.matched])"
        )
        level = {key: 10 ** (gain / 20) for key, gain in gains}
        original, version = "test-original", "test-classic-9184"
        residual = (
            stored_samples(site, original) / level[original]
            - stored_samples(site, version) / level[version]
        )
        identify(page, [residual], 0)


def test_only_one_sound_plays(browser: Browser, address: str) -> None:
    with opened(browser, address, name="canciones") as page:
        buttons = page.locator(".mando .tocar")
        assert buttons.count() == 2
        for number in (0, 1):
            buttons.nth(number).click()
            page.locator(".mando").nth(number).locator(".tocar.sonando").wait_for()
        assert page.locator(".tocar.sonando").count() == 1
        page.evaluate("{ const a = document.querySelector('audio'); a.muted = true; a.play() }")
        page.locator(".tocar.sonando").wait_for(state="detached")
        buttons.nth(0).click()
        page.locator(".tocar.sonando").wait_for()
        assert page.evaluate("document.querySelector('audio').paused")


def test_chapters_contain_comparators(browser: Browser, rendered: Render) -> None:
    with opened(browser, f"{rendered('whole').site.as_uri()}/") as page:
        view = page.locator("#tbl-fidelidad + .comparador")
        view.locator(".tocar").click()
        view.locator(".tocar.sonando").wait_for()


def test_a_sound_that_fails_changes_nothing_and_can_be_tried_again(
    browser: Browser, address: str
) -> None:
    with opened(browser, address, name="escuchar") as page:
        view = page.locator(".comparador").first
        page.evaluate("""() => {
          window.pass = window.latentes;
          window.latentes = (name, ...values) =>
            name === "test-classic-9184" ? null : window.pass(name, ...values);
        }""")
        view.locator(".tocar").click()
        view.locator(".tocar.sonando").wait_for()
        page.keyboard.press("1")
        view.locator(".falla").wait_for()
        assert "Red convolucional, 9184" in view.locator(".falla").inner_text()
        assert view.locator(".nombre").inner_text() == "Original"
        assert view.locator(".opcion", has_text="Original").locator("input").is_checked()
        page.evaluate("() => { window.latentes = window.pass; }")
        page.keyboard.press("1")
        wait_until(page, shown("version.size === 9184"))
        assert view.locator(".nombre").inner_text() == "Red convolucional, 9184"
        assert view.locator(".estado").inner_text() == ""


CONTROLS = (
    ".lienzo", ".tocar", ".repetir", ".desde", ".ampliar", ".metodos button", ".opcion :checked",
    ".igualar", ".residuo", ".copiar",
)  # fmt: skip


def test_keys_do_the_same_on_every_control(browser: Browser, rendered: Render) -> None:
    comparator = "document.querySelector('.comparador').comparator"
    with opened(browser, f"{rendered('whole').site.as_uri()}/", name="escuchar") as page:
        view = page.locator(".comparador").first

        def after(key: str) -> object:
            page.keyboard.press(key)
            assert page.evaluate("document.activeElement.closest('.mando') !== null"), key
            return page.evaluate(f"[{comparator}.current.size, {comparator}.player.position]")

        for control in CONTROLS:
            view.locator(control).first.focus()
            assert after("1") == [9184, 0], control
            assert after("ArrowUp") == [18376, 0], control
            assert after("ArrowDown") == [9184, 0], control
            assert after("ArrowRight") == [9184, 0.25], control
            assert after("Home") == [9184, 0], control
            assert after("0") == [0, 0], control
        # Space is a checkbox's own; what has no residual keeps the focus.
        view.locator(".residuo").focus()
        page.keyboard.press("1")
        page.keyboard.press(" ")
        assert view.locator(".residuo").is_checked()
        assert after("0") == [0, 0]
        assert page.evaluate("document.activeElement.className") == "residuo"


def test_keys_act_on_the_comparator_last_used(browser: Browser, rendered: Render) -> None:
    with opened(browser, f"{rendered('whole').site.as_uri()}/", name="canciones") as page:
        second = page.locator(".mando").nth(1)
        second.locator(".desde").click()
        assert page.evaluate("document.activeElement.className") == "mando"
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press(" ")
        second.locator(".tocar.sonando").wait_for()
        page.locator("h1").click()
        page.keyboard.press("1")
        assert page.locator(".nombre").all_inner_texts() == ["Original", "Original"]


def test_an_interrupted_output_plays_again(browser: Browser, rendered: Render) -> None:
    """As iOS interrupts it for a call."""
    keep = "const A = AudioContext; AudioContext = class extends A {" \
        "constructor(...all) { super(...all); window.output = this; } };"  # fmt: skip
    with opened(
        browser, f"{rendered('whole').site.as_uri()}/", name="escuchar", init_script=keep
    ) as page:
        button = page.locator(".comparador .tocar").first
        button.click()
        page.locator(".tocar.sonando").wait_for()
        page.evaluate("window.output.suspend()")
        page.locator(".tocar.sonando").wait_for(state="detached")
        button.click()
        page.locator(".tocar.sonando").wait_for()
        wait_until(page, "window.output.state === 'running'")
