"""Migrations are tested on databases that are empty, and by Alembic itself."""

import pytest


@pytest.fixture
def quick_databases() -> None:
    """None here."""


@pytest.fixture
def postgres_url(empty_postgres_url: str) -> str:
    return empty_postgres_url
