from tests.integration.questions.conftest import site

__all__ = ["site"]
