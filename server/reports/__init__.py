"""The report of a broadcast: what happened in its room, in figures, minute by minute, on screen and as a file."""

from .routes import REPORTS, report_routes
from .service import ReportService

__all__ = ["REPORTS", "ReportService", "report_routes"]
