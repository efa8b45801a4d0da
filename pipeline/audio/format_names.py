"""Name the format of a file as people do, from FFmpeg's names of its container and codec."""

CONTAINERS = {
    "mov,mp4,m4a,3gp,3g2,mj2": "MP4",
    "matroska,webm": "Matroska",
    "asf": "Windows Media",
    "ogg": "Ogg",
    "mpeg": "MPEG-PS",
    "mpegts": "MPEG-TS",
    "w64": "Wave64",
    "wv": "WavPack",
    "ape": "Monkey's Audio",
}
"""Names of containers that are not FFmpeg's in capitals."""

CODECS = {"opus": "Opus", "vorbis": "Vorbis", "wmav1": "WMA", "wmav2": "WMA", "wmapro": "WMA Pro"}
"""Names of codecs that are not FFmpeg's in capitals."""

VARIANTS = ("float", "_fixed", "_at")
"""Endings of FFmpeg's names of decoders of the same codec."""


def name_format(container: str, codec: str) -> str:
    """Container and codec, such as "MP4 (AAC)"; the container alone where it has one usual codec,
    as in "MP3", "FLAC" and "WAV"."""
    for variant in VARIANTS:
        codec = codec.removesuffix(variant)
    codec = codec.removeprefix("lib")
    if container == "mp3":
        return codec.upper()
    name = CONTAINERS.get(container, container.partition(",")[0].upper())
    usual = codec.startswith("pcm_") or codec in (container, "wavpack")
    return name if usual else f"{name} ({CODECS.get(codec, codec.upper().replace('_', '-'))})"
