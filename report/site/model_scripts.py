"""Writes the trained models as scripts, loaded on demand by the site's laboratory."""

import json
import shutil
from importlib.resources import files
from pathlib import Path

from safetensors import safe_open

from pipeline.results.model_schema import Model
from report.queries.results import Results
from report.site.sound_files import write_data_script

DEFAULT_CODING_MODEL = Path(str(files("pipeline") / "coding" / "default_model.safetensors"))


def write(results: Results, site: Path) -> list[Model]:
    """Write `modelos/FAMILY.SIZE.js` for each model that has a file; return those models.

    A script contains the two files of the results folder (see `pipeline/models/model_file.py`):
    the architecture as an object and the safetensors file. Both files are also copied,
    for download.
    """
    saved = [model for model in results.models if model.file is not None]
    for model in saved:
        path = results.folder / str(model.file)
        architecture = json.loads(path.with_name(f"{path.name}.json").read_text("utf-8"))
        weights = path.with_name(f"{path.name}.safetensors").read_bytes()
        write_data_script(
            site / "modelos" / f"{model.version}.js", model.version, architecture, weights
        )
        for suffix in ("json", "safetensors"):
            shutil.copyfile(f"{path}.{suffix}", site / "modelos" / f"{model.version}.{suffix}")
    return saved


def write_coding_models(results: Results, site: Path) -> list[str]:
    """Write `modelos/coding.ID.js`, a safetensors file, and the file itself, for the
    study's coding model, if it has one, and the package's own; return their ids in this order."""
    ids = []
    for path in (results.folder / "models" / "coding.safetensors", DEFAULT_CODING_MODEL):
        if path.exists():
            with safe_open(path, "numpy") as model:
                name = model.metadata()["id"]
            script = site / "modelos" / f"coding.{name}.js"
            write_data_script(script, f"coding.{name}", path.read_bytes())
            shutil.copyfile(path, site / "modelos" / f"coding.{name}.safetensors")
            ids.append(name)
    return list(dict.fromkeys(ids))
