"""What waits to be cut: in its order, counted, and each picture asked about once."""

from server.media.cmaf.queues import Picture, PictureQueue


def queue_of(*times: int) -> PictureQueue:
    queue = PictureQueue()
    for at in times:
        queue.append(Picture(at, b"x" * at, key=False, sets=None))
    return queue


def test_pictures_are_taken_up_to_a_moment_each_lasting_until_the_next() -> None:
    queue = queue_of(10, 40, 70)
    assert [(len(sample.data), sample.duration) for sample in queue.take_before(70, 5)] == [(10, 30), (40, 30)]
    assert (len(queue), queue.size) == (1, 70)
    assert [sample.duration for sample in queue.take_before(1000, 5)] == [5]
    assert (len(queue), queue.size, bool(queue)) == (0, 0, False)
    assert queue.first is queue.newest is None


def test_what_was_not_wanted_is_not_asked_about_again() -> None:
    queue = queue_of(10, 20, 30, 40)
    asked: list[int] = []

    def wants(at: int) -> int | None:
        def wanted(picture: Picture) -> bool:
            asked.append(picture.at)
            return picture.at == at

        found = queue.find(wanted, 35)
        return found.at if found is not None else None

    assert wants(20) == 20
    assert wants(30) == 30
    assert wants(40) is None  # beyond
    assert asked == [10, 20, 20, 30, 30]
    queue.look_again()
    asked.clear()
    assert wants(10) == 10
    assert asked == [10]


def test_those_after_a_cut_are_still_to_be_asked_about() -> None:
    queue = queue_of(10, 20, 30, 40)
    assert queue.find(lambda picture: False, 20) is None
    queue.take_before(20, 5)
    found = queue.find(lambda picture: True, 40)
    assert found is not None
    assert found.at == 30
