"""ViSQOL's scores where their order is not in doubt."""

import pytest
import torch

from pipeline import baselines
from pipeline.perception import visqol
from tests.pipeline import music


def test_scores_fall_as_less_is_kept(capfd: pytest.CaptureFixture[str]) -> None:
    clip = torch.from_numpy(music.pluck(1, 3, 22_050)[:, 0])
    kept = [baselines.mdct(clip[None], numbers)[0] for numbers in (30_000, 8000, 500)]
    scores = [visqol(clip, other, 22_050) for other in (clip, *kept)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 4.5
    assert 1 <= scores[-1] < 3
    assert capfd.readouterr() == ("", "")


def test_silence_in_place_of_music_is_bad() -> None:
    clip = torch.from_numpy(music.pluck(1, 1, 22_050)[:, 0])
    assert visqol(clip, torch.zeros_like(clip), 22_050) == 1
