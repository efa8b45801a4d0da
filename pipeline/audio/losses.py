"""Estimate how many seconds of sound are lost with packets that cannot be decoded."""

import math
from typing import Any

from av.packet import Packet

from pipeline.audio.signatures import holds_tag


def seconds_of(packet: "Packet[Any]") -> float:
    """Duration of a packet in seconds; 0 if it states none."""
    if not packet.duration or not packet.time_base:
        return 0.0
    base = packet.time_base
    return packet.duration * base.numerator / base.denominator


class PacketLengths:
    """Duration and size of the packets so far, from which those of others are estimated."""

    def __init__(self) -> None:
        self._count, self._seconds, self._bytes = 0, 0.0, 0
        self._without_duration = 0
        self._first, self._end = math.inf, 0.0

    def add(self, packet: "Packet[Any]") -> None:
        """Count a packet."""
        if packet.pts is not None and packet.time_base:
            base = packet.time_base
            time = packet.pts * base.numerator / base.denominator
            self._first = min(self._first, time)
            self._end = max(self._end, time + seconds_of(packet))
        if seconds := seconds_of(packet):
            self._count += 1
            self._seconds += seconds
            self._bytes += packet.size
        else:
            self._without_duration += 1

    @property
    def mean(self) -> float:
        """Mean duration in seconds."""
        return self._seconds / max(self._count, 1)

    @property
    def total(self) -> float:
        """Duration of all packets in seconds: by their timestamps if these agree with what the
        packets state, which in Vorbis and Windows Media is not exact."""
        stated = self._seconds + self._without_duration * self.mean
        span = self._end - min(self._first, self._end)
        return span if stated <= span < 1.1 * stated + 0.5 else stated

    def estimate(self, size: int) -> float:
        """Seconds that so many bytes hold, at the mean bitrate."""
        return self._seconds * size / max(self._bytes, 1)

    def bounded(self, seconds: float, size: int) -> float:
        """A gap in the timestamps of a file of so many bytes, or what it can hold if that is less:
        a damaged timestamp may be centuries later."""
        most = self.estimate(size)
        return min(seconds, most) if most else seconds


class Loss:
    """What was lost since the last frame that could be decoded.

    Attributes:
        seconds: about how much.
        in_tag: True if it holds a tag of MP3, such as those between joined files.
        in_zeros: True if it consists of zeros, such as the padding at the end of a file.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.in_tag = self.in_zeros = False

    def add(self, seconds: float, data: bytes, may_have_tags: bool) -> None:
        """Count data that could not be decoded."""
        zeros = not data.strip(b"\0")
        self.in_zeros = zeros and (self.in_zeros or not self.seconds)
        self.in_tag |= may_have_tags and holds_tag(data)
        self.seconds += seconds
