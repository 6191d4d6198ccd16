"""Hongbo 红播: live broadcasts of a Party committee's activities, and what members do around them."""

__version__ = "0.1.0"
