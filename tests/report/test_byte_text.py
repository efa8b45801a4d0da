"""Bytes as text: in Python, in a data script and decoded by the page."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from report import byte_text
from report.checks.file_integrity import read_data_script
from report.site.sound_files import write_data_script
from tests.report.browser_pages import opened


@given(st.binary(max_size=64))
def test_every_text_is_decoded_and_fits_in_a_string(data: bytes) -> None:
    text = byte_text.encode(data)
    assert byte_text.decode(text) == data
    assert not set(text) & set(byte_text.FORBIDDEN)


@pytest.mark.parametrize("text", ["", "abc", "\x01\u0400"])
def test_other_text_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="mark|ascii"):
        byte_text.decode(text)


def test_a_script_of_bytes_is_read_and_smaller_than_base64(tmp_path: Path) -> None:
    data = np.random.default_rng(0).bytes(100_000)
    script = tmp_path / "a.js"
    write_data_script(script, "a", {"x": data}, data, '"\x01')
    name, sounds, again, text = read_data_script(script)
    assert (name, text) == ("a", '"\x01')
    assert [byte_text.decode(each) for each in (sounds["x"], again)] == [data, data]
    assert list(byte_text.byte_parts(script.read_text("utf-8"))) == [data, data]
    assert script.stat().st_size < 2 * 1.145 * len(data)


def test_the_page_decodes_every_text(browser: Browser, address: str) -> None:
    groups = np.packbits(np.unpackbits(np.arange(128, dtype=np.uint8)[:, None], axis=1)[:, 1:])
    with opened(browser, address, name="datos") as page:
        for data in (b"", b"E", bytes(6) + b"\x0a", groups.tobytes(), groups.tobytes()[::-1]):
            run = "text => [...Latentes.bytes(text)]"
            assert bytes(page.evaluate(run, byte_text.encode(data))) == data
