"""A process that has all modules loaded and forks for every program that a test starts (see `forked`).

Loading takes longer than what most of them do. The forked process goes on as `python -m` would have begun: its own arguments,
environment and files, no thread, none of the loaded state ever used. Its keeper, forked before it, waits for it and tells its
exit status; so this one needs to know nobody, and ends with the test's process, whose end of the socket then closes.
"""

import gc
import json
import os
import runpy
import signal
import socket
import sys
from typing import Any

_MESSAGE = 1 << 18


def serve(door: socket.socket) -> dict[str, Any] | None:
    """Fork for every order. Gives the order in the process that is to carry it out, and None when there are no more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers have nothing to tell
    while True:
        message, files, _, _ = socket.recv_fds(door, _MESSAGE, 3)
        if not message:
            return None
        if os.fork() == 0:
            _keep(door, *files)
            order: dict[str, Any] = json.loads(message)
            return order
        for file in files:
            os.close(file)


def _keep(door: socket.socket, out: int, err: int, status: int) -> None:
    """Return in the program's own process; its keeper stays here."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    program = os.fork()
    if program:
        os.close(out)
        os.close(err)
        door.send(str(program).encode())
        door.close()
        _, ended = os.waitpid(program, 0)
        os.write(status, str(os.waitstatus_to_exitcode(ended)).encode())
        os._exit(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    door.detach()  # was 0
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))


def main() -> None:
    gc.disable()
    __import__("server.cli")
    gc.freeze()
    order = serve(socket.socket(fileno=0))
    if order is not None:
        gc.enable()
        os.environ.clear()
        os.environ.update(order["environment"])
        sys.argv[1:] = order["arguments"]
        runpy.run_module(order["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
