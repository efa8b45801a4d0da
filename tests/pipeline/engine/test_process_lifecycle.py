"""A process that starts workers handles its signals once they have started."""

import os
import signal
import threading
import time

import pytest

from pipeline.engine.process_lifecycle import block_sigint


class _Stopped(Exception):
    pass


def _stop(number: int, frame: object) -> None:
    raise _Stopped(number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_handled_after_the_block_even_if_another_thread_gets_it(
    number: signal.Signals,
) -> None:
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    before = signal.signal(number, _stop)
    whole = []

    def start() -> None:
        with block_sigint():
            os.kill(os.getpid(), number)
            time.sleep(0.05)
            whole.append(True)

    try:
        with pytest.raises(_Stopped):
            start()
        assert whole
        assert signal.getsignal(number) is _stop
    finally:
        signal.signal(number, before)
        ended.set()
        thread.join()
