"""Compression in the laboratory: the same files and the same integers as in Python."""

import base64
import hashlib
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from axe_playwright_python.sync_playwright import Axe
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page

from pipeline.coding.coding_model import default_model, model_id
from pipeline.coding.latente_file import compress, decompress, read_segment
from pipeline.coding.latente_header import read_header
from pipeline.coding.segment_coder import decode_segment
from report import byte_text
from report.render import Rendered
from tests.pipeline import plucked_notes
from tests.report.browser_pages import opened, wait_until

RATE = 22_050

CODER = """
const floats = (text) => new Float32Array(Latentes.bytes(text).buffer);
const base64 = (bytes) => btoa(bytes.reduce((text, b) => text + String.fromCharCode(b), ""));
const floatBytes = (values) => base64(new Uint8Array(Float32Array.from(values).buffer));
const [data] = await Latentes.load(`modelos/coding.${id}.js`, `coding.${id}`);
const tensors = Latentes.tensors(Latentes.bytes(data));
const coder = Latentes.latenteCoder(tensors, id);
const segments = Latentes.segmentCoder(tensors);
const integers = ({ splits, levels, values }) => [...splits, ...levels, ...values].join();
"""


def text(content: bytes) -> str:
    return byte_text.encode(content)


def integers(segment: Any) -> str:
    """The integers of a segment as the page's `integers` gives them."""
    parts = (segment.splits, segment.levels.ravel(), segment.values.ravel())
    return ",".join(str(value) for value in np.concatenate(parts).tolist())


def snr(signal: NDArray[Any], other: NDArray[Any]) -> float:
    return float(10 * np.log10((signal**2).sum() / ((signal - other) ** 2).sum()))


def _with_model(content: bytes, model: bytes) -> bytes:
    """The same file with another model's id."""
    end = read_header(content).size - 4
    header = content[:5] + model + content[13:end]
    return header + zlib.crc32(header).to_bytes(4, "little") + content[end + 4 :]


@pytest.fixture(scope="module")
def song() -> NDArray[np.float32]:
    """Two segments of plucked notes; the second one is short."""
    return plucked_notes.pluck(3, 5.2, RATE).astype(np.float32).ravel()


@pytest.fixture(scope="module")
def page(browser: Browser, rendered: Callable[[str], Rendered]) -> Iterator[Page]:
    with opened(browser, f"{rendered('whole').site.as_uri()}/", name="laboratorio") as found:
        yield found


def test_a_file_of_python_is_decoded_in_the_page(page: Page, song: NDArray[np.float32]) -> None:
    model = default_model()
    content = compress(song, model, RATE, kbps=16)
    run = (
        "async ([id, file]) => {" + CODER + "file = Latentes.bytes(file);"
        "const header = Latentes.readLatente(file);"
        "const counts = [54, Math.ceil(header.samples / 2048) - 54];"
        "const found = coder.decompress(header, () => {});"
        "return [header.segments.map((bytes, n) => integers(segments.decode(bytes, counts[n]))),"
        "floatBytes(found.sound), found.damaged] }"
    )
    found, sound, damaged = page.evaluate(run, [model_id(model).hex(), text(content)])
    header = read_header(content)
    expected = [read_segment(content, header, model, index) for index in range(2)]
    assert [hashlib.sha256(each.encode()).digest() for each in found] == [
        hashlib.sha256(integers(segment).encode()).digest() for segment in expected
    ]
    assert damaged == 0
    assert snr(decompress(content, model), np.frombuffer(base64.b64decode(sound), "<f4")) > 100


def test_a_file_of_the_page_is_decoded_in_python(page: Page, song: NDArray[np.float32]) -> None:
    model = default_model()
    run = (
        "async ([id, song]) => {" + CODER + f"return base64(coder.compress(floats(song), {RATE}, "
        "16, () => {})) }"
    )
    content = base64.b64decode(page.evaluate(run, [model_id(model).hex(), text(song.tobytes())]))
    ours = compress(song, model, RATE, kbps=16)
    # The encoder computes in floating point: a rare coefficient may be rounded to its neighbour.
    assert len(content) == pytest.approx(16 * 125 * len(song) / RATE, rel=0.02)
    expected = snr(song, decompress(ours, model))
    assert snr(song, decompress(content, model)) == pytest.approx(expected, abs=0.2)


def test_damaged_bytes_give_the_same_integers(page: Page) -> None:
    model = default_model()
    random = np.random.default_rng(0).integers(0, 256, 3000, np.uint8).tobytes()
    run = (
        "async ([id, bytes]) => {" + CODER + "return integers(segments.decode("
        "Latentes.bytes(bytes), 20)) }"
    )
    for content in (random, b"", b"\xff" * 500):
        found = page.evaluate(run, [model_id(model).hex(), text(content)])
        assert found == integers(decode_segment(content, 20, model.coder))


def test_a_song_is_compressed_downloaded_and_opened(
    browser: Browser, address: str, results_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    song = results_folder("whole") / "audio/new-1-excerpt.flac"
    with opened(browser, address, name="laboratorio") as page:
        box = page.locator(".tu-cancion")
        page.locator("#archivo").set_input_files(song)
        page.locator("#tasa").select_option("24")
        page.locator(".comprimir").click()
        link = box.locator(".archivos a")
        link.wait_for()
        row = box.locator("tbody tr")
        assert row.locator("th").inner_text() == "Archivo .latente, 24 kbit/s"
        assert Axe().run(page, options={"preload": False}).violations_count == 0
        with page.expect_download() as download:
            link.click()
        assert download.value.suggested_filename == "new-1-excerpt-24.latente"
        path = tmp_path / "song.latente"
        download.value.save_as(path)
        content = path.read_bytes()
        signal, rate = soundfile.read(song, dtype="float32")
        decoded = decompress(content, default_model())
        cells = row.locator("td").all_inner_texts()
        assert cells[2].replace("\u202f", "") == str(len(content))
        assert float(cells[3].replace(",", ".")) == pytest.approx(24, rel=0.02)
        assert len(decoded) == len(signal) * RATE // rate
        box.locator(".comparador .tocar").click()
        box.locator(".comparador .tocar.sonando").wait_for()

        page.locator("#archivo").set_input_files(path)
        box.get_by_text("bytes, ").first.wait_for()
        wait_until(page, "!document.querySelector('.eleccion').hidden")
        box.locator(".seguir").click()
        box.get_by_role("button", name="Pausar", exact=True).first.wait_for()
        damaged = bytearray(content)
        damaged[-5] ^= 1
        path.write_bytes(damaged)
        page.locator("#archivo").set_input_files(path)
        box.get_by_text("suenan como silencio: 1").wait_for()
        for wrong, message in (
            (content[:30], "está cortado"),
            (content[:4] + b"\x09" + content[5:], "otra versión"),
            (_with_model(content, bytes(8)), "un modelo que este sitio no tiene"),
        ):
            path = path.with_name(f"{message}.latente")
            path.write_bytes(wrong)
            page.locator("#archivo").set_input_files(path)
            box.get_by_text(message).wait_for()
