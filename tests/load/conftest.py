"""What tests of the WHIP endpoint have, for loads that would disturb the tests beside them."""

from tests.integration.media.whip.conftest import house, make_house, make_publisher

__all__ = ["house", "make_house", "make_publisher"]
