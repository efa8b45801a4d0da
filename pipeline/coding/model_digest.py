"""The id of a coding model, which a .latente file names; computed without torch."""

import hashlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

ID_BYTES = 8
"""Length of a model's id."""


def model_digest(tensors: Mapping[str, NDArray[np.generic]]) -> bytes:
    """`ID_BYTES` bytes of SHA-256 over the names and little-endian values of all tensors, in the
    order of the names."""
    digest = hashlib.sha256()
    for name, value in sorted(tensors.items()):
        digest.update(name.encode())
        digest.update(value.astype(value.dtype.newbyteorder("<")).tobytes())
    return digest.digest()[:ID_BYTES]
