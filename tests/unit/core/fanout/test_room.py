"""A flush tells everybody what is new, waits for nobody, and is not confused by those who come and go meanwhile."""

from server.core.fanout.ring import Ring
from server.core.fanout.room import LEVEL, MOST_AT_ONCE, Room
from server.core.sockets.session import SOFT
from tests.support.listener import Listener


def room_of(*listeners: Listener, ring: int = 4096) -> Room:
    room = Room("broadcast:x", "e1", Ring(0, most=ring))
    for each in listeners:
        each.connection.channels.add(room.channel)
        room.join(each.connection, 0)
    return room


def put(room: Room, count: int) -> None:
    first = room.ring.head + 1
    room.ring.append([b'{"offset":%d}' % offset for offset in range(first, first + count)])


def flush(room: Room) -> None:
    for _ in room.flush():
        pass


async def test_everybody_is_told_once_and_in_order() -> None:
    listeners = [Listener() for _ in range(3)]
    room = room_of(*listeners)
    for count in (1, 5, 2):
        put(room, count)
        flush(room)
        flush(room)  # nothing new
    for each in listeners:
        assert each.offsets() == list(range(1, 9))
        assert {payload["epoch"] for _, payload in each.told()} == {"e1"}
    assert not room.behind


async def test_all_who_stand_alike_get_the_very_same_bytes() -> None:
    one, two, late = Listener(), Listener(), Listener()
    room = room_of(one, two)
    put(room, 2)
    room.join(late.connection, 1)
    flush(room)
    assert one.pipe.written[0] is two.pipe.written[0]
    assert late.offsets() == [2]


async def test_the_slow_one_is_left_out_and_catches_up_later() -> None:
    quick, slow = Listener(), Listener()
    room = room_of(quick, slow)
    slow.pipe.stuck = SOFT
    put(room, 3)
    flush(room)
    assert (quick.offsets(), slow.offsets()) == ([1, 2, 3], [])
    assert room.behind
    slow.pipe.stuck = SOFT - 1
    put(room, 1)
    flush(room)
    assert quick.offsets() == slow.offsets() == [1, 2, 3, 4]
    assert not room.behind


async def test_whoever_has_fallen_out_of_the_ring_is_told_to_subscribe_again_and_nothing_more() -> None:
    quick, slow = Listener(), Listener()
    room = room_of(quick, slow, ring=4)
    slow.pipe.stuck = SOFT
    for _ in range(3):
        put(room, 3)
        flush(room)
    slow.pipe.stuck = 0
    flush(room)
    put(room, 1)
    flush(room)
    assert slow.told() == [("resync", {"channel": "broadcast:x"})]
    assert slow.connection not in room
    assert room.channel not in slow.connection.channels
    assert quick.offsets() == list(range(1, 11))


async def test_much_at_once_comes_in_several_messages() -> None:
    listener = Listener()
    room = room_of(listener)
    put(room, 2 * MOST_AT_ONCE + 1)
    for more in (True, True, False):
        flush(room)
        assert room.behind is more
    assert listener.offsets() == list(range(1, 2 * MOST_AT_ONCE + 2))
    assert len(listener.told()) == 3


async def test_who_leaves_while_a_flush_is_under_way_is_told_nothing_and_hurts_nobody() -> None:
    """Also one that had fallen out of the ring: the flush would take it out a second time."""
    listeners = [Listener() for _ in range(1100)]
    room = room_of(*listeners, ring=2)
    put(room, 5)
    for each in listeners[:512]:
        room.join(each.connection, 4)
    flushing = room.flush()
    next(flushing)
    for each in listeners[600:]:
        room.leave(each.connection)
    assert sum(1 for _ in flushing) >= 1
    assert all(each.offsets() == [5] for each in listeners[:512])
    assert all(each.resyncs() == 1 for each in listeners[512:600])
    assert all(not each.told() for each in listeners[600:])


async def test_who_joins_anew_while_a_flush_is_under_way_is_told_from_the_new_position() -> None:
    listeners = [Listener() for _ in range(520)]
    room = room_of(*listeners)
    put(room, 3)
    flushing = room.flush()
    next(flushing)
    room.join(listeners[-1].connection, 2)
    for _ in flushing:
        pass
    flush(room)
    assert listeners[-1].offsets() == [3]
    assert listeners[-2].offsets() == [1, 2, 3]


async def test_two_flushes_at_once_tell_nobody_twice() -> None:
    listeners = [Listener() for _ in range(1100)]
    room = room_of(*listeners)
    put(room, 2)
    first = room.flush()
    next(first)
    put(room, 1)
    flush(room)
    for _ in first:
        pass
    flush(room)
    assert all(each.offsets() == [1, 2, 3] for each in listeners)


async def test_who_has_ended_is_passed_over() -> None:
    listener, other = Listener(), Listener()
    room = room_of(listener, other)
    listener.session.cut("transport close")
    put(room, 1)
    flush(room)
    assert listener.offsets() == []
    assert other.offsets() == [1]


async def test_only_the_latest_signals_are_told_and_only_once() -> None:
    listener = Listener()
    room = room_of(listener)
    room.signal({"viewers": 1, "reactions": {"heart": 3}})
    room.signal({"viewers": 2})
    flush(room)
    flush(room)
    assert listener.told() == [("signals", {"channel": "broadcast:x", "viewers": 2, "reactions": {"heart": 3}})]


async def test_who_joins_later_is_told_the_latest_signals_at_once() -> None:
    early, late = Listener(), Listener()
    room = room_of(early)
    room.signal({"viewers": 1, "reactions": {"heart": 3}})
    room.signal({"viewers": 2})
    flush(room)
    room.join(late.connection, room.ring.head)
    assert room.behind, "somebody must be told"
    flush(room)
    flush(room)
    assert late.told() == [("signals", {"channel": "broadcast:x", "viewers": 2, "reactions": {"heart": 3}})]
    assert len(early.told()) == 1


async def test_who_joins_may_be_told_before_the_next_flush_and_then_not_again() -> None:
    late, gone = Listener(), Listener()
    room = room_of(Listener())
    room.signal({"viewers": 1, "reactions": {"heart": 3}})
    flush(room)
    for each in (late, gone):
        room.join(each.connection, room.ring.head)
    room.tell_latest(late.connection)
    assert late.told() == [("signals", {"channel": "broadcast:x", "viewers": 1, "reactions": {"heart": 3}})]
    room.leave(gone.connection)
    room.tell_latest(gone.connection)
    room.signal({"viewers": 2})
    flush(room)
    assert late.told()[1:] == [("signals", {"channel": "broadcast:x", "viewers": 2})]
    assert gone.told() == []


async def test_values_that_are_the_same_again_are_not_told_again() -> None:
    listener = Listener()
    room = room_of(listener)
    assert room.signal({"viewers": 1, "reactions": {"heart": 3}})
    flush(room)
    assert not room.signal({"viewers": 1, "reactions": {"heart": 3}})
    assert room.signal({"viewers": 2, "reactions": {"heart": 3}})
    flush(room)
    assert listener.told()[1:] == [("signals", {"channel": "broadcast:x", "viewers": 2})]


async def test_who_does_not_keep_up_is_told_the_latest_signals_once_it_does() -> None:
    slow = Listener()
    room = room_of(slow)
    slow.pipe.stuck = SOFT
    for viewers in (1, 2, 3):
        room.signal({"viewers": viewers})
        flush(room)
    assert slow.told() == []
    slow.pipe.stuck = 0
    assert room.behind, "it is looked at again"
    flush(room)
    flush(room)
    assert slow.told() == [("signals", {"channel": "broadcast:x", "viewers": 3})]


async def test_a_flush_that_is_broken_off_loses_nobody_anything() -> None:
    listeners = [Listener() for _ in range(1100)]
    room = room_of(*listeners)
    put(room, 2)
    flushing = room.flush()
    next(flushing)
    flushing.close()
    put(room, 1)
    flush(room)
    assert all(each.offsets() == [1, 2, 3] for each in listeners)


async def test_what_is_said_during_a_flush_is_told_to_those_whose_turn_is_still_to_come() -> None:
    listeners = [Listener() for _ in range(LEVEL + 1)]
    room = room_of(*listeners)
    put(room, 1)
    flushing = room.flush()
    next(flushing)
    put(room, 1)
    for _ in flushing:
        pass
    assert listeners[0].offsets() == [1]
    assert listeners[-1].offsets() == [1, 2]
    flush(room)
    assert all(each.offsets() == [1, 2] for each in listeners)


async def test_levels_that_have_emptied_are_gone_and_small_ones_join() -> None:
    """A room where people come and go for hours is no slower for it."""
    listeners = [Listener() for _ in range(4 * LEVEL)]
    room = room_of(*listeners)
    assert len(room._levels) == 4
    stay = [*listeners[:10], *listeners[2 * LEVEL : 2 * LEVEL + 10], *listeners[-10:]]
    for each in listeners:
        if each not in stay:
            room.leave(each.connection)
    put(room, 1)
    flush(room)
    assert len(room._levels) == 1
    for number, each in enumerate(stay):
        if number % 2:
            room.leave(each.connection)
    put(room, 1)
    flush(room)
    assert [each.offsets() for each in stay] == [[1, 2], [1]] * 15
    assert len(room) == 15


async def test_who_comes_while_news_wait_joins_the_others_after_them() -> None:
    early = Listener()
    room = room_of(early)
    newcomers = []
    for _ in range(20):
        put(room, 1)
        newcomers.append(Listener())
        room.join(newcomers[-1].connection, room.ring.head)
    flush(room)
    flush(room)
    assert early.offsets() == list(range(1, 21))
    assert [len(each.offsets()) for each in newcomers] == list(range(19, -1, -1))
    assert len(room._levels) == 1
