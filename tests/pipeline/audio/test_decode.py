"""Every format is read whole, and damage is told where it is and nowhere else."""

import numpy as np
import pytest

from pipeline.audio.container import UnreadableFile
from pipeline.audio.decode import packet_seconds
from tests.pipeline.audio.decoded import PIECE, assert_whole, decoded, position
from tests.pipeline.data.users_files import (
    BAD_SPOTS,
    FORMATS,
    SECONDS,
    Format,
    by_title,
)


@pytest.mark.parametrize("each", FORMATS, ids=[each.title for each in FORMATS])
def test_every_format_is_read_whole_without_a_false_alarm(each: Format) -> None:
    found = decoded(each.file())
    assert found.rate == each.rate
    assert found.sound.shape[1] == each.channels
    assert_whole(found, each.music(), each.padding, each.likeness)
    assert packet_seconds(each.file()) == pytest.approx(found.seconds, abs=0.1)


@pytest.mark.parametrize("each", FORMATS, ids=[each.title for each in FORMATS])
def test_half_of_a_file_is_read_or_refused(each: Format) -> None:
    half = each.file()[: len(each.file()) // 2]
    if b"moov" in each.file() and b"moov" not in half:
        # The table of what is where, without which nothing can be found, is at the end.
        with pytest.raises(UnreadableFile, match="MPEG-4 .* but damaged or incomplete"):
            decoded(half)
        return
    found = decoded(half)
    at, alike = position(found.piece(0.1), each.music(), each.rate)
    assert alike > each.likeness
    assert abs(at - 0.1) <= max(each.padding, 0.05)
    assert 0.4 < found.seconds < SECONDS


MENDABLE = {
    "FLAC": 0.15,
    "MP3, constant bitrate": 0.2,
    "MP3, variable bitrate": 0.3,
    "MP2": 0.2,
    "Ogg Vorbis": 0.6,
    "Opus": 2.1,
    "Ogg FLAC": 0.7,
    "AAC stream (ADTS)": 0.7,
    "Windows Media": 0.5,
    "Dolby Digital": 0.2,
    "sound of a Flash video": 0.3,
}
"""Formats that can be read on after any damage, and the most seconds that may be lost around it:
by the size of a frame or page."""

IN_PLACE = {
    "AAC (iTunes, phones)": 0.3,
    "FLAC in MP4": 0.15,
    "True Audio": 1.1,
    "WavPack": 0.55,
}
"""The same, if as many bytes are there as before: a table tells where each frame is."""

OTHERS = ("MP2", "Dolby Digital", "sound of a Flash video")

SPOTS = [
    *(
        (title, what, most)
        for title, most in MENDABLE.items()
        for what in (BAD_SPOTS if title not in OTHERS else ["random bytes"])
    ),
    *(
        (title, what, most)
        for title, most in IN_PLACE.items()
        for what in ("zeros", "bytes 0xFF", "random bytes")
    ),
]


@pytest.mark.parametrize(("title", "what", "most"), SPOTS)
def test_a_bad_spot_costs_its_surroundings_and_is_told(title: str, what: str, most: float) -> None:
    each, seconds = by_title(title), 4.0
    good, source = each.file(seconds), each.music(seconds)
    whole = decoded(good).seconds
    for where in (0.15, 0.7):
        found = decoded(BAD_SPOTS[what](good, round(where * len(good))))
        assert whole - most < found.seconds < whole + 0.3
        if not found.damage:
            assert found.seconds > whole - 0.05  # less than what counts as a gap
            continue
        told = [damage.start for damage in found.damage]
        assert len(told) == 1
        assert abs(told[0] - where * seconds) < 1.1
        lost = found.damage[0].seconds
        # Bytes are all that is known where there are no timestamps.
        assert whole - found.seconds - 0.2 < lost < most + 0.2
        assert np.abs(found.sound).max() < 1.0  # no crack: the music peaks at 0.5
        end = found.seconds - PIECE - 0.2
        at, alike = position(found.piece(end), source, found.rate, end + whole - found.seconds)
        assert alike > 0.9 * each.likeness
        assert abs(at - end - (whole - found.seconds)) < 0.1
        before = told[0] - PIECE - 0.2
        if before > 0:
            at, alike = position(found.piece(before), source, found.rate, before)
            assert alike > 0.9 * each.likeness
            assert abs(at - before) < 0.1


@pytest.mark.parametrize("title", ["WebM, Opus", "Matroska, Vorbis", "Matroska, FLAC"])
@pytest.mark.parametrize("what", BAD_SPOTS)
def test_a_bad_spot_in_matroska_costs_at_most_its_cluster(title: str, what: str) -> None:
    each, seconds = by_title(title), 7.0  # the encoder writes clusters of 5 s
    good = each.file(seconds)
    whole = decoded(good).seconds
    for where in (0.5, 0.9):
        found = decoded(BAD_SPOTS[what](good, round(where * len(good))))
        assert found.seconds > where * seconds - 0.3
        assert len(found.damage) == 1
        assert abs(found.damage[0].start - where * seconds) < 1.0
        assert found.damage[0].seconds == pytest.approx(whole - found.seconds, abs=0.3)


@pytest.mark.parametrize("what", BAD_SPOTS)
def test_a_bad_spot_in_wav_is_sound_like_any_other(what: str) -> None:
    each = by_title("WAV, 16 bits")
    found = decoded(BAD_SPOTS[what](each.file(), len(each.file()) // 2))
    assert found.damage == []
    assert found.seconds == pytest.approx(SECONDS, abs=0.01)
    assert position(found.piece(2.5), each.music(), each.rate)[1] > 0.99


def test_damage_at_several_places_is_told_at_each() -> None:
    good = by_title("MP3, constant bitrate").file(6.0)
    bad = good
    for where in (0.2, 0.5, 0.8):
        bad = BAD_SPOTS["zeros"](bad, round(where * len(good)))
    told = [damage.start for damage in decoded(bad).damage]
    assert told == pytest.approx([1.2, 3.0, 4.8], abs=0.3)
