"""Fan-out: one comment to many listeners, beside Node's socket.io and python-socketio as it comes.

The three servers tell the same JSON to the same load client (`load.c`); a server has the first core for itself, the load the
last. What is compared is deliveries per second of the server's own processor time, and delays at the listener.
"""

from .compare import run

__all__ = ["run"]
