from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from server.core.db import Base, Database
from server.migrations import check_schema, downgrade, upgrade


async def test_every_revision_goes_up_and_down_and_ends_at_the_tables_of_the_code(database_url: str) -> None:
    database = Database(database_url)
    for _ in range(2):  # the second time shows that the way down left nothing behind
        await upgrade(database)
        await check_schema(database)
        differences: list[object] = []

        def compare(connection: Connection, found: list[object] = differences) -> None:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            found.extend(compare_metadata(context, Base.metadata))

        await database.run_sync(compare)
        assert differences == []
        await downgrade(database, "base")
        tables: list[str] = []
        await database.run_sync(lambda connection, found=tables: found.extend(inspect(connection).get_table_names()))
        assert tables == ["alembic_version"]
    await database.close()


async def test_upgrading_what_is_new_does_nothing(database_url: str) -> None:
    database = Database(database_url)
    await upgrade(database)
    await upgrade(database)
    await check_schema(database)
    await database.close()
