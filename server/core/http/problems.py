"""RFC 9457 problem details: the one place where errors become HTTP.

`type` is `about:blank`; `code` is stable and for programs, `detail` is Chinese and for people. What is not an AppError is
logged with its traceback and answered as a bare 500 that carries the request id and nothing else.
"""

import json
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import web

from ..errors import AppError

log = structlog.get_logger(__name__)

_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    417: "expectation_failed",
    500: "internal",
}
_DETAILS = {
    400: "请求格式有误",
    404: "没有找到这个地址",
    405: "这个地址不支持该操作",
    413: "请求内容过大",
    417: "不支持请求中的 Expect 要求",
    500: "服务器出了问题，请稍后再试",
}


def problem(error: AppError, request_id: str) -> web.Response:
    """The answer for a refusal."""
    return _response(error.status, error.title, error.code, error.detail, request_id, error.extra, error.headers)


def problem_from_aiohttp(error: web.HTTPException, request_id: str) -> web.StreamResponse:
    """aiohttp's own refusals (unknown path, wrong method) in the same form; redirects pass as they are."""
    if error.status < 400:
        return error
    allowed = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return problem_from_status(error.status, request_id, allowed)


def problem_from_status(status: int, request_id: str, headers: dict[str, str] | None = None) -> web.Response:
    """A refusal of which nothing but the status is known."""
    title = HTTPStatus(status).phrase
    code = _CODES.get(status, "http_error")
    return _response(status, title, code, _DETAILS.get(status, title), request_id, {}, headers or {})


def problem_from_crash(error: Exception, request_id: str) -> web.Response:
    log.error("request_crashed", exc_info=error)
    return problem_from_status(500, request_id)


def _response(
    status: int, title: str, code: str, detail: str, request_id: str, extra: dict[str, Any], headers: dict[str, str]
) -> web.Response:
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    body |= extra | {"request_id": request_id}
    return web.Response(
        status=status,
        headers=headers,
        body=json.dumps(body, ensure_ascii=False).encode(),
        content_type="application/problem+json",
    )
