"""Schema of study.toml: type, range and default of each setting."""

import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PrivateAttr,
    Tag,
)

from pipeline.architecture.adaptive_plan import AdaptivePlan
from pipeline.architecture.layers import (
    CLASSIC,
    CLASSIC_SAMPLES,
    Architecture,
    ArchitectureError,
    classic,
)
from pipeline.errors import StudyError, did_you_mean
from pipeline.file_names import composed
from pipeline.settings.error_messages import SettingError, SettingsFile
from pipeline.slug import slug


class SettingsTable(BaseModel):
    """Base of the tables of study.toml: immutable, without unknown keys or type coercion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _reject_invalid_path(value: object) -> object:
    if isinstance(value, str) and (not value.strip() or "\0" in value):
        raise ValueError
    return value


PathSetting = Annotated[Path, Field(strict=False), BeforeValidator(_reject_invalid_path)]
"""A file or folder, relative to the folder of study.toml."""

UrlSetting = Annotated[
    str,
    Field(
        pattern=r"^https?://[^\s\"<>\\^`{|}]+$",
        max_length=200,
        json_schema_extra={"format": "uri"},
    ),
]
"""URL of a site, short enough for a QR code and without characters that need escaping."""

Name = Annotated[str, AfterValidator(composed)]
"""The name of a genre or clip, compared however its accents are composed."""

NormalizeZero = AfterValidator(lambda value: value + 0.0)
"""Turns -0.0 into 0.0."""

Number = Annotated[float, NormalizeZero]
"""A finite number."""


class ReportSettings(SettingsTable):
    """Cover, chapters and examples of the report; the templates provide defaults.

    `templates` is a folder whose files replace the project's templates of the same name, and that
    may hold additional chapters; `chapters` lists the chapters of the report, in order.
    """

    title: str | None = None
    subtitle: str | None = None
    authors: list[str] = []
    institution: str | None = None
    logo: PathSetting | None = None
    date: datetime.date | None = None
    templates: PathSetting | None = None
    chapters: Annotated[list[str], Field(min_length=1)] | None = None
    bibliography: PathSetting | None = None
    site: UrlSetting | None = None
    song: Name | None = None
    size: int | None = None
    genre: Name | None = None


class DataSettings(SettingsTable):
    """Where the music comes from, and how it is cut and split.

    `table` has the genre of each file in the column `genre_column`, and in `file_column` its path
    or number; without it, a file's genre is its first folder. `stretch` is the part of a file that
    its clips are cut from.
    """

    path: PathSetting | None = None
    table: PathSetting | None = None
    file_column: str | None = Field(None, min_length=1)
    genre_column: str | None = Field(None, min_length=1)
    licence: str | None = Field(None, min_length=1)
    demo_clips: int = Field(24, ge=1, le=10_000)
    clips_per_file: int = Field(1, ge=1, le=10_000)
    stretch: Literal["start", "loudest", "spread", "random"] = "start"
    seconds: Number = Field(5.0, gt=0, le=600)
    sampling_rate: int = Field(22_050, ge=1_000, le=192_000)
    validation: Number = Field(0.1, gt=0, lt=0.5)
    test: Number = Field(0.1, gt=0, lt=0.5)

    @property
    def samples(self) -> int:
        """Length of a clip in samples."""
        return round(self.seconds * self.sampling_rate)


class AdaptiveTrainingSettings(SettingsTable):
    """Training of adaptive models."""

    learning_rate: Number = Field(0.006, gt=0, le=1)
    epochs: int = Field(3, ge=1, le=100_000)
    batch: int = Field(4, ge=1, le=10_000)


class TrainingSettings(SettingsTable):
    """Training of models with layers; adaptive models have their own table."""

    learning_rate: Number = Field(0.02, gt=0, le=1)
    epochs: int = Field(40, ge=1, le=100_000)
    batch: int = Field(20, ge=1, le=10_000)
    adaptive: AdaptiveTrainingSettings = AdaptiveTrainingSettings()


class SongSettings(SettingsTable):
    """A new song: a file outside the data set, and its name in the report."""

    file: PathSetting
    name: Name | None = None
    genre: Name | None = None
    start: Annotated[float, Field(ge=0, le=1_000_000), NormalizeZero] | None = None
    licence: str | None = Field(None, min_length=1)

    @property
    def slug(self) -> str:
        """Name of its steps and files."""
        return slug(self.name or self.file.stem)


class TuningSettings(SettingsTable):
    """Learning-rate search; none with 0 `trials`. `use` trains with the rate that was found."""

    trials: int = Field(8, ge=0, le=1000)
    epochs: int = Field(5, ge=1, le=1000)
    size: int | None = None
    low: Number = Field(0.001, gt=0)
    high: Number = Field(0.1, gt=0)
    use: bool = False


class ExperimentSettings(SettingsTable):
    """Short trainings of variants of the classic network of 18376 numbers; none if not `run`, or
    without classic models."""

    run: bool = True


class GenerationSettings(SettingsTable):
    """New music by models that learn from the training clips; none if not `run`.

    `batches` is the length of the flow's training, twice that of the variational autoencoder's;
    `clips` is how many clips of each genre and model the report lets hear.
    """

    run: bool = True
    batches: int = Field(600, ge=1, le=1_000_000)
    clips: int = Field(2, ge=1, le=100)


class ChoiceSettings(SettingsTable):
    """When a latent size is acceptable: minimum mean SNR (dB), maximum mean log-mel distance
    (log10) and minimum mean ViSQOL (MOS-LQO). With `by = "ear"`, listeners decide where there are
    enough answers. `size` overrides this rule and requires a `reason`."""

    by: Literal["measures", "ear"] = "measures"
    snr: Number = 6.0
    log_mel: Number = Field(0.2, gt=0)
    visqol: Number = Field(4.0, ge=1, le=5)
    size: int | None = None
    reason: str | None = Field(None, min_length=1)


class ListeningSettings(SettingsTable):
    """`answers` is a folder of answers to the site's blind tests; none without one."""

    answers: PathSetting | None = None


class TrackingSettings(SettingsTable):
    """Logging of trainings to Weights & Biases; see `pipeline.tracking`."""

    wandb: Literal["off", "offline", "online"] = "off"


class LimitSettings(SettingsTable):
    """Limits that a study must not exceed, checked before any long computation.

    `hours` limits the length of a new song that is searched for its loudest excerpt, `memory` the
    gigabytes to train one model with layers.
    """

    genres: int = Field(100, ge=1, le=1000)
    clips: int = Field(10_000, ge=3)
    hours: Number = Field(12.0, gt=0)
    memory: Number = Field(8.0, gt=0)


PerLayer = Annotated[list[Annotated[int, Field(ge=1, le=100_000)]], Field(min_length=1)]
"""One positive integer per layer."""


class LayerSettings(SettingsTable):
    """A user-defined architecture: each list has one value per layer."""

    channels: PerLayer
    kernels: PerLayer
    strides: PerLayer
    paddings: Annotated[list[Annotated[int, Field(ge=0, le=100_000)]], Field(min_length=1)]


def _kind(model: object) -> str:
    return "size" if isinstance(model, int) else "layers"


ModelSetting = Annotated[
    Annotated[int, Tag("size")] | Annotated[LayerSettings, Tag("layers")], Discriminator(_kind)
]
Plan = Architecture | AdaptivePlan
CLASSIC_FAMILY = "classic"
"""Family of the study's own layers."""

ADAPTIVE_FAMILY = "adaptive"
"""Family whose models choose which coefficients of each clip to keep."""

SMALL_ADAPTIVE_SIZES = (3446, 1723)
"""A 32nd and a 64th of a clip's samples, the ratios at which the literature encodes music."""

RESERVED_NAMES = frozenset(
    "original baseline untrained latente opus mp3 vorbis packed train anchor".split()
)
"""Names with another meaning in the results, which no family can have."""


class Study(SettingsTable):
    """A study, as `study.toml` defines it.

    `models` maps the name of a family to its models: a number is a latent size (of the study's
    own layers in `classic`, of an adaptive model in `adaptive`), a table defines layers. A family
    without models is disabled.
    """

    seed: int = Field(42, ge=0, le=2**32 - 1)
    report: ReportSettings = ReportSettings()
    data: DataSettings = DataSettings()
    models: Annotated[dict[str, list[ModelSetting]], Field(min_length=1)] = {
        CLASSIC_FAMILY: list(CLASSIC),
        ADAPTIVE_FAMILY: [*CLASSIC, *SMALL_ADAPTIVE_SIZES],
    }
    training: TrainingSettings = TrainingSettings()
    tuning: TuningSettings = TuningSettings()
    experiments: ExperimentSettings = ExperimentSettings()
    generation: GenerationSettings = GenerationSettings()
    new_songs: list[SongSettings] = []
    visqol_clips: int = Field(24, ge=1, le=100_000)
    publish_unlicensed: bool = False
    choice: ChoiceSettings = ChoiceSettings()
    listening: ListeningSettings = ListeningSettings()
    tracking: TrackingSettings = TrackingSettings()
    limits: LimitSettings = LimitSettings()
    _source: SettingsFile = PrivateAttr(
        default_factory=lambda: SettingsFile(Path("study.toml"), {})
    )

    def _layered_sizes(self) -> set[int]:
        """Latent sizes of the models with layers."""
        families = self.architectures().items()
        return {size for family, sizes in families if family != ADAPTIVE_FAMILY for size in sizes}

    @property
    def tuning_size(self) -> int | None:
        """Latent size of the model that the learning-rate search trains; None without models
        with layers."""
        sizes = sorted(self._layered_sizes())
        if not sizes:
            return None
        return self.tuning.size or (self.size if self.size in sizes else sizes[len(sizes) // 2])

    @property
    def size(self) -> int:
        """Latent size shown in figures of one size: report.size, else 18376, else the median."""
        sizes = sorted({size for family in self.architectures().values() for size in family})
        default = 18376 if 18376 in sizes else sizes[len(sizes) // 2]
        return self.report.size or default

    def architectures(self) -> dict[str, dict[int, Plan]]:
        """Plans of all models by family and latent size, largest first.

        Raises:
            ArchitectureError: a model does not fit the clips; never for a loaded study.
        """
        families: dict[str, dict[int, Plan]] = {}
        for family, models in self.models.items():
            plans = [self.plan(family, model) for model in models]
            if plans:
                largest_first = sorted(plans, key=lambda plan: -plan.latent)
                families[family] = {plan.latent: plan for plan in largest_first}
        return families

    def plan(self, family: str, model: int | LayerSettings) -> Plan:
        """Plan of one entry of `models`.

        Raises:
            ArchitectureError: the model does not fit the family or the clips; the message says
                what does.
        """
        samples = self.data.samples
        if family == ADAPTIVE_FAMILY:
            if isinstance(model, LayerSettings):
                raise ArchitectureError("adaptive models have no layers; list their sizes")
            return AdaptivePlan(samples, model)
        if isinstance(model, LayerSettings):
            lists = {name: tuple(values) for name, values in model.model_dump().items()}
            return Architecture(samples, **lists)
        if family != CLASSIC_FAMILY:
            raise ArchitectureError(
                f"only classic and adaptive models are given by their size ({model}); define "
                "channels, kernels, strides and paddings"
                f"{did_you_mean(family, (CLASSIC_FAMILY, ADAPTIVE_FAMILY))}"
            )
        architecture = classic(model)
        if samples != CLASSIC_SAMPLES:
            raise ArchitectureError(
                f"classic sizes ({model}) need {CLASSIC_SAMPLES}-sample clips (5 s at 22050 Hz), "
                f"these have {samples}"
            )
        return architecture

    def to_study_error(self, errors: list[SettingError]) -> StudyError:
        """A StudyError for errors found after loading, with the file's lines."""
        return self._source.to_study_error(errors)

    def set_source_file(self, source: SettingsFile) -> None:
        """Set the file that later errors refer to."""
        self._source = source
