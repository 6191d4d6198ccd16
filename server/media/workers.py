"""Threads for what must not happen on the event loop: coding sound, using a disk that may be slow, making MP4 files.

They are kept apart, so that a hanging disk does not silence anyone and a long job delays no segment. A stream never has two
jobs in the same pool at once, which keeps its order without locks.
"""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor


class MediaWorkers:
    """The pools of one process; `close` waits for what still runs."""

    def __init__(self) -> None:
        self.sound = ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2), thread_name_prefix="sound")
        self.disk = ThreadPoolExecutor(max_workers=8, thread_name_prefix="disk")
        self.remux = ThreadPoolExecutor(max_workers=1, thread_name_prefix="remux", initializer=_be_nice)

    def close(self) -> None:
        self.sound.shutdown(wait=True, cancel_futures=True)
        self.disk.shutdown(wait=True, cancel_futures=False)
        self.remux.shutdown(wait=True, cancel_futures=True)


def _be_nice() -> None:
    """Lower this thread's own priority: on Linux each thread has one."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
