"""Steps that load a study's music: the corpus and the new songs."""

from pathlib import Path
from typing import Any

from pipeline.audio.known_format import is_known_format
from pipeline.data.demo.styles import GENRES, SONGS
from pipeline.engine.file_digests import digests
from pipeline.engine.graph import Step
from pipeline.music_folder.scan import Music
from pipeline.settings.schema import Study


def music_steps(study: Study, music: Music, cache: Path) -> tuple[list[Step], int]:
    """Steps down to `corpus`, and an upper bound on its number of clips.

    Args:
        study: the settings.
        music: the user's files, as `pipeline.settings.path_checks.check_paths` finds them.
        cache: folder of the index of file digests.
    """
    data, max_clips = study.data, study.limits.clips
    count = len(music.files) if data.path is not None else data.demo_clips * len(GENRES)
    clips = min(count * data.clips_per_file, max_clips)
    cuts = {
        "sampling_rate": data.sampling_rate,
        "samples": data.samples,
        "clips_per_file": data.clips_per_file,
        "stretch": data.stretch,
        "validation": data.validation,
        "test": data.test,
        "seed": study.seed,
    }
    if data.path is not None:
        contents = digests(data.path, music.files, cache / "files.json", is_known_format)
        corpus = Step(
            "corpus",
            "pipeline.data.corpus:from_folder",
            parameters={"files": contents, "genres": music.genres, "left_out": music.left_out}
            | cuts,
            untracked={"folder": str(data.path), "max_clips": max_clips},
            cost=count * 0.02,
        )
        return [corpus], clips
    demos = [
        Step(
            f"demo.{genre}",
            "pipeline.data.demo.rendering:render_genre",
            parameters={"name": genre, "clips": data.demo_clips, "seed": study.seed},
            cost=0.2 * data.demo_clips,
        )
        for genre in GENRES
    ]
    corpus = Step(
        "corpus",
        "pipeline.data.corpus:from_bytes",
        parameters=cuts,
        inputs={"music": {step.name: step.name for step in demos}},
        untracked={"max_clips": max_clips},
        cost=5,
    )
    return [*demos, corpus], clips


def song_steps(study: Study, cache: Path) -> tuple[list[Step], dict[str, Step]]:
    """Steps that prepare the new songs, from the user's files or the embedded ones.

    Returns:
        The steps that the others read, and the step of each song by name.
    """
    cut: dict[str, Any] = {
        "sampling_rate": study.data.sampling_rate,
        "samples": study.data.samples,
    }
    prepared: dict[str, Step] = {}
    if study.data.path is None and not study.new_songs:
        music = Step(
            "demo.songs", "pipeline.data.demo.rendering:render_songs", {"seed": study.seed}, cost=4
        )
        for name in SONGS:
            prepared[name] = Step(
                f"song.{name}",
                "pipeline.data.new_songs:from_bytes",
                {"name": f"{name}.flac"} | cut,
                {"music": music.name},
            )
        return [music], prepared
    for song in study.new_songs:
        digest = digests(song.file.parent, [song.file.name], cache / "files.json", is_known_format)
        prepared[song.slug] = Step(
            f"song.{song.slug}",
            "pipeline.data.new_songs:from_file",
            {"digest": digest[song.file.name], "start": song.start} | cut,
            untracked={"path": str(song.file), "max_hours": study.limits.hours},
            early=True,
        )
    return [], prepared
