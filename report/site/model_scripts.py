"""The trained models as scripts that the laboratory loads when a visitor asks for one."""

import base64
import json
import shutil
from pathlib import Path

from report.networks import Model
from report.results import Results
from report.site.sound_files import call


def write(results: Results, site: Path) -> list[Model]:
    """Write `modelos/FAMILY.SIZE.js` for each model with a file; the models that have one.

    A script holds what the results folder has (see `model_file.py`): the architecture
    as an object, and the safetensors file as base64. Both files lie beside it, to be taken home.
    """
    found = [model for model in results.models if model.file is not None]
    for model in found:
        path = results.folder / str(model.file)
        architecture = json.loads(path.with_name(f"{path.name}.json").read_text("utf-8"))
        weights = path.with_name(f"{path.name}.safetensors").read_bytes()
        data = base64.b64encode(weights).decode("ascii")
        call(site / "modelos" / f"{model.version}.js", model.version, architecture, data)
        for ending in ("json", "safetensors"):
            shutil.copyfile(f"{path}.{ending}", site / "modelos" / f"{model.version}.{ending}")
    return found
