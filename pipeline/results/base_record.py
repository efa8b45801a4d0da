"""The base of every part of results.json."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A part of results.json. Keys that a newer version adds are ignored on reading."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)
