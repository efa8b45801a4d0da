"""The settings of a study: read from TOML, checked, with errors that name the line to mend."""

import datetime
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    model_validator,
)

from pipeline.adaptive.plan import AdaptivePlan
from pipeline.architecture import CLASSIC, CLASSIC_SAMPLES, Architecture, ArchitectureError, classic
from pipeline.mistakes import At, Keys, explain


class StudyError(Exception):
    """A mistake of the user's, told in one line each: what, where, how to mend."""


class Settings(BaseModel):
    """A table of study.toml: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ReportSettings(Settings):
    """What the reader sees first; whatever is absent the templates say in their own words.

    `templates` is a folder whose files stand in for the project's of the same name, and may hold
    chapters of the user's own; `chapters` names the chapters of the report, in order.
    """

    title: str | None = None
    subtitle: str | None = None
    authors: list[str] = []
    institution: str | None = None
    logo: Path | None = None
    date: datetime.date | None = None
    templates: Path | None = None
    chapters: Annotated[list[str], Field(min_length=1)] | None = None
    bibliography: Path | None = None
    site: str | None = Field(None, pattern=r"^https?://[^\s]+$")
    song: str | None = None
    size: int | None = None
    genre: str | None = None


class DataSettings(Settings):
    """Where the music comes from and how it is cut and split."""

    path: Path | None = None
    licence: str | None = Field(None, min_length=1)
    demo_clips: int = Field(24, ge=1, le=10_000)
    clips_per_file: int = Field(1, ge=1, le=10_000)
    seconds: float = Field(5.0, gt=0, le=600)
    sampling_rate: int = Field(22_050, ge=1_000, le=192_000)
    validation: float = Field(0.1, gt=0, lt=0.5)
    test: float = Field(0.1, gt=0, lt=0.5)

    @property
    def samples(self) -> int:
        """Length of a clip, in samples."""
        return round(self.seconds * self.sampling_rate)


class AdaptiveSettings(Settings):
    """How the models of the family adaptive are trained."""

    learning_rate: float = Field(0.006, gt=0, le=1)
    epochs: int = Field(5, ge=1, le=100_000)
    batch: int = Field(4, ge=1, le=10_000)


class TrainingSettings(Settings):
    """How models of layers are trained, the study's way; those of the family adaptive have
    settings of their own."""

    learning_rate: float = Field(0.02, gt=0, le=1)
    epochs: int = Field(40, ge=1, le=100_000)
    batch: int = Field(20, ge=1, le=10_000)
    adaptive: AdaptiveSettings = AdaptiveSettings()


class SongSettings(Settings):
    """A new song: a file outside the data set, and what the report calls it."""

    file: Path
    name: str | None = None
    genre: str | None = None
    start: float | None = Field(None, ge=0)
    licence: str | None = Field(None, min_length=1)


class TuningSettings(Settings):
    """The learning-rate search; no trials, no search. `use` trains with the rate it found."""

    trials: int = Field(8, ge=0, le=1000)
    epochs: int = Field(5, ge=1, le=1000)
    size: int | None = None
    low: float = Field(0.001, gt=0)
    high: float = Field(0.1, gt=0)
    use: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low >= self.high:
            raise At(("tuning", "low"), f"{self.low:g} is not below tuning.high ({self.high:g})")
        if self.use and not self.trials:
            raise At(("tuning", "use"), "a rate cannot be used that no trial looks for")
        return self


class ChoiceSettings(Settings):
    """When a latent size counts as acceptable: its mean SNR (dB) at least, and its mean log-mel
    distance (log10) at most, these. A `size` overrules the rule and needs a `reason`."""

    snr: float = 6.0
    log_mel: float = Field(0.5, gt=0)
    size: int | None = None
    reason: str | None = None

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if (self.size is None) != (self.reason is None):
            raise At(("choice",), "size and reason go together: a choice needs its reason")
        return self


class TrackingSettings(Settings):
    """Where each training is logged besides the results; see `pipeline.tracking`."""

    wandb: Literal["off", "offline", "online"] = "off"


class LayerSettings(Settings):
    """An architecture of the user's own: one value a layer in each list."""

    channels: list[int]
    kernels: list[int]
    strides: list[int]
    paddings: list[int]


def _kind(model: object) -> str:
    return "size" if isinstance(model, int) else "layers"


Model = Annotated[
    Annotated[int, Tag("size")] | Annotated[LayerSettings, Tag("layers")], Discriminator(_kind)
]
Plan = Architecture | AdaptivePlan
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

    seed: int = Field(42, ge=0, lt=2**32)
    report: ReportSettings = ReportSettings()
    data: DataSettings = DataSettings()
    models: Annotated[dict[str, list[Model]], Field(min_length=1)] = {
        "classic": list(CLASSIC),
        ADAPTIVE: list(CLASSIC),
    }
    training: TrainingSettings = TrainingSettings()
    tuning: TuningSettings = TuningSettings()
    new_songs: list[SongSettings] = []
    visqol_clips: int = Field(5, ge=1, le=100_000)
    publish_unlicensed: bool = False
    choice: ChoiceSettings = ChoiceSettings()
    tracking: TrackingSettings = TrackingSettings()

    @model_validator(mode="after")
    def _models_fit(self) -> Self:
        sizes = {size for family in self.architectures().values() for size in family}
        if not sizes:
            raise At(("models",), "every family is switched off; a study needs one model")
        for table in ("report", "tuning", "choice"):
            allowed = self._layered() if table == "tuning" else sizes
            size = getattr(self, table).size
            if size is not None and size not in allowed:
                stated = ", ".join(map(str, sorted(allowed, reverse=True))) or "none has layers"
                raise At((table, "size"), f"{size} is the size of no such model ({stated})")
        return self

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
            ValueError: a model does not fit the clips, or a size stands twice in a family.
        """
        families: dict[str, dict[int, Plan]] = {}
        for family, models in self.models.items():
            if not re.fullmatch(r"[a-z][a-z0-9_]*", family) or family in RESERVED:
                raise At(
                    ("models", family),
                    f'"{family}" cannot name a family: lower-case letters, digits and _, '
                    f"and none of {', '.join(sorted(RESERVED))}",
                )
            sizes: dict[int, Plan] = {}
            for index, model in enumerate(models):
                try:
                    architecture = self._architecture(family, model)
                except ArchitectureError as error:
                    raise At(("models", family, index), str(error)) from None
                if architecture.latent in sizes:
                    raise At(
                        ("models", family, index),
                        f"two models of this family have {architecture.latent} numbers",
                    )
                sizes[architecture.latent] = architecture
            if sizes:
                families[family] = dict(sorted(sizes.items(), reverse=True))
        return families

    def _architecture(self, family: str, model: int | LayerSettings) -> Plan:
        samples = self.data.samples
        if family == ADAPTIVE:
            if isinstance(model, LayerSettings):
                raise ArchitectureError("the family adaptive has no layers; give its sizes")
            return AdaptivePlan(samples, model)
        if isinstance(model, LayerSettings):
            lists = {name: tuple(values) for name, values in model.model_dump().items()}
            return Architecture(samples, **lists)
        if family != "classic":
            raise ArchitectureError(
                f"only the families classic and adaptive know a model by its size ({model}); "
                "give channels, kernels, strides and paddings"
            )
        architecture = classic(model)
        if samples != CLASSIC_SAMPLES:
            raise ArchitectureError(
                f"{model} is a latent size for clips of {CLASSIC_SAMPLES} samples "
                f"(5 s at 22050 Hz) and these have {samples}; write layers of your own"
            )
        return architecture


def read(path: Path) -> Study:
    """Read and check `study.toml`; relative paths in it are relative to its folder.

    Raises:
        StudyError: the file is missing, is not TOML, or has wrong settings: all of them are
            told, a line each, with the line of the file to mend.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise StudyError(f"{path}: no such file; name the study's TOML file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise StudyError(f"{path}: cannot be read ({error})") from None
    try:
        settings = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{path}: not valid TOML: {error}") from None
    try:
        study = Study.model_validate(settings)
    except ValidationError as error:
        raise StudyError(
            "\n".join(explain(path, text, _names, detail) for detail in error.errors())
        ) from None
    if study.data.path is not None:
        folder = (path.parent / study.data.path.expanduser()).resolve()
        study = study.model_copy(update={"data": study.data.model_copy(update={"path": folder})})
    songs = [
        song.model_copy(update={"file": (path.parent / song.file.expanduser()).resolve()})
        for song in study.new_songs
    ]
    places = {
        name: (path.parent / stated.expanduser()).resolve()
        for name in ("logo", "templates", "bibliography")
        if (stated := getattr(study.report, name)) is not None
    }
    report = study.report.model_copy(update=places)
    return study.model_copy(update={"new_songs": songs, "report": report})


def _names(keys: Keys) -> list[str]:
    """The settings allowed in the table that `keys` leads to."""
    model: Any = Study
    for key in keys:
        if key == "models":
            return list(LayerSettings.model_fields)
        model = model.model_fields[key].annotation
    return list(model.model_fields)
