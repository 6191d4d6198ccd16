"""A server program of our own: in a temporary folder, on a loopback port, stopped and started as a test likes."""

import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.support.serving import free_port


@dataclass
class Program(ABC):
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[Self]:
        folder.mkdir(exist_ok=True)
        program = cls(folder, free_port())
        program.start()
        try:
            yield program
        finally:
            program.kill()

    @property
    @abstractmethod
    def _words(self) -> list[str]:
        """The command."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether it can be used."""

    @property
    def _output(self) -> Path:
        return self.folder / "program.log"

    @property
    def log(self) -> str:
        return self._output.read_text(errors="replace")

    def start(self) -> None:
        with self._output.open("ab") as output:
            self.process = subprocess.Popen(self._words, stdout=output, stderr=subprocess.STDOUT, cwd=self.folder)
        deadline = time.monotonic() + 10
        while not self._answers():
            assert self.process.poll() is None, self.log
            assert time.monotonic() < deadline, f"{self._words[0]} does not come up"
            time.sleep(0.02)

    def freeze(self) -> None:
        """It holds its connections open and answers nothing, as a machine does that has lost its network."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As a machine goes whose power is cut: nobody is told. Frozen or not; its connections end."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(10)
            self.process = None
