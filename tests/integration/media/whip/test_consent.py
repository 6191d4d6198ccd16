"""A publisher that has stopped to answer ICE's checks: its media keeps it, the lack of it ends it."""

from collections.abc import Callable

from server.media import PublishingEvent
from server.media.ingest.consent import MISSES, Consent
from server.media.ingest.hooks import connection_of
from tests.integration.media.whip.conftest import House, MakeHouse
from tests.support.publishing import Publisher
from tests.support.wait import until

MakePublisher = Callable[..., Publisher]
INTERVAL = 0.25  # seconds instead of five


async def on_air(house: House, publisher: Publisher) -> Consent:
    answer = await publisher.publish(house.client, house.stream, "good")
    assert answer.status == 201, await answer.text()
    await until(house.flows, what="the first picture")
    session = house.service.open(house.stream).session
    assert session is not None
    assert session.consent is not None
    return session.consent


def fall_deaf(publisher: Publisher) -> None:
    """Answer no check any more, as FFmpeg's muxer does once its media flows."""
    connection = connection_of(publisher.peer.getTransceivers()[0].sender.transport.transport)
    connection.request_received = lambda message, addr, protocol: None  # type: ignore[method-assign]


async def test_media_goes_on_when_checks_are_not_answered(make_house: MakeHouse, make_publisher: MakePublisher) -> None:
    house = await make_house(consent_interval=INTERVAL)
    publisher = make_publisher()
    consent = await on_air(house, publisher)
    fall_deaf(publisher)
    await until(lambda: consent.unanswered > MISSES + 2, timeout=30, what="more checks unanswered than an end takes")
    seen = len(house.output().pictures)
    await until(lambda: len(house.output().pictures) > seen + 10, what="pictures")
    assert house.door.heard(house.stream) == [PublishingEvent.STARTED]
    assert house.output().pauses == 0


async def test_whip_13_a_peer_that_neither_answers_nor_sends_is_ended(
    make_house: MakeHouse, make_publisher: MakePublisher
) -> None:
    house = await make_house(consent_interval=INTERVAL)
    publisher = make_publisher()
    await on_air(house, publisher)
    fall_deaf(publisher)
    publisher.mute(True)
    await until(lambda: house.status().publisher_id is None, timeout=30, what="the end of the session")
    await until(lambda: publisher.peer.connectionState == "closed", what="the publisher's notice of it")


async def test_answers_alone_keep_a_session_for_a_while_only(make_house: MakeHouse, make_publisher: MakePublisher) -> None:
    house = await make_house(silent_after=0.5, gone_after=1.5)
    publisher = make_publisher()
    await on_air(house, publisher)
    publisher.mute(True)
    await until(lambda: house.door.heard(house.stream)[1:] == [PublishingEvent.LOST], what="the loss")
    await until(lambda: house.status().publisher_id is None, what="the end of the session")
