"""Files that must survive a crash: written beside their name, synced, renamed, and the folder synced after."""

import os
import threading
from pathlib import Path


def write_atomically(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replace `path` with `data`, or leave it untouched. Blocking: call it off the loop for anything large."""
    part = path.with_name(f".{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_once(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Make `path` with `data` unless it is there. Of several who try at once one wins, and nobody ever sees a part."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    write_atomically(part, data, mode=mode)
    try:
        path.hardlink_to(part)
    except FileExistsError:
        return
    finally:
        part.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename or a new name in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
