"""Which kind of device computes, asked of the driver and not of torch, whose import is slow."""

import ctypes


def kind() -> str:
    """ "cuda" where the NVIDIA driver answers with a device, else "cpu"."""
    count = ctypes.c_int(0)
    for library in ("libcuda.so.1", "nvcuda.dll"):
        try:
            driver = ctypes.CDLL(library)
        except OSError:
            continue
        if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0:
            return "cuda" if count.value else "cpu"
    return "cpu"
