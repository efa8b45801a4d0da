"""The user's customization of a report: templates, chapters, bibliography and logo."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from report.errors import ReportError, nearest
from report.paths import TEMPLATES

if TYPE_CHECKING:
    from pipeline.settings.schema import Study

CHAPTERS = (
    "resumen", "introduccion", "codificar", "comparacion", "exploracion", "nuevas", "generar",
    "bits", "conclusiones", "referencias", "apendice",
)  # fmt: skip
"""Default chapters in order, each the name of a template."""

PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp")
"""Endings of the pictures that both browsers and Typst can show."""

TEXTS = (".md", ".toml", ".typ", ".html", ".bib", ".csl")
"""Endings of the text files that a report is made from."""


def _check_encoding(path: Path) -> None:
    """Raise ReportError if a text file is not UTF-8."""
    content = path.read_bytes()
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ReportError(
            f"{path}:{line}: not UTF-8 (byte 0x{content[error.start]:02X}); save the file as UTF-8"
        ) from None


@dataclass(frozen=True)
class Customization:
    """A study's `[report]` settings; all are optional.

    `templates` is a folder whose files replace ours of the same name, and may add chapters.
    `report_settings` is the current `[report]` table, which overrides the one in the results.
    """

    templates: Path | None = None
    bibliography: Path | None = None
    logo: Path | None = None
    report_settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_study(cls, study: "Study") -> "Customization":
        """Return the customization of a study."""
        report = study.report
        settings = report.model_dump(mode="json")
        for name in ("logo", "templates", "bibliography"):  # without their local path
            settings[name] = None if settings[name] is None else Path(settings[name]).name
        return cls(report.templates, report.bibliography, report.logo, settings)

    @property
    def folders(self) -> list[Path]:
        """Template folders, by precedence."""
        return [TEMPLATES] if self.templates is None else [self.templates, TEMPLATES]

    @property
    def files(self) -> list[Path]:
        """Every file of the user's that the report depends on.

        Raises:
            ReportError: one is missing or is text in another encoding than UTF-8, or a template is
                a link to somewhere else.
        """
        files = [path for path in (self.bibliography, self.logo) if path is not None]
        for path in files:
            if not path.is_file():
                raise ReportError(f"{path}: no such file; see [report] in the study")
        if self.templates is not None:
            if not self.templates.is_dir():
                raise ReportError(f"{self.templates}: no such folder; see report.templates")
            inside = self.templates.resolve()
            for path in sorted(self.templates.rglob("*")):
                if not path.resolve().is_relative_to(inside):
                    raise ReportError(
                        f"{path}: a link out of the folder of templates; copy the file into it"
                    )
                if path.is_file():
                    files.append(path)
        for path in files:
            if path.suffix.lower() in TEXTS:
                _check_encoding(path)
        return files

    @property
    def bibliographies(self) -> list[Path]:
        """BibTeX files: the project's own, and the user's if there is one."""
        own = [self.bibliography] if self.bibliography else []
        return [self.find("referencias.bib"), *own]

    @property
    def pictures(self) -> list[str]:
        """Pictures beside the user's chapters, by their path in the folder of templates."""
        if self.templates is None:
            return []
        return sorted(
            path.relative_to(self.templates).as_posix()
            for path in self.templates.rglob("*")
            if path.suffix.lower() in PICTURES
        )

    def find(self, name: str) -> Path:
        """Return the template file with this name, the user's if there is one."""
        return next(folder / name for folder in self.folders if (folder / name).is_file())

    def chapters(self) -> list[str]:
        """Return the names of the report's chapters, in order and each once.

        Raises:
            ReportError: a chapter has no template; the message suggests the nearest name.
        """
        wanted = list(dict.fromkeys(self.report_settings.get("chapters") or CHAPTERS))
        known = [*CHAPTERS, *(path.stem for path in (self.templates or TEMPLATES).glob("*.md"))]
        for name in wanted:
            if name not in known:
                raise ReportError(
                    f"report.chapters: no template {name}.md{nearest(name, dict.fromkeys(known))}"
                )
        return wanted
