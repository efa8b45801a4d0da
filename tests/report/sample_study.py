"""The settings and the data of the sample folders."""

from typing import TYPE_CHECKING, Any

from pipeline.results.schema import Clip, Data, Duplicate, Fault, Genre, Split
from tests.report.sample_sound import RATE, SAMPLES

if TYPE_CHECKING:
    from tests.report.sample import Sample


def study(sample: "Sample") -> dict[str, Any]:
    """The settings, as results tell them."""
    absent = ("title", "subtitle", "institution", "date", "site", "song", "size", "genre")
    report: dict[str, Any] = dict.fromkeys(absent) | {"authors": [], "chapters": None}
    sizes = sorted({size for layers in sample.families.values() for size in layers})
    return {
        "seed": 42,
        "publish_unlicensed": False,
        "report": report | sample.report,
        "data": {
            "path": None if sample.synthetic else "music",
            "licence": None,
            "demo_clips": 24,
            "clips_per_file": 1,
            "seconds": SAMPLES / RATE,
            "sampling_rate": RATE,
            "validation": 0.1,
            "test": 0.1,
        },
        "models": {
            family: [
                size
                if family == "classic" or layers is None
                else dict(zip(("channels", "kernels", "strides", "paddings"), layers, strict=True))
                for size, layers in sizes.items()
            ]
            for family, sizes in sample.families.items()
        },
        "training": {"learning_rate": 0.02, "epochs": sample.epochs, "batch": 20},
        "tuning": {
            "trials": 0 if sample.tuning is None else 5,
            "epochs": 5,
            "size": None,
            "low": 0.001,
            "high": 0.1,
            "use": bool(sample.tuning),
        },
        "new_songs": [],
        "visqol_clips": 5,
        "choice": {"snr": 6.0, "log_mel": 0.5, "size": None, "reason": None} | sample.choice,
        "size": 18376 if 18376 in sizes else sizes[len(sizes) // 2],
    }


def data(sample: "Sample") -> Data:
    """Genres, clips, faults and duplicates."""
    genres = [Genre(name=name, training=19, validation=3, test=2) for name in sorted(sample.genres)]
    splits: list[Split] = [*["training"] * 19, *["validation"] * 3, *["test"] * 2]  # type: ignore[list-item]
    clips = [
        Clip(
            name=f"{genre.name}.{index:05d}",
            genre=genre.name,
            split=split,
            file=f"{genre.name}/{genre.name}.{index:05d}.flac",
            audio=f"audio/clips/{2 * place + index - 22}.flac" if split == "test" else None,
        )
        for place, genre in enumerate(genres)
        for index, split in enumerate(splits)
    ]
    faults = [
        Fault(file="rock/corto.wav", fault="too_short", detail="2.31 s", value=2.31),
        Fault(file="rock/mudo.wav", fault="silent", detail="silent"),
        Fault(file="pop/roto <b>.mp3", fault="unreadable", detail="no sound"),
        Fault(file="pop/nan.wav", fault="not_finite", detail="NaN"),
    ]
    first, second, third, last = *clips[:3], clips[-1]
    duplicates = [
        Duplicate(clips=[first.name, second.name], genres=[first.genre]),
        Duplicate(clips=[third.name, last.name], genres=[first.genre, last.genre]),
    ]
    return Data(
        synthetic=sample.synthetic,
        sampling_rate=RATE,
        samples=SAMPLES,
        genres=genres,
        clips=clips,
        faults=faults if sample.faults else [],
        duplicates=duplicates if sample.duplicates else [],
    )
