"""For operators and programs."""

from .row import Row, Rows, everyone

ROWS: Rows = {
    ("GET", "/healthz"): Row(everyone(200)),
    ("GET", "/readyz"): Row(everyone(200)),
    ("GET", "/metrics"): Row(everyone(404)),  # these came through a proxy; from this machine see test_http.py
    ("GET", "/api/openapi.json"): Row(everyone(200)),
    ("GET", "/api/docs"): Row(everyone(200)),
}
