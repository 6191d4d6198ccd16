import io
import json
import logging

import pytest
import structlog
from aiohttp.http_exceptions import BadHttpMessage

from server.core.logs import configure_logs


def crash(password: str) -> None:
    raise ValueError(f"a password of {len(password)} characters")


@pytest.mark.usefixtures("restored_logs")
@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_tells_where_and_never_the_values_of_variables(as_json: bool) -> None:
    out = io.StringIO()
    configure_logs(stream=out, json=as_json)
    secret = "-".join(("canary", "secret"))  # the source line is shown, and may be
    try:
        crash(secret)
    except ValueError:
        structlog.get_logger("t").exception("crashed")
    text = out.getvalue()
    assert "crash" in text
    assert "ValueError" in text
    assert secret not in text


@pytest.mark.usefixtures("restored_logs")
def test_a_hostile_value_cannot_forge_a_line() -> None:
    out = io.StringIO()
    configure_logs(stream=out, json=True)
    structlog.get_logger("t").info("seen", value='x\r\n{"event": "forged"}\x1b[31m')
    configure_logs(stream=out, json=False)
    structlog.get_logger("t").info("seen", value="x\r\nforged\x1b[31m")
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    assert json.loads(lines[0])["event"] == "seen"
    assert "\x1b[31m" not in out.getvalue()


@pytest.mark.usefixtures("restored_logs")
def test_the_libraries_go_through_the_same_pipeline() -> None:
    out = io.StringIO()
    configure_logs(stream=out, json=True)
    logging.getLogger("some.library").warning("from %s", "elsewhere")
    line = json.loads(out.getvalue())
    assert (line["event"], line["level"], line["logger"]) == ("from elsewhere", "warning", "some.library")


@pytest.mark.usefixtures("restored_logs")
def test_what_could_not_be_parsed_of_a_request_is_not_repeated() -> None:
    out = io.StringIO()
    configure_logs(stream=out, json=True)
    try:
        raise BadHttpMessage("Invalid header value: b'Cookie: canary'")
    except BadHttpMessage:
        logging.getLogger("aiohttp.server").exception("Error handling request from %s", "192.0.2.1")
    line = json.loads(out.getvalue())
    assert (line["event"], line["level"]) == ("bad_request", "info")
    assert "canary" not in out.getvalue()
