"""The user's own words: templates that take the place of ours, chapters, bibliography, logo."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from report.errors import ReportError, nearest
from report.paths import TEMPLATES

if TYPE_CHECKING:
    from pipeline.settings.schema import Study

CHAPTERS = (
    "resumen", "introduccion", "codificar", "exploracion", "nuevas", "generar", "comparacion",
    "conclusiones", "referencias", "apendice",
)  # fmt: skip
"""The chapters of a report, each the name of a template, in their order."""


@dataclass(frozen=True)
class Customization:
    """What a study brings to its report; nothing of it is needed.

    `templates` is a folder whose files stand in for ours of the same name and may hold new
    chapters; `stated` is the study's [report] as it reads now, where results may tell an older.
    """

    templates: Path | None = None
    bibliography: Path | None = None
    logo: Path | None = None
    stated: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, study: "Study") -> "Customization":
        """What a study brings to its report."""
        said = study.report
        return cls(said.templates, said.bibliography, said.logo, said.model_dump(mode="json"))

    @property
    def folders(self) -> list[Path]:
        """Where templates are looked for, first come first served."""
        return [TEMPLATES] if self.templates is None else [self.templates, TEMPLATES]

    @property
    def files(self) -> list[Path]:
        """Every file of the user's that a report is made from.

        Raises:
            ReportError: one is missing.
        """
        files = [path for path in (self.bibliography, self.logo) if path is not None]
        for path in files:
            if not path.is_file():
                raise ReportError(f"{path}: no such file; see [report] in the study")
        if self.templates is not None:
            if not self.templates.is_dir():
                raise ReportError(f"{self.templates}: no such folder; see report.templates")
            files += sorted(path for path in self.templates.rglob("*") if path.is_file())
        return files

    def find(self, name: str) -> Path:
        """The file of that name, the user's before ours."""
        return next(folder / name for folder in self.folders if (folder / name).is_file())

    def chapters(self) -> list[str]:
        """The names of the report's chapters, in order.

        Raises:
            ReportError: one has no template; the nearest that has is told.
        """
        wanted = list(self.stated.get("chapters") or CHAPTERS)
        known = [*CHAPTERS, *(path.stem for path in (self.templates or TEMPLATES).glob("*.md"))]
        for name in wanted:
            if name not in known:
                raise ReportError(
                    f"report.chapters: no template {name}.md{nearest(name, dict.fromkeys(known))}"
                )
        return wanted
