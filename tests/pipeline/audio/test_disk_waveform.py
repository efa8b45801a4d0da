"""DiskWaveform compared with the same waveform in memory."""

from pathlib import Path

import pytest
import torch

from pipeline.audio import disk_waveform
from pipeline.audio.disk_waveform import DiskWaveform


def test_narrow_returns_what_was_appended(tmp_path: Path) -> None:
    whole = torch.rand(10_000) - 0.5
    written = DiskWaveform(tmp_path)
    for part in whole.split(777):
        written.append(part)
        assert torch.equal(written.narrow(1, 0, len(part))[0], whole[: len(part)])
    assert written.shape == (1, 10_000)
    for start, length in [(0, 10_000), (9999, 1), (1234, 0), (5000, 3000)]:
        assert torch.equal(written.narrow(1, start, length), whole[None].narrow(1, start, length))


def test_parts_concatenate_to_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_waveform, "PART_SAMPLES", 999)
    whole = torch.rand(5000)
    written = DiskWaveform(tmp_path)
    written.append(whole)
    assert torch.equal(torch.cat(list(written.parts())), whole)


def test_values_are_divided_by_full_scale(tmp_path: Path) -> None:
    written = DiskWaveform(tmp_path)
    written.append(torch.tensor([1.0, -3.0]))
    written.full_scale = 3.0
    assert torch.equal(written.narrow(1, 0, 2), torch.tensor([[1.0, -3.0]]) / 3)


@pytest.mark.parametrize("asked", [(0, 0, 1), (1, -1, 2), (1, 90, 11)])
def test_samples_out_of_range_are_an_error(tmp_path: Path, asked: tuple[int, int, int]) -> None:
    written = DiskWaveform(tmp_path)
    written.append(torch.zeros(100))
    with pytest.raises(IndexError, match="of 100"):
        written.narrow(*asked)


def test_no_file_is_left_in_the_folder(tmp_path: Path) -> None:
    written = DiskWaveform(tmp_path)
    written.append(torch.zeros(100))
    assert list(tmp_path.iterdir()) == []
