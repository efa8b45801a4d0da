"""Find clips that are copies of one recording: re-encoded, louder, shifted, resampled, filtered.

Two stages. Pairs of spectral peaks are compared by value (Wang, "An industrial-strength audio
search algorithm", ISMIR 2003), which gives candidates and their offset. Music made from the same
loops shares such pairs, so each candidate is aligned and verified by magnitude-squared coherence,
which is near 1 in all bands only if one clip is the other after filtering.
"""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.engine.progress import report_progress

BAND = (150, 3500)
"""Frequencies compared, in Hz: those that low sampling rates, codecs and telephones keep."""

WINDOW_SECONDS = 0.07
"""Length of the window of the spectra, rounded to a power of two of samples."""

BLOCK_SECONDS = 30
"""Longest stretch of a clip analysed at once, which bounds memory."""

PEAK_BINS, PEAK_FRAMES = 5, 4
"""A peak is the maximum within so many bins and frames to either side."""

PEAK_RANGE = 1e-3
"""Magnitude of the weakest peaks, relative to the strongest of the block."""

PEAK_FLOOR = 30.0
"""Least magnitude of a peak: that of white noise of one quantisation step."""

PAIR_FRAMES, PAIR_BINS = 40, 40
"""Largest distance between the two peaks of a pair."""

PEAKS_AHEAD, PAIRS_PER_PEAK = 20, 8
"""Following peaks with which a peak may form pairs, and the number of pairs that it forms."""

PAIRS_PER_CLIP = 1000
"""Pairs kept of each clip. Which ones depends on their values only, so that copies keep the same
ones."""

NEIGHBOURS = 200
"""Following clips with which one pair of peaks is compared; bounds the time for music in which
the same pairs recur everywhere."""

MATCHES = 12
"""Pairs with the same offset that make two clips a candidate. Of 250 clips of real music, no two
different recordings had more than 9, and altered copies of 50 of them had 80 or more."""

CANDIDATES = 5
"""Candidates verified per clip, those with most matches. Enough to connect more copies: each is
compared with some that follow it."""

OVERLAP_SECONDS = 1.5
"""Least overlap of two copies, or three quarters of a clip if that is less: in half a second, a
drum loop is the same in different pieces."""

PIECE_SECONDS, PIECES = 1.0, 8
"""Length of the pieces of the overlap that are verified, and their greatest number."""

QUIET = 0.01
"""Level below which a piece is left out, relative to the loudest piece (-40 dB)."""

COHERENCE_BAND = 170
"""Width of the bands whose coherence is measured, in Hz."""

COHERENCE_RANGE = 1e-4
"""Power of the weakest bands taken into account, relative to the strongest."""

COHERENCE = 0.7
"""Least mean coherence of copies. Clips of 3 s and copies of them with 30 dB of noise had 0.71 or
more; pieces of the embedded music, which share loops, at most 0.67; unrelated real music 0.02."""

CLIP_BITS, FRAME_BITS = 24, 17
"""Bits of the row of a clip and of a frame within an entry of the table of pairs."""


def copies(waveforms: NDArray[np.int16], sampling_rate: int) -> list[tuple[int, int]]:
    """Pairs of clips that are copies of one recording, identical ones included.

    Copies are found if they overlap by a third of a clip and by `OVERLAP_SECONDS`, play at the
    same speed, and differ in level, filtering, sampling rate, codec, or in noise that is much
    weaker than the music. Other performances, other speeds and transposed copies are not found.

    Args:
        waveforms: shape (clips, samples), read one clip at a time; memory grows by 16 kB per clip.
        sampling_rate: of the clips, in Hz, at least 8000.

    Returns:
        Pairs of rows (lower, higher), sorted. Of many copies of one recording not every pair is
        listed, but enough to connect them all.
    """
    seconds = waveforms.shape[1] / sampling_rate
    own = []
    for row, waveform in enumerate(waveforms):
        report_progress(row, len(waveforms), "comparing clips")
        own.append(_entries(row, *_peak_pairs(waveform, sampling_rate)))
    table = np.sort(np.concatenate(own)) if own else np.empty(0, np.int64)
    hop = _window(sampling_rate) // 8
    least = round(min(OVERLAP_SECONDS, 0.75 * seconds) * sampling_rate)
    return [
        (row, other)
        for row, entries in enumerate(own)
        for other, frames in sorted(_candidates(row, entries, table))
        if _coherence(waveforms[row], waveforms[other], frames * hop, sampling_rate, least)
        >= COHERENCE
    ]


def _window(sampling_rate: int) -> int:
    return int(2 ** round(np.log2(WINDOW_SECONDS * sampling_rate)))


def _bins(window: int, sampling_rate: int) -> slice:
    """Bins of `BAND` in a spectrum of `window` samples."""
    low, high = (round(frequency * window / sampling_rate) for frequency in BAND)
    return slice(low, high)


def _spectra(signals: Tensor, window: int, hop: int, sampling_rate: int) -> Tensor:
    """STFT of signals (…, samples) within `BAND`, complex (…, bins, frames)."""
    hann = torch.hann_window(window)
    spectra = torch.stft(signals, window, hop, window=hann, center=False, return_complex=True)
    return spectra[..., _bins(window, sampling_rate), :]


def _peaks(waveform: NDArray[np.int16], sampling_rate: int) -> Iterator[NDArray[np.int64]]:
    """Frame and bin of the spectral peaks of each block, in order of time, shape (peaks, 2)."""
    window = _window(sampling_rate)
    hop = window // 8
    step = round(BLOCK_SECONDS * sampling_rate / hop)
    for first in range(0, (len(waveform) - window) // hop + 1, step):
        block = waveform[first * hop : (first + step - 1) * hop + window].astype(np.float32)
        spectra = _spectra(torch.from_numpy(block), window, hop, sampling_rate)
        level = spectra.abs()
        highest = _running_maximum(_running_maximum(level, 0, PEAK_BINS), 1, PEAK_FRAMES)
        floor = max(float(level.max()) * PEAK_RANGE, PEAK_FLOOR)
        found = ((level == highest) & (level > floor)).T.nonzero().numpy()
        found[:, 0] += first
        yield found


def _running_maximum(values: Tensor, axis: int, reach: int) -> Tensor:
    """Maximum of values >= 0 within `reach` to either side; a tenth of the time of max_pool2d."""
    shape = list(values.shape)
    shape[axis] = reach
    values = torch.cat([values.new_zeros(shape), values, values.new_zeros(shape)], axis)
    width, full = 1, 2 * reach + 1
    while width < full:
        step = min(width, full - width)
        count = values.shape[axis] - step
        values = torch.maximum(values.narrow(axis, 0, count), values.narrow(axis, step, count))
        width += step
    return values


def _peak_pairs(
    waveform: NDArray[np.int16], sampling_rate: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Value and frame of up to `PAIRS_PER_CLIP` pairs of peaks.

    A value is made of the first peak's bin, the distance in bins and half the distance in frames.
    """
    peaks = np.concatenate([np.empty((0, 2), np.int64), *_peaks(waveform, sampling_rate)])
    frame, bin_ = peaks.T
    formed = np.zeros(len(peaks), np.int64)
    values, frames = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for ahead in range(1, min(PEAKS_AHEAD + 1, len(peaks))):
        after, above = frame[ahead:] - frame[:-ahead], bin_[ahead:] - bin_[:-ahead]
        pair = (after > 0) & (after <= PAIR_FRAMES) & (np.abs(above) <= PAIR_BINS)
        pair &= formed[:-ahead] < PAIRS_PER_PEAK
        formed[:-ahead] += pair
        value = bin_[:-ahead] * (2 * PAIR_BINS + 1) + above + PAIR_BINS
        values.append((value * (PAIR_FRAMES // 2 + 1) + after // 2)[pair])
        frames.append(frame[:-ahead][pair])
    value, first = np.concatenate(values), np.concatenate(frames)
    # A random order of the values (Knuth's multiplicative hash), the same for every clip.
    kept = np.argsort(value * 2_654_435_761 % 2**32, kind="stable")[:PAIRS_PER_CLIP]
    return value[kept], first[kept]


def _entries(row: int, values: NDArray[np.int64], frames: NDArray[np.int64]) -> NDArray[np.int64]:
    """Value, row and frame packed into one integer each, which sort in this order."""
    return (((values << CLIP_BITS) + row) << FRAME_BITS) + frames


def _candidates(
    row: int, entries: NDArray[np.int64], table: NDArray[np.int64]
) -> list[tuple[int, int]]:
    """Later clips that share pairs of peaks with a clip, and the frame at which each begins in it.

    Args:
        row: of the clip.
        entries: its pairs.
        table: those of all clips, sorted.
    """
    value = entries >> (CLIP_BITS + FRAME_BITS)
    first = np.searchsorted(table, ((value << CLIP_BITS) + row + 1) << FRAME_BITS)
    count = np.searchsorted(table, (value + 1) << (CLIP_BITS + FRAME_BITS)) - first
    count = np.minimum(count, NEIGHBOURS)
    if not count.any():
        return []
    begins = np.cumsum(count) - count
    match = table[np.repeat(first - begins, count) + np.arange(count.sum())]
    frames = 2**FRAME_BITS
    offset = np.repeat(entries % frames, count) - match % frames
    other = (match >> FRAME_BITS) % 2**CLIP_BITS
    found, matches = np.unique(other * 2 * frames + offset + frames, return_counts=True)
    # A shift by a fraction of a frame divides the matches between adjacent offsets.
    adjacent = np.diff(found) == 1
    total = matches.copy()
    total[1:] += matches[:-1] * adjacent
    total[:-1] += matches[1:] * adjacent
    best: dict[int, tuple[int, int]] = {}
    for index in np.flatnonzero(total >= MATCHES):
        other_row, position = divmod(int(found[index]), 2 * frames)
        score = (-int(total[index]), position - frames)
        best[other_row] = min(best.get(other_row, score), score)
    ranked = sorted(best.items(), key=lambda item: item[1][0])[:CANDIDATES]
    return [(other_row, offset_) for other_row, (_, offset_) in ranked]


def _coherence(
    first: NDArray[np.int16],
    second: NDArray[np.int16],
    offset: int,
    sampling_rate: int,
    least: int,
) -> float:
    """Mean coherence of two clips in [0, 1], of which the second begins `offset` samples into the
    first; 0 if they overlap by less than `least` samples.
    """
    reach = _window(sampling_rate) // 4
    begin, end = max(0, offset) + reach, min(len(first), len(first) + offset) - reach
    if end - begin + 2 * reach < least:
        return 0.0
    length = min(round(PIECE_SECONDS * sampling_rate), end - begin)
    number = min(PIECES, (end - begin) // length)
    starts = np.linspace(begin, end - length, number).astype(int)
    ours = [first[at - reach : at + length + reach].astype(np.float32) for at in starts]
    theirs = [second[at - offset : at - offset + length].astype(np.float32) for at in starts]
    level = np.array([[np.abs(piece).mean() for piece in pieces] for pieces in (ours, theirs)])
    # Rounding and codecs leave nothing to compare in the quietest pieces.
    audible = (level > level.max(axis=1, keepdims=True) * QUIET).all(axis=0)
    found = [
        _coherence_of_piece(ours[piece], theirs[piece], sampling_rate)
        for piece in np.flatnonzero(audible)
    ]
    return float(np.mean(found)) if found else 0.0


def _coherence_of_piece(
    longer: NDArray[np.float32], piece: NDArray[np.float32], sampling_rate: int
) -> float:
    """Mean coherence over bands of a piece and the part of a longer signal that matches it best.

    The position is that of the maximum of the generalized cross-correlation with phase transform
    (Knapp and Carter, 1976). Magnitude-squared coherence is summed over the frames of the piece
    and bands of `COHERENCE_BAND`, those without power in either signal left out.
    """
    size = 1 << (len(longer) + len(piece) - 1).bit_length()
    cross = np.fft.rfft(longer, size) * np.conj(np.fft.rfft(piece, size))
    outside = np.ones(len(cross), bool)
    outside[_bins(size, sampling_rate)] = False
    cross[outside] = 0
    correlation = np.fft.irfft(cross / np.maximum(np.abs(cross), 1e-9))
    lag = int(np.argmax(correlation[: len(longer) - len(piece) + 1]))
    window = _window(sampling_rate) // 2
    both = torch.from_numpy(np.stack([longer[lag : lag + len(piece)], piece]))
    spectra = _spectra(both, window, window // 4, sampling_rate)
    width = max(1, round(COHERENCE_BAND * window / sampling_rate))
    bands = spectra.shape[1] // width
    spectra = spectra[:, : bands * width].reshape(2, bands, -1)
    power = spectra.abs().square().sum(-1)
    shared = (spectra[0] * spectra[1].conj()).sum(-1).abs().square()
    used = (power > power.amax(1, keepdim=True) * COHERENCE_RANGE).all(0)
    return float((shared / power.prod(0))[used].mean()) if used.any() else 0.0
