"""The settings and the data of the sample folders."""

from typing import TYPE_CHECKING, Any

from pipeline.results.schema import Clip, Data, Duplicate, Fault, Genre, Split
from pipeline.settings.schema import Study
from tests.report.sample_sound import RATE, SAMPLES

if TYPE_CHECKING:
    from tests.report.sample import Sample


def study(sample: "Sample") -> dict[str, Any]:
    """The settings, as results tell them."""
    absent = ("title", "subtitle", "institution", "date", "site", "song", "size", "genre")
    report: dict[str, Any] = dict.fromkeys(absent) | {"authors": [], "chapters": None}
    sizes = sorted({size for layers in sample.families.values() for size in layers})
    settings = Study().model_dump(mode="json", exclude={"report", "tracking", "limits"})
    path = None if sample.synthetic else "music"
    return settings | {
        "report": report | sample.report,
        "data": settings["data"] | {"path": path, "seconds": SAMPLES / RATE, "sampling_rate": RATE},
        "models": {
            family: [
                size
                if family == "classic" or layers is None
                else dict(zip(("channels", "kernels", "strides", "paddings"), layers, strict=True))
                for size, layers in sizes.items()
            ]
            for family, sizes in sample.families.items()
        },
        "training": settings["training"] | {"epochs": sample.epochs},
        "tuning": {
            "trials": 0 if sample.tuning is None else 5,
            "epochs": 5,
            "size": None if sample.tuning is None else max(sizes),
            "low": 0.001,
            "high": 0.1,
            "use": bool(sample.tuning),
        },
        "choice": {"snr": 6.0, "log_mel": 0.5, "visqol": 3.0, "size": None, "reason": None}
        | {"by": "measures"}
        | sample.choice,
        "generation": settings["generation"] | {"run": sample.generators},
        "size": _size(sample),
    }


def shown(sample: "Sample") -> list[str]:
    """The model of each family of which every kind of vector is decoded, as FAMILY.SIZE."""
    found = []
    for family, layers in sample.families.items():
        sizes, wanted = sorted(layers, reverse=True), _size(sample)
        size = wanted if wanted in sizes else sizes[len(sizes) // 2]
        found.append(f"{family}.{size}")
    return found


def _size(sample: "Sample") -> int:
    sizes = sorted({size for layers in sample.families.values() for size in layers})
    return 18376 if 18376 in sizes else sizes[len(sizes) // 2]


def data(sample: "Sample") -> Data:
    """Genres, clips, faults and repeated music."""
    genres = [
        Genre(name=name, training=21 - test, validation=3, test=test)
        for name, test in zip(sorted(sample.genres), sample.tested, strict=True)
    ]
    clips = [
        Clip(
            name=f"{genre.name}.{index:05d}",
            genre=genre.name,
            split=split,
            file=f"{genre.name}/{genre.name}.{index:05d}.flac",
            audio=f"audio/clips/{2 * place + index - 22}.flac" if split == "test" else None,
            excerpt=f"audio/excerpts/{2 * place + index}.flac" if index < 2 else None,
        )
        for place, genre in enumerate(genres)
        for index, split in enumerate(_splits(genre))
    ]
    faults = [
        Fault(file="rock/corto.wav", fault="too_short", detail="2.31 s", value=2.31),
        Fault(file="rock/mudo.wav", fault="silent", detail="silent"),
        Fault(file="pop/roto <b>.mp3", fault="unreadable", detail="no sound"),
        Fault(file="pop/nan.wav", fault="not_finite", detail="NaN"),
        Fault(file="rock/mixto.wav", fault="silent", detail="silent from 0 s", start=0.0),
        Fault(file="rock/mixto.wav", fault="not_finite", detail="NaN from 5 s", start=5.0),
        Fault(file="rock/mixto.wav", fault="too_short", detail="7 s", value=7.0),
        Fault(file="pop/clip.mp4", fault="no_sound", detail="a video without sound"),
        Fault(file="suelto.mp3", fault="outside", detail="in no genre folder"),
        Fault(file=clips[0].file, fault="silent", detail="silent from 5 s", start=5.0),
        Fault(file=clips[1].file, fault="damaged", detail="0.3 s at 14.9 s", value=0.3, start=14.9),
        Fault(file=clips[2].file, fault="one_channel", detail="channels cancel out"),
    ]
    first, second, third, last = *clips[:3], clips[-1]
    duplicates = [
        Duplicate(clips=[first.name, second.name], genres=[first.genre]),
        Duplicate(clips=[third.name, last.name], genres=[first.genre, last.genre]),
    ]
    copies = [Duplicate(clips=[clips[3].name, clips[4].name], genres=[first.genre])]
    left_out = {fault.file for fault in faults} - {clip.file for clip in clips}
    files = len(clips) + (len(left_out) if sample.faults else 0)
    return Data(
        synthetic=sample.synthetic,
        sampling_rate=RATE,
        samples=SAMPLES,
        files=files,
        seconds_found=30.0 * files,
        genres=genres,
        clips=clips,
        faults=faults if sample.faults else [],
        duplicates=duplicates if sample.duplicates else [],
        copies=copies if sample.duplicates else [],
    )


def _splits(genre: Genre) -> list[Split]:
    """The split of each of its clips, in order."""
    splits: tuple[Split, ...] = ("training", "validation", "test")
    return [split for split in splits for _ in range(getattr(genre, split))]
