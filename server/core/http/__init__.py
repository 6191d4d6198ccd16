"""HTTP for all features: declared routes, problem details, the CSRF defence, request ids, security headers, OpenAPI.

A handler parses, calls one use case, answers. A feature declares its routes on a `Routes` and hands it to the
application; from that one declaration come parsing, serialising, the OpenAPI document and the role matrix test.
"""

from .idempotency import Secrets
from .paging import Page, PageQuery
from .routing import Endpoint, Routes, Security, mount

__all__ = ["Endpoint", "Page", "PageQuery", "Routes", "Secrets", "Security", "mount"]
