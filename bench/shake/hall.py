"""`python -m bench.shake.hall PORT FOLDER`: the product's own server, with people, a broadcast on air and a session whose
rounds begin when the bench says so. Limits against crowds are lifted, since one address is all there is."""

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from aiohttp import web

from bench.fanout.town import citizens, on_air
from server import cli
from server.app import DATABASE
from server.app import build as build_app
from server.core.ids import new_id
from server.core.sockets import SocketLimits
from server.identity import Member, Role
from server.identity.tables import MemberRoleRow
from server.settings import Settings, load_settings
from server.shake import ROUNDS, SHAKES, ShakePlan, store
from server.shake.draw import commitment
from server.shake.model import RoundState


def build(settings: Settings, **named: object) -> web.Application:
    app = build_app(settings, **named)  # type: ignore[arg-type]
    kept: dict[str, Member] = {}

    async def hall(request: web.Request) -> web.Response:
        plan = await request.json()
        people = await citizens(app, plan["people"])
        secretary, now = people[1].member, datetime.now(UTC)
        async with app[DATABASE].transaction() as session:
            role = Role.COMMITTEE_SECRETARY
            session.add(MemberRoleRow(member_id=secretary.id, role=role.value, granted_at=now))
        secretary = kept["secretary"] = replace(secretary, roles=frozenset({role}))
        wanted = ShakePlan("摇一摇", now, now + timedelta(hours=2), (secretary.id,), rounds=20, round_seconds=10)
        shake = await app[SHAKES].announce(secretary, wanted)
        shown = [{"cookie": each.cookie, "csrf": each.csrf} for each in people]
        broadcasts = [await on_air(app, people[0].member)]
        return web.json_response({"people": shown, "broadcasts": broadcasts, "shake": shake.id})

    async def following(request: web.Request) -> web.Response:
        """Open the next round, once the one before is closed."""
        shake_id, secretary, nonce = (await request.json())["shake"], kept["secretary"], new_id().encode()[:32]
        async with app[DATABASE].reading() as session:
            rounds = await store.rounds(session, shake_id)
        if rounds and rounds[-1].state is RoundState.CLOSED:
            await app[ROUNDS].reveal(secretary, shake_id, rounds[-1].number, kept_nonces[-1].hex())
        elif rounds and rounds[-1].state is not RoundState.REVEALED:
            return web.json_response({"opened": False})
        kept_nonces.append(nonce)
        made = await app[ROUNDS].prepare(secretary, shake_id, commitment(nonce))
        await app[ROUNDS].open(secretary, shake_id, made.number)
        return web.json_response({"opened": True})

    kept_nonces: list[bytes] = []
    for path, handler in (("/bench/hall", hall), ("/bench/round", following)):
        handler.guards_itself = True  # type: ignore[attr-defined]  # read by core.http.frame
        app.router.add_post(path, handler)
    return app


def main(port: str, folder: str) -> int:
    settings = replace(
        load_settings({}, data_dir=Path(folder), port=int(port)),
        log_level="WARNING",
        sockets=SocketLimits(
            connections_per_address=100_000, connections_per_member=100_000, visitors=100_000, events_per_second=100_000
        ),
    )
    with patch("server.cli.build", build), patch("server.cli.load_settings", lambda **_: settings):
        return cli.run(["run", "--data", folder, "--port", port])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
