"""Step that finds what a study would find in a folder of music."""

from dataclasses import replace
from pathlib import Path

from pipeline.control_characters import one_line
from pipeline.engine.graph import Graph
from pipeline.errors import StudyError
from pipeline.file_names import on_disk
from pipeline.music_steps import music_steps
from pipeline.settings.error_messages import SettingError, SettingsFile
from pipeline.settings.path_checks import check_paths
from pipeline.settings.schema import ReportSettings, Study

INSPECTION = "inspection"
"""The step whose value is a `pipeline.results.inspection_schema.Inspection` as JSON values."""


class _NoFile(SettingsFile):
    """In place of a study's file if the folder is named on the command line."""

    def format(self, error: SettingError) -> str:
        return one_line(error.message)


def music_alone(study: Study, folder: Path | None) -> Study:
    """The study reduced to its music, which is `folder` if one is given.

    Raises:
        StudyError: the study uses the embedded music.
    """
    data = study.data
    if folder is not None:
        data = data.model_copy(update={"path": on_disk(folder)})
    elif data.path is None:
        raise StudyError(
            "the study uses the embedded music; name a folder of music: latentes inspect FOLDER"
        )
    alone = study.model_copy(update={"data": data, "new_songs": [], "report": ReportSettings()})
    if folder is not None:
        alone.set_source_file(_NoFile(folder, {}))
    return alone


def inspection_graph(study: Study, cache: Path) -> Graph:
    """Graph of one step, which reads the music as the corpus step of a build would.

    Args:
        study: as `music_alone` returns it.
        cache: folder of the index of file digests.

    Raises:
        StudyError: the music is missing or exceeds a limit, as for a build.
    """
    music = check_paths(study, ())
    [corpus], _ = music_steps(study, music, cache)
    genres = {file: music.genre(file) for file in music.files}
    step = replace(
        corpus,
        name=INSPECTION,
        function="pipeline.results.inspection:inspect_folder",
        parameters={**corpus.parameters, "genres": genres, "unmatched": music.unmatched},
    )
    return Graph([step], "cpu")
