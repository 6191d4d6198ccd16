"""The one error tree. Every refusal the outside sees is an AppError with a stable `code`.

AppError
├── Invalid          400  the request cannot be understood, or breaks a rule of its own
├── Unauthenticated  401  nobody is signed in, or a token is wrong
├── Forbidden        403  signed in, but not allowed (only where existence is no secret)
├── NotFound         404  missing, or none of the caller's business: both look alike
├── Conflict         409  the thing is in another state than the request needs
├── TooLarge         413
├── Unsupported      415  another media type is needed
├── Unprocessable    422  understood, and cannot be done
├── TooMany          429  slow down; carries `retry_after` in seconds
└── Unavailable      503  not now; carries `retry_after` in seconds

Three fates of an error: tell the user (AppError), close the peer (media), log and hide (everything else, as 500 with an id).
HTTP maps this tree to RFC 9457 problem details in `core.http.problems`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class AppError(Exception):
    """A refusal in words. `code` is stable and for programs, `detail` is Chinese and for people."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.extra: dict[str, Any] = dict(extra or {})
        self.headers: dict[str, str] = dict(headers or {})


class Invalid(AppError):
    status = 400
    title = "Bad request"


class Unauthenticated(AppError):
    status = 401
    title = "Not signed in"


class Forbidden(AppError):
    status = 403
    title = "Not allowed"


class NotFound(AppError):
    status = 404
    title = "Not found"

    def __init__(self, code: str = "not_found", detail: str = "没有找到，可能已被移除", **more: Any) -> None:
        super().__init__(code, detail, **more)


class Conflict(AppError):
    status = 409
    title = "Conflict"


class TooLarge(AppError):
    status = 413
    title = "Too large"


class Unsupported(AppError):
    status = 415
    title = "Unsupported media type"


class Unprocessable(AppError):
    status = 422
    title = "Cannot be done"


class _Later(AppError):
    """An error that says when to come back; `retry_after` is in whole seconds."""

    def __init__(self, code: str, detail: str = "", *, retry_after: int = 1, **more: Any) -> None:
        super().__init__(code, detail, **more)
        self.retry_after = retry_after
        self.headers.setdefault("Retry-After", str(retry_after))


class TooMany(_Later):
    status = 429
    title = "Too many requests"


class Unavailable(_Later):
    status = 503
    title = "Not available now"
