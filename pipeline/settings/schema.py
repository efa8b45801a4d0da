"""The tables of study.toml: each setting with its type, its range and its default."""

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
from pipeline.errors import StudyError, nearest
from pipeline.settings.error_messages import SettingError, SettingsFile
from pipeline.slug import slug


class Settings(BaseModel):
    """A table of study.toml: unknown keys are errors, values do not change.

    Strict: text is no number, nor is true.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _path(stated: object) -> object:
    """A path of the system's: TOML may state what none can be."""
    if isinstance(stated, str) and (not stated.strip() or "\0" in stated):
        raise ValueError
    return stated


Place = Annotated[Path, Field(strict=False), BeforeValidator(_path)]
"""A file or a folder, relative to the folder of study.toml."""

Address = Annotated[
    str,
    Field(
        pattern=r"^https?://[^\s\"<>\\^`{|}]+$",
        max_length=200,
        json_schema_extra={"format": "uri"},
    ),
]
"""Of a site, short enough for a code to scan, in letters that an address may have."""

Unsigned = AfterValidator(lambda stated: stated + 0.0)
"""Makes negative zero zero."""

Number = Annotated[float, Unsigned]
"""A finite number."""


class ReportSettings(Settings):
    """What the reader sees first; whatever is absent the templates say in their own words.

    `templates` is a folder whose files stand in for the project's of the same name, and may hold
    chapters of the user's own; `chapters` names the chapters of the report, in order.
    """

    title: str | None = None
    subtitle: str | None = None
    authors: list[str] = []
    institution: str | None = None
    logo: Place | None = None
    date: datetime.date | None = None
    templates: Place | None = None
    chapters: Annotated[list[str], Field(min_length=1)] | None = None
    bibliography: Place | None = None
    site: Address | None = None
    song: str | None = None
    size: int | None = None
    genre: str | None = None


class DataSettings(Settings):
    """Where the music comes from and how it is cut and split."""

    path: Place | None = None
    licence: str | None = Field(None, min_length=1)
    demo_clips: int = Field(24, ge=1, le=10_000)
    clips_per_file: int = Field(1, ge=1, le=10_000)
    seconds: Number = Field(5.0, gt=0, le=600)
    sampling_rate: int = Field(22_050, ge=1_000, le=192_000)
    validation: Number = Field(0.1, gt=0, lt=0.5)
    test: Number = Field(0.1, gt=0, lt=0.5)

    @property
    def samples(self) -> int:
        """Length of a clip, in samples."""
        return round(self.seconds * self.sampling_rate)


class AdaptiveTrainingSettings(Settings):
    """How the models of the family adaptive are trained."""

    learning_rate: Number = Field(0.006, gt=0, le=1)
    epochs: int = Field(5, ge=1, le=100_000)
    batch: int = Field(4, ge=1, le=10_000)


class TrainingSettings(Settings):
    """How models of layers are trained, the study's way; those of the family adaptive have
    settings of their own."""

    learning_rate: Number = Field(0.02, gt=0, le=1)
    epochs: int = Field(40, ge=1, le=100_000)
    batch: int = Field(20, ge=1, le=10_000)
    adaptive: AdaptiveTrainingSettings = AdaptiveTrainingSettings()


class SongSettings(Settings):
    """A new song: a file outside the data set, and what the report calls it."""

    file: Place
    name: str | None = None
    genre: str | None = None
    start: Annotated[float, Field(ge=0, le=1_000_000), Unsigned] | None = None
    licence: str | None = Field(None, min_length=1)

    @property
    def slug(self) -> str:
        """What its steps and files are called."""
        return slug(self.name or self.file.stem)


class TuningSettings(Settings):
    """The learning-rate search; no trials, no search. `use` trains with the rate it found."""

    trials: int = Field(8, ge=0, le=1000)
    epochs: int = Field(5, ge=1, le=1000)
    size: int | None = None
    low: Number = Field(0.001, gt=0)
    high: Number = Field(0.1, gt=0)
    use: bool = False


class ChoiceSettings(Settings):
    """When a latent size counts as acceptable: its mean SNR (dB) at least, and its mean log-mel
    distance (log10) at most, these. A `size` overrules the rule and needs a `reason`."""

    snr: Number = 6.0
    log_mel: Number = Field(0.5, gt=0)
    size: int | None = None
    reason: str | None = None


class TrackingSettings(Settings):
    """Where each training is logged besides the results; see `pipeline.tracking`."""

    wandb: Literal["off", "offline", "online"] = "off"


class LimitSettings(Settings):
    """How much a study takes on; what is more is refused before anything long is computed.

    `hours` are those of a new song whose loudest stretch is looked for, `memory` the gigabytes
    that training one model of layers may take.
    """

    genres: int = Field(100, ge=1, le=1000)
    clips: int = Field(10_000, ge=3)
    hours: Number = Field(12.0, gt=0)
    memory: Number = Field(8.0, gt=0)


Counts = Annotated[list[Annotated[int, Field(ge=1, le=100_000)]], Field(min_length=1)]
"""A count of each layer."""


class LayerSettings(Settings):
    """An architecture of the user's own: one value a layer in each list."""

    channels: Counts
    kernels: Counts
    strides: Counts
    paddings: Annotated[list[Annotated[int, Field(ge=0, le=100_000)]], Field(min_length=1)]


def _kind(model: object) -> str:
    return "size" if isinstance(model, int) else "layers"


ModelSetting = Annotated[
    Annotated[int, Tag("size")] | Annotated[LayerSettings, Tag("layers")], Discriminator(_kind)
]
Plan = Architecture | AdaptivePlan
CLASSICAL = "classic"
"""The family of the study's own layers."""

ADAPTIVE = "adaptive"
"""The family whose models choose what to keep of each clip."""

RESERVED = frozenset({"original", "baseline"})
"""Names that results use for what is no family."""


class Study(Settings):
    """A whole study, as `study.toml` states it.

    `models` maps a family's name to its models: in the family `classic` a number stands for the
    study's own layers of that latent size, in `adaptive` for that count of numbers; a table is
    for layers written out. A family without models is switched off.
    """

    seed: int = Field(42, ge=0, le=2**32 - 1)
    report: ReportSettings = ReportSettings()
    data: DataSettings = DataSettings()
    models: Annotated[dict[str, list[ModelSetting]], Field(min_length=1)] = {
        CLASSICAL: list(CLASSIC),
        ADAPTIVE: list(CLASSIC),
    }
    training: TrainingSettings = TrainingSettings()
    tuning: TuningSettings = TuningSettings()
    new_songs: list[SongSettings] = []
    visqol_clips: int = Field(5, ge=1, le=100_000)
    publish_unlicensed: bool = False
    choice: ChoiceSettings = ChoiceSettings()
    tracking: TrackingSettings = TrackingSettings()
    limits: LimitSettings = LimitSettings()
    _source: SettingsFile = PrivateAttr(
        default_factory=lambda: SettingsFile(Path("study.toml"), {})
    )

    def _layered(self) -> set[int]:
        """Sizes of the models of layers."""
        families = self.architectures().items()
        return {size for family, sizes in families if family != ADAPTIVE for size in sizes}

    @property
    def tuning_size(self) -> int | None:
        """The latent size that the search for a learning rate tries rates on; None if no model
        has layers to try them on."""
        sizes = sorted(self._layered())
        if not sizes:
            return None
        return self.tuning.size or (self.size if self.size in sizes else sizes[len(sizes) // 2])

    @property
    def size(self) -> int:
        """The latent size that single figures show: report.size, else the study's own choice of
        18376, else the middle one."""
        sizes = sorted({size for family in self.architectures().values() for size in family})
        own = 18376 if 18376 in sizes else sizes[len(sizes) // 2]
        return self.report.size or own

    def architectures(self) -> dict[str, dict[int, Plan]]:
        """Every model to train: family, then latent size from the largest, then layers.

        Raises:
            ArchitectureError: a model does not fit the clips; never in a study that was read.
        """
        families: dict[str, dict[int, Plan]] = {}
        for family, models in self.models.items():
            plans = [self.plan(family, model) for model in models]
            if plans:
                largest_first = sorted(plans, key=lambda plan: -plan.latent)
                families[family] = {plan.latent: plan for plan in largest_first}
        return families

    def plan(self, family: str, model: int | LayerSettings) -> Plan:
        """The layers, or the plan, of one model as `models` states it.

        Raises:
            ArchitectureError: it does not fit the family or the clips; the message says what does.
        """
        samples = self.data.samples
        if family == ADAPTIVE:
            if isinstance(model, LayerSettings):
                raise ArchitectureError("the family adaptive has no layers; give its sizes")
            return AdaptivePlan(samples, model)
        if isinstance(model, LayerSettings):
            lists = {name: tuple(values) for name, values in model.model_dump().items()}
            return Architecture(samples, **lists)
        if family != CLASSICAL:
            raise ArchitectureError(
                f"only the families classic and adaptive know a model by its size ({model})"
                f"{nearest(family, (CLASSICAL, ADAPTIVE))}; in a family of your own give "
                "channels, kernels, strides and paddings"
            )
        architecture = classic(model)
        if samples != CLASSIC_SAMPLES:
            raise ArchitectureError(
                f"{model} is a size for clips of {CLASSIC_SAMPLES} samples (5 s at 22050 Hz) and "
                f"these have {samples}"
            )
        return architecture

    def settings_error(self, errors_found: list[SettingError]) -> StudyError:
        """Mistakes that are found after the settings were read, with their lines."""
        return self._source.as_error(errors_found)

    def set_source_file(self, source: SettingsFile) -> None:
        """Remember the file, for mistakes that are found later."""
        self._source = source
