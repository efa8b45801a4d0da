"""Which stretches of a file become clips."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.data.clip_cutter import ClipCutter, Cut, Fault
from pipeline.data.stretches import HOP_SECONDS, Levels, Stretch, choose_starts, measure_levels
from tests.pipeline.data.users_files import music, written

RATE = 8000
STRETCHES: tuple[Stretch, ...] = ("start", "loudest", "spread", "random")


def wav(sound: NDArray[np.float32], rate: int = RATE) -> bytes:
    return written(sound, rate, format="WAV", subtype="FLOAT")


def silence(seconds: float, rate: int = RATE) -> NDArray[np.float32]:
    return np.zeros((round(seconds * rate), 1), np.float32)


def notes(seconds: float, rate: int = RATE, gain: float = 1.0) -> NDArray[np.float32]:
    return gain * music(3, seconds, rate, 1)


def cut(
    data: bytes,
    stretch: Stretch = "start",
    count: int = 1,
    seconds: float = 1.0,
    rate: int = RATE,
    seed: int = 42,
    name: str = "a/a.wav",
) -> tuple[list[Cut], list[Fault]]:
    """Clips and faults of a file."""
    cutter = ClipCutter(rate, round(seconds * rate), count, stretch, seed)
    found = list(cutter.cut(name, data))
    return (
        [each for each in found if isinstance(each, Cut)],
        [each for each in found if isinstance(each, Fault)],
    )


def starts(
    data: bytes, stretch: Stretch, count: int = 1, seed: int = 42, name: str = "a/a.wav"
) -> list[float]:
    clips, faults = cut(data, stretch, count, seed=seed, name=name)
    assert faults == []
    return [clip.start for clip in clips]


@pytest.mark.parametrize("stretch", STRETCHES)
@pytest.mark.parametrize("count", [1, 3, 100])
@pytest.mark.parametrize(("before", "after"), [(0.0, 0.0), (2.0, 0.0), (0.0, 3.0), (2.5, 1.7)])
def test_clips_do_not_overlap_and_leave_out_the_silence_around_the_music(
    stretch: Stretch, count: int, before: float, after: float
) -> None:
    data = wav(np.concatenate([silence(before), notes(5.5), silence(after)]))
    clips, faults = cut(data, stretch, count)
    found = [clip.start for clip in clips]
    # The loudest leave gaps between them, into which no other may fit.
    assert len(found) >= min(count, 3 if stretch == "loudest" else 5)
    assert all(later - earlier >= 1.0 for earlier, later in itertools.pairwise(found))
    assert found[0] >= before - HOP_SECONDS
    if stretch == "start":  # reads no further than it needs, and so into the silence at the end
        assert all(fault.fault == "silent" and fault.start for fault in faults)
    else:
        assert faults == []
        assert len(found) <= 5
        assert found[-1] + 1.0 <= before + 5.5 + HOP_SECONDS


def test_start_takes_clips_end_to_end_from_where_the_music_begins() -> None:
    data = wav(np.concatenate([silence(7.0), notes(4.0)]))
    assert starts(data, "start", 3) == pytest.approx([7.0, 8.0, 9.0], abs=HOP_SECONDS)


def test_start_reports_the_silence_at_the_end_only_as_a_stretch() -> None:
    data = wav(np.concatenate([notes(2.0), silence(3.0)]))
    clips, faults = cut(data, "start", 3)
    assert [clip.start for clip in clips] == [0.0, 1.0]
    assert [(fault.fault, fault.start) for fault in faults] == [("silent", 2.0)]


@pytest.mark.parametrize("stretch", STRETCHES)
def test_a_silent_stretch_in_the_middle_is_a_stretch_left_out(stretch: Stretch) -> None:
    data = wav(np.concatenate([notes(3.0), silence(6.0), notes(3.0)]))
    clips, faults = cut(data, stretch, 12)
    assert len(clips) >= 4
    for clip in clips:
        assert float(clip.waveform.abs().max()) > 0.1
    for fault in faults:
        assert fault.fault == "silent"
        assert fault.start is not None
        assert 3.0 <= fault.start <= 8.0


@pytest.mark.parametrize("stretch", STRETCHES)
@pytest.mark.parametrize("rate", [8000, 44_100])
@pytest.mark.parametrize("quiet", [0.0, 0.4, 0.9])
def test_a_file_as_long_as_a_clip_is_used_with_the_silence_at_its_start(
    stretch: Stretch, rate: int, quiet: float
) -> None:
    sound = notes(1.0, rate).copy()
    sound[: round(quiet * rate)] = 0
    clips, faults = cut(wav(sound, rate), stretch, rate=22_050)
    assert faults == []
    assert [clip.start for clip in clips] == [0.0]
    assert len(clips[0].waveform) == 22_050


@pytest.mark.parametrize("stretch", STRETCHES)
def test_a_file_hardly_longer_than_a_clip_is_used(stretch: Stretch) -> None:
    sound = np.concatenate([silence(0.8), notes(0.7)])
    assert starts(wav(sound), stretch) == [pytest.approx(0.5, abs=0.001)]


@pytest.mark.parametrize("stretch", STRETCHES)
def test_one_sample_too_short_is_too_short(stretch: Stretch) -> None:
    clips, faults = cut(wav(notes(1.0)[:-1]), stretch)
    assert clips == []
    assert [(fault.fault, fault.start) for fault in faults] == [("too_short", None)]
    assert faults[0].value == pytest.approx(1.0, abs=0.001)


@pytest.mark.parametrize("stretch", STRETCHES)
@pytest.mark.parametrize("rate", [8000, 11_025, 44_100, 48_000])
def test_clips_have_the_exact_length_at_any_sampling_rate(stretch: Stretch, rate: int) -> None:
    data = wav(np.concatenate([silence(0.3, rate), notes(3.2, rate)]), rate)
    clips, faults = cut(data, stretch, 3, rate=22_050)
    assert faults == []
    assert len(clips) == 3 or stretch == "loudest"
    assert {len(clip.waveform) for clip in clips} == {22_050}


@pytest.mark.parametrize("stretch", STRETCHES)
@pytest.mark.parametrize("seconds", [0.37, 1.0, 2.5])
def test_a_clip_is_what_the_file_has_there(stretch: Stretch, seconds: float) -> None:
    sound = np.concatenate([silence(1.0), notes(8.0)])
    clips, faults = cut(wav(sound), stretch, 3, seconds)
    assert faults == []
    for clip in clips:
        middle, length = round(clip.start * RATE), len(clip.waveform)  # rounded to a millisecond
        assert any(
            np.array_equal(clip.waveform.numpy(), sound[first : first + length, 0])
            for first in range(middle - 5, middle + 6)
        )


@pytest.mark.parametrize("stretch", STRETCHES)
def test_a_quiet_recording_is_music(stretch: Stretch) -> None:
    # -65 dB RMS: below what counts as silence around music, above what counts as a silent clip.
    sound = notes(4.0)
    sound = sound * 10 ** (-65 / 20) / np.sqrt(np.mean(np.square(sound)))
    clips, faults = cut(wav(sound), stretch, 2)
    assert faults == []
    assert len(clips) == 2


@pytest.mark.parametrize("stretch", STRETCHES)
def test_silence_is_one_fault_of_the_file(stretch: Stretch) -> None:
    clips, faults = cut(wav(silence(5.0)), stretch, 4)
    assert clips == []
    assert [(fault.fault, fault.start) for fault in faults] == [("silent", None)]


def test_the_loudest_stretches_are_taken() -> None:
    sound = notes(10.0, gain=0.1).copy()
    for second in (2.5, 7.0):
        sound[round(second * RATE) : round((second + 1) * RATE)] *= 8
    assert starts(wav(sound), "loudest") in ([2.5], [7.0])
    assert starts(wav(sound), "loudest", 2) == [2.5, 7.0]


def test_the_loudest_stretch_touches_the_end_of_the_file() -> None:
    sound = notes(5.0, gain=0.1).copy()
    sound[-RATE:] *= 8
    assert starts(wav(sound), "loudest") == [4.0]


def test_spread_is_symmetrical() -> None:
    found = starts(wav(np.concatenate([silence(1.0), notes(9.0), silence(2.0)])), "spread", 3)
    assert found == pytest.approx([2.0, 5.0, 8.0], abs=HOP_SECONDS)
    assert starts(wav(notes(9.0)), "spread") == [4.0]


def test_random_depends_on_seed_and_name_alone() -> None:
    data = wav(notes(12.0))
    found = starts(data, "random", 3)
    assert starts(data, "random", 3) == found
    assert starts(data, "random", 3, seed=43) != found
    assert starts(data, "random", 3, name="a/b.wav") != found


def test_random_covers_the_whole_file() -> None:
    levels = Levels(1000, 1, 20_000, np.ones(200) * 100.0, [])
    found = [choose_starts(levels, "random", 1, 1.0, seed, "x")[0] for seed in range(400)]
    counts, _ = np.histogram(found, bins=4, range=(0, 19_000))
    assert counts.min() > 60  # of 100 expected: 5 standard deviations


@pytest.mark.parametrize("stretch", STRETCHES)
def test_a_file_with_nan_is_said_to_have_it(stretch: Stretch) -> None:
    sound = notes(3.0).copy()
    sound[RATE + 5] = np.nan
    clips, faults = cut(wav(sound), stretch, 3)
    if stretch == "loudest":  # looks for the loudest of what is finite
        assert faults == []
    else:
        assert [fault.fault for fault in faults] == ["not_finite"]
        assert faults[0].start == 1.0
    assert clips


def test_the_loudest_of_a_file_full_of_nan_is_not_finite() -> None:
    clips, faults = cut(wav(np.full((3 * RATE, 1), np.nan, np.float32)), "loudest")
    assert clips == []
    assert [fault.fault for fault in faults] == ["not_finite"]


def test_levels_have_the_power_of_each_hop() -> None:
    sound = notes(2.05)
    levels = measure_levels(wav(sound))
    assert (levels.rate, levels.frames, levels.hop) == (RATE, len(sound), 800)
    hops = np.array_split(np.square(sound[:, 0], dtype=np.float64), range(800, len(sound), 800))
    assert levels.energies == pytest.approx([hop.sum() for hop in hops])
    assert measure_levels(wav(sound), max_seconds=1.0).seconds == pytest.approx(1.1)
