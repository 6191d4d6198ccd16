from collections.abc import Callable

from tests.support.publishing import Publisher
from tests.support.wait import until

from tests.integration.media.whip.conftest import House


async def test_a_publisher_is_heard_and_seen(house: House, make_publisher: Callable[..., Publisher]) -> None:
    answer = await make_publisher().publish(house.client, house.stream, "good")
    assert answer.status == 201
    await until(lambda: house.flows() and len(house.output().pictures) > 30 and len(house.output().sounds) > 50)
    output = house.output()
    assert output.pictures[0].key
