"""Files: what they hold decodes everywhere, in part, and when damaged."""

import json
import zlib

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.architecture.adaptive_plan import SUPERFRAME
from pipeline.coding.coding_model import default_model, model_id
from pipeline.coding.latente_file import compress, decode_parts, decompress
from pipeline.coding.latente_header import SEGMENT, NotDecodable, read_header, write_header
from tests.pipeline.coding.write_fixtures import FIXTURES, digests
from tests.pipeline.plucked_notes import pluck

RATE = 22_050
LENGTH = SEGMENT * SUPERFRAME


@pytest.fixture(scope="module")
def song() -> NDArray[np.float32]:
    return pluck(1, 12, RATE)[:, 0]


@pytest.fixture(scope="module")
def content(song: NDArray[np.float32]) -> bytes:
    return compress(song, default_model(), RATE, quality=4)


@pytest.fixture(scope="module")
def whole(content: bytes) -> NDArray[np.float32]:
    return decompress(content, default_model())


def snr(original: NDArray[np.float32], decoded: NDArray[np.float32]) -> float:
    error = np.square(original - decoded).sum()
    return float(10 * np.log10(np.square(original).sum() / error))


@pytest.mark.parametrize("name", json.loads((FIXTURES / "digests.json").read_text()))
def test_files_of_earlier_versions_decode_to_the_same_integers(name: str) -> None:
    expected = json.loads((FIXTURES / "digests.json").read_text())[name]
    assert digests((FIXTURES / name).read_bytes()) == expected


@pytest.mark.parametrize("kbps", [4, 16, 64])
def test_a_file_has_the_size_asked_for(song: NDArray[np.float32], kbps: float) -> None:
    seconds = 5 if kbps == 16 else 12
    found = compress(song[: seconds * RATE], default_model(), RATE, kbps=kbps)
    assert len(found) == pytest.approx(kbps * 125 * seconds, rel=0.02)


def test_more_quality_is_more_bytes_and_less_error(song: NDArray[np.float32]) -> None:
    clip, model = song[: 2 * RATE], default_model()
    files = [compress(clip, model, RATE, quality=quality) for quality in (0, 5, 10)]
    assert sorted(map(len, files)) == list(map(len, files))
    found = [snr(clip, decompress(file, model)) for file in files]
    assert found == sorted(found)
    assert found[-1] > 35


@pytest.mark.parametrize("samples", [1, 2047, 2048, 2049, LENGTH, LENGTH + 1])
def test_songs_of_any_length_keep_it(song: NDArray[np.float32], samples: int) -> None:
    clip = song[:samples]
    decoded = decompress(compress(clip, default_model(), RATE, quality=8), default_model())
    assert decoded.shape == clip.shape
    assert np.abs(decoded - clip).max() < 0.05


def test_segments_join_without_a_seam(
    song: NDArray[np.float32], whole: NDArray[np.float32]
) -> None:
    error = np.square(whole - song)
    seam = error[LENGTH - SUPERFRAME : LENGTH + SUPERFRAME].mean()
    assert seam < 2 * error.mean()


@pytest.mark.parametrize("first", [1, 2])
def test_decoding_from_a_segment_on_equals_the_whole(
    content: bytes, whole: NDArray[np.float32], first: int
) -> None:
    parts = decode_parts(content, read_header(content), default_model(), first)
    found = np.concatenate([part.signal.numpy() for part in parts])
    expected = whole[first * LENGTH :]
    assert len(found) == len(expected)
    assert np.abs(found - expected)[SUPERFRAME:].max() < 1e-5


def test_a_damaged_segment_is_silent_and_leaves_the_others(
    content: bytes, whole: NDArray[np.float32]
) -> None:
    header = read_header(content)
    damaged = bytearray(content)
    damaged[header.starts[1] + 9] ^= 0x10
    parts = list(decode_parts(bytes(damaged), header, default_model()))
    assert [part.intact for part in parts] == [True, False, True]
    # Its neighbours overlap with it by half a superframe at most.
    assert not parts[1].signal[SUPERFRAME:-SUPERFRAME].any()
    assert np.abs(parts[0].signal.numpy() - whole[:LENGTH])[:-SUPERFRAME].max() < 1e-5
    assert np.abs(parts[2].signal.numpy() - whole[2 * LENGTH :])[SUPERFRAME:].max() < 1e-5


def test_a_cut_file_decodes_up_to_the_cut(content: bytes, whole: NDArray[np.float32]) -> None:
    cut = content[: read_header(content).starts[2] + 5]
    found = decompress(cut, default_model())
    assert len(found) == len(whole)
    assert np.abs(found - whole)[: 2 * LENGTH - SUPERFRAME].max() < 1e-5
    assert not found[2 * LENGTH + SUPERFRAME :].any()


def test_what_is_no_file_is_told(content: bytes) -> None:
    header = read_header(content)
    for length in range(header.size):
        with pytest.raises(NotDecodable, match=r"not a \.latente file|cut off"):
            read_header(content[:length])
    for place in range(4, header.size):
        damaged = bytearray(content)
        damaged[place] ^= 0x81
        with pytest.raises(NotDecodable):
            read_header(bytes(damaged))
    later = content[:4] + b"\x02" + content[5:]
    with pytest.raises(NotDecodable, match="version 2 of the format"):
        read_header(later)


def test_a_file_of_another_model_names_both(content: bytes) -> None:
    other = bytearray(content)
    other[5:13] = bytes(8)
    size = read_header(content).size
    other[size - 4 : size] = zlib.crc32(other[: size - 4]).to_bytes(4, "little")
    with pytest.raises(NotDecodable, match="needs the coding model 0000000000000000"):
        decompress(bytes(other), default_model())


def test_forged_segments_decode_to_finite_samples() -> None:
    random = np.random.default_rng(3)
    model = default_model()
    for samples in (1, 30_000):
        forged = [random.bytes(int(random.integers(400)))]
        header = write_header(model_id(model), RATE, samples, forged)
        assert np.isfinite(decompress(header + forged[0], model)).all()


@pytest.mark.parametrize("kind", ["silence", "noise", "square", "impulse"])
def test_extreme_signals(kind: str) -> None:
    signal = {
        "silence": np.zeros(30_000),
        "noise": np.random.default_rng(0).uniform(-1, 1, 30_000),
        "square": np.sign(np.sin(np.arange(30_000) / 20)),
        "impulse": np.eye(1, 30_000, 12_345)[0],
    }[kind]
    found = compress(signal, default_model(), RATE, quality=6)
    decoded = decompress(found, default_model())
    assert np.square(decoded - signal).mean() <= 0.05 * np.square(signal).mean() + 1e-9
    if kind == "silence":
        assert len(found) < 200
    assert len(compress(signal, default_model(), RATE, kbps=16)) > 0
