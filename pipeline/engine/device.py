"""Detect the GPU through the NVIDIA driver, without the slow import of torch."""

import ctypes


def device_type() -> str:
    """Return "cuda" if the NVIDIA driver finds a device, else "cpu"."""
    return "cpu" if _driver() is None else "cuda"


def gpu_memory() -> int:
    """Return the memory of the first GPU in bytes; 0 without a GPU."""
    driver, size, device = _driver(), ctypes.c_size_t(0), ctypes.c_int(0)
    if driver is None or driver.cuDeviceGet(ctypes.byref(device), 0) != 0:
        return 0
    return size.value if driver.cuDeviceTotalMem_v2(ctypes.byref(size), device) == 0 else 0


def _driver() -> ctypes.CDLL | None:
    """The NVIDIA driver, if it finds a device."""
    count = ctypes.c_int(0)
    for library in ("libcuda.so.1", "nvcuda.dll"):
        try:
            driver = ctypes.CDLL(library)
        except OSError:
            continue
        if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0:
            return driver if count.value else None
    return None
