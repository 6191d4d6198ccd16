"""Sessions of 摇一摇 for tests: people, processes whose clock is the test's, and what must hold whatever happened."""

from .hall import NONCE, Hall, Process, hall, people_of, process
from .holding import faults_of

__all__ = ["NONCE", "Hall", "Process", "faults_of", "hall", "people_of", "process"]
