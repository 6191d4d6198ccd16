"""Structured logs: one JSON object a line (or coloured lines on a terminal), with the request id of the request that caused it.

Never logged: secrets, tokens, mobile numbers, names, what people wrote. Log ids. JSON escapes CR, LF and ESC, so a hostile
value cannot forge a line; the terminal form escapes them too.
"""

import logging
import sys
from typing import TextIO

import structlog
from aiohttp.http_exceptions import HttpProcessingError
from structlog.dev import plain_traceback
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

# A traceback without the values of variables: among those would be passwords and names.
_TRACEBACKS = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False, max_frames=20))


def configure_logs(*, level: str = "INFO", json: bool | None = None, stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's loggers through one pipeline. `json=None`: JSON unless on a terminal."""
    out = stream if stream is not None else sys.stderr
    as_json = not out.isatty() if json is None else json
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: list[Processor] = (
        [_TRACEBACKS, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json
        else [_escape_controls, structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=plain_traceback)]
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("aioice", "aiortc", "aiosqlite", "alembic", "asyncio", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    server = logging.getLogger("aiohttp.server")
    if _without_request_bytes not in server.filters:
        server.addFilter(_without_request_bytes)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(root.level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,  # tests configure again, and a cached logger would keep the old stream
    )


def _without_request_bytes(record: logging.LogRecord) -> bool:
    """aiohttp logs the line it could not parse, which may be a cookie or a token, with a traceback that anybody can cause."""
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        record.exc_info = None
        record.msg, record.args = "bad_request", ()
        record.levelno, record.levelname = logging.INFO, "INFO"
    return True


def _escape_controls(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {
        key: value.encode("unicode_escape").decode() if isinstance(value, str) and not value.isprintable() else value
        for key, value in event.items()
    }
