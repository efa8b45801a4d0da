"""The comparator in a real browser: what is heard, sample by sample, as versions are switched."""

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page

from report.render import Rendered
from tests.report.browser_pages import opened, until

Render = Callable[[str], Rendered]
Samples = NDArray[np.float64]
RATE = 22_050

TAPE = """
window.tape = [];
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
    recorder.onaudioprocess = ({ inputBuffer }) => window.tape.push([
      inputBuffer.getChannelData(1)[0] * 2 ** 22, Array.from(inputBuffer.getChannelData(0))]);
    connect.call(context.merger, recorder);
    connect.call(recorder, target);
  }
  if (target instanceof AudioDestinationNode) connect.call(this, context.merger, 0, 0);
  return connect.call(this, target, ...rest);
};
"""
"""Keeps all that reaches the loudspeaker, with the frame at which each block begins as a clock
in the same audio thread counts them."""

BUSY = """
const start = AudioBufferSourceNode.prototype.start;
let asked = 0;
AudioBufferSourceNode.prototype.start = function (...when) {
  const end = performance.now() + (when.length && asked++ % 2 === 0 ? 60 : 0);
  while (performance.now() < end);
  return start.apply(this, when);
};
"""
"""A machine that stalls between a sound's being asked for and its start, every other time."""


def stored(site: Path, key: str) -> Samples:
    """The samples that the comparator loads for a version."""
    text = (site / f"sonidos/{key}.js").read_text(encoding="utf-8")
    data = re.fullmatch(r'latentes\("[^"]+","([^"]+)"\);\n', text)
    assert data is not None
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(data[1])))
    assert rate == RATE
    return np.asarray(samples)


def place(block: Samples, sound: Samples) -> tuple[int, float]:
    """Where in a looped sound a block comes from, and how well it fits there (1 is exactly)."""
    looped = np.concatenate([sound, sound[: len(block)]])
    size = 2 ** int(np.ceil(np.log2(len(looped) + len(block))))
    product = np.fft.rfft(looped, size) * np.conj(np.fft.rfft(block, size))
    match = np.fft.irfft(product, size)[: len(sound)]
    power = np.cumsum(np.concatenate([[0.0], looped**2]))
    energy = power[len(block) : len(block) + len(sound)] - power[: len(sound)]
    fit = match / np.sqrt(np.maximum(energy, 1e-9) * (block @ block))
    best = int(np.argmax(fit))
    return best, float(fit[best])


def recognised(page: Page, sounds: list[Samples], awaited: int) -> list[tuple[float, int, int]]:
    """Frames of a clock, which sound is heard from there on, and its place in it; listens until
    the sound awaited has been heard in three blocks, a minute at most.

    A block in which two sounds cross is none of them.
    """
    found = []
    for _ in range(60):
        page.wait_for_timeout(1000)
        for frame, samples in page.evaluate("window.tape.splice(0)"):
            if any(samples):
                fits = [place(np.asarray(samples), sound) for sound in sounds]
                best = max(range(len(sounds)), key=lambda number: fits[number][1])
                if fits[best][1] > 0.999:
                    found.append((frame, best, fits[best][0]))
        if sum(best == awaited for _, best, _ in found) >= 3:
            return found
    raise AssertionError(f"not heard within a minute: sound {awaited}")


def shown(version: str) -> str:
    """Whether the first comparator of the page has that version at hand."""
    return f"document.querySelector('.comparador').comparator.shown?.{version}"


@pytest.mark.parametrize("machine", ["", BUSY], ids=["idle", "busy"])
def test_versions_switch_at_the_same_position(
    browser: Browser, address: str, rendered: Render, machine: str
) -> None:
    site = rendered("whole").site
    keys = ["test-original", "test-classic-55112", "test-baseline-lowpass-9184"]
    sounds = [stored(site, key) for key in keys]
    with opened(browser, address, name="escuchar", before=TAPE + machine) as page:
        view = page.locator(".comparador").first
        view.locator(".tocar").click()
        view.locator(".tocar.sonando").wait_for()
        found = recognised(page, sounds, 0)
        page.keyboard.press("5")
        until(page, shown("version.size === 55112"))
        found += recognised(page, sounds, 1)
        view.get_by_role("radio", name="Paso bajo ideal").check()
        page.keyboard.press("1")
        until(page, shown("version.size === 9184"))
        found += recognised(page, sounds, 2)
        view.locator(".tocar").click()
        offsets = np.array([(at - frame) % len(sounds[0]) for frame, _, at in found])
        drift = (offsets - offsets[0] + len(sounds[0]) // 2) % len(sounds[0]) - len(sounds[0]) // 2
        assert np.abs(drift).max() / RATE < 0.010


NOW = "Number(document.querySelector('.comparador .lienzo').getAttribute('aria-valuenow'))"


def test_a_version_asked_for_while_the_first_loads_is_played(
    browser: Browser, address: str
) -> None:
    with opened(browser, address, name="escuchar") as page:
        page.evaluate("""() => {
          const L = window.Latentes, sound = L.sound;
          let asked = 0;
          L.sound = async (key) => {
            if (!asked++) await new Promise((go) => setTimeout(go, 700));
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
        panel.focus()
        page.keyboard.press(" ")
        view.locator(".tocar.sonando").wait_for()
        page.keyboard.press("1")
        assert view.locator(".nombre").inner_text() == "Red clásica, 9184"
        said = view.locator("[data-medida=snr]").inner_text()
        listed = page.locator(".comparador tr", has_text="Red clásica").filter(has_text="9184")
        assert said == listed.locator("[data-numero$=snr]").text_content()
        page.keyboard.press("ArrowUp")
        assert view.locator(".nombre").inner_text() == "Red clásica, 18\u202f376"
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
        until(page, f"Math.abs({NOW} - 2.5) < 0.02")
        page.mouse.move(box["x"] + 0.2 * box["width"], middle)
        page.mouse.down()
        page.mouse.move(box["x"] + 0.4 * box["width"], middle, steps=5)
        page.mouse.up()
        view.locator(".region").wait_for()
        view.locator(".tocar").click()
        view.locator(".tocar.sonando").wait_for()
        places = [0.0]
        while len(places) < 600 and places[-1] >= max(places):  # until it starts over
            page.wait_for_timeout(100)
            places.append(float(page.evaluate(NOW)))
        assert places[-1] < places[-2]
        assert min(places[1:]) >= 0.98
        assert max(places) <= 2.02


def test_the_residual_is_original_minus_version(
    browser: Browser, address: str, rendered: Render
) -> None:
    site = rendered("whole").site
    with opened(browser, address, name="escuchar", before=TAPE) as page:
        view = page.locator(".comparador").first
        view.locator(".tocar").click()
        view.locator(".tocar.sonando").wait_for()
        page.keyboard.press("1")
        view.locator(".residuo").check()
        assert re.search(r"\([+−]?\d+,\d dB\)", view.locator(".ganancia-residuo").inner_text())
        until(page, shown("residual"))
        gains = page.evaluate(
            "document.querySelector('.comparador').comparator.versions.map(v => [v.key, v.matched])"
        )
        level = {key: 10 ** (gain / 20) for key, gain in gains}
        original, version = "test-original", "test-classic-9184"
        residual = stored(site, original) / level[original] - stored(site, version) / level[version]
        recognised(page, [residual], 0)


def test_only_one_thing_plays(browser: Browser, address: str) -> None:
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


def test_the_report_has_it_in_place(browser: Browser, rendered: Render) -> None:
    with opened(browser, f"{rendered('whole').site.as_uri()}/") as page:
        view = page.locator("#tbl-escucha-classic + .comparador")
        view.locator(".tocar").click()
        view.locator(".tocar.sonando").wait_for()
