"""Python's cyclic collector, in a process that serves thousands of connections."""

import gc


def settle() -> None:
    """To be called once everything is loaded, which then stays: the collector need not go through it again, nor look at every
    seven hundred new objects. With thousands of connections its pauses are what the slowest listeners wait for: what is young
    is gone through in many short ones (fifty thousand objects, 20 ms), everything as seldom as it may be."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 5, 80)
