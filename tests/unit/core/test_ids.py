import os

from server.core.ids import digest, is_id, new_code, new_id, new_token, normalise_code


def test_ids_sort_by_creation_and_are_uuid_version_7() -> None:
    ids = [new_id() for _ in range(5000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 5000
    assert all(is_id(one) and one[14] == "7" and one[19] in "89ab" for one in ids)


def test_a_forked_process_makes_ids_of_its_own() -> None:
    new_id()  # there is something random left for the next
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, new_id().encode())
        os._exit(0)
    os.waitpid(child, 0)
    ours, theirs = new_id(), os.read(reading, 36).decode()
    os.close(reading)
    os.close(writing)
    assert is_id(theirs)
    assert ours[20:] != theirs[20:]


def test_what_is_no_id_of_ours_is_told_apart() -> None:
    for text in ("", "1", "../etc/passwd", new_id() + "\n", new_id().upper(), "0" * 36):
        assert not is_id(text)


def test_a_typed_code_is_forgiven_case_spaces_and_look_alikes() -> None:
    code = new_code()
    assert normalise_code(f"  {code.lower().replace('-', ' ')} ") == code
    assert normalise_code("o1il-0000-0000-0000") == "0111-0000-0000-0000"


def test_secrets_are_long_and_kept_as_digests() -> None:
    assert len(new_token()) >= 43
    assert len(new_code().replace("-", "")) * 5 >= 80
    assert digest("a") != digest("b")
    assert len(digest("a")) == 64
