"""What the doctor finds of sealed files."""

from server.conversations import FOLDER, examine
from tests.integration.broadcasts.site import Site
from tests.integration.talks.test_talk import two_pages
from tests.support.talking import agree_on_keys


async def test_the_doctor_misses_files_and_says_which_others_can_read(either: Site) -> None:
    folder = either.data_dir / FOLDER
    assert await examine(either.database, either.data_dir / "nowhere") == await examine(either.database, folder)
    async with two_pages(either) as (secretary, member):
        await agree_on_keys(secretary, member)
        blobs = [(await secretary.hand_in(b"sealed")).body["id"] for _ in range(3)]
        for blob in blobs[:2]:
            assert (await secretary.send(kind="picture", blob=blob))["ok"]
        found = await examine(either.database, folder)
        assert (found.files, found.faults) == (3, [])
        (folder / f"{blobs[0]}.sealed").chmod(0o644)
        (folder / f"{blobs[1]}.sealed").unlink()
        (folder / f"{blobs[2]}.sealed").unlink()
        found = await examine(either.database, folder)
        assert found.files == 1
        assert found.faults == [
            "1 of them can be read by other accounts of this machine",
            "1 files that messages give to the other side are missing",
        ], "what was never sent is missed by nobody"
        folder.chmod(0o755)
        assert (await examine(either.database, folder)).faults[0].startswith("2 of them")
