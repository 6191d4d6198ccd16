"""Threads for what must not happen on the event loop: coding sound, and writing to a disk that may be slow.

They are kept apart, so that a hanging disk does not silence anyone. A stream never has two jobs in the same pool at once,
which keeps its order without locks.
"""

import os
from concurrent.futures import ThreadPoolExecutor


class MediaWorkers:
    """The pools of one process; `close` waits for what still runs."""

    def __init__(self) -> None:
        self.sound = ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2), thread_name_prefix="sound")
        self.disk = ThreadPoolExecutor(max_workers=8, thread_name_prefix="disk")

    def close(self) -> None:
        self.sound.shutdown(wait=True, cancel_futures=True)
        self.disk.shutdown(wait=True, cancel_futures=False)
