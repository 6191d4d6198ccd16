"""How the two pages agree on keys: what they say to one another on the way is relayed, in order, and kept like any entry.

The server checks form, membership, order and number, and understands nothing; that nobody between the pages has changed a key
is for the pages, and for the people who compare the code. The page that said hello last is its side's; whoever comes with
another device, or has lost the keys, begins a new round.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from ..core.again import made_before, reused
from ..core.clock import Clock
from ..core.db import Session
from ..core.ids import digest
from ..core.journal import Author, Draft, Journal
from ..identity import Member
from . import model, store
from .model import KEY, State, Step, Taken, channel_of
from .register import Held, Register

log = structlog.get_logger(__name__)

OnAgreed = Callable[[Session, str], Awaitable[None]]
"""Called when the pages of a conversation have agreed for the first time, in the transaction of the last step."""


class KeyExchange:
    def __init__(self, register: Register, journal: Journal, clock: Clock) -> None:
        self._register, self._journal, self._clock = register, journal, clock
        self._on_agreed: list[OnAgreed] = []

    def on_agreed(self, call: OnAgreed) -> None:
        self._on_agreed.append(call)

    async def say(self, member: Member, conversation_id: str, asked: Taken, data: str, *, client_id: str) -> Taken:
        """Take a step; side and offset of `asked` are still to be filled in. The same client id again gives the same answer.

        Raise NotFound `talk_not_found`, Conflict `talk_ended`, `talk_erased`, `key_round_over`, `key_device`,
        `key_step_out_of_order`, `talk_full`, `client_id_reused`.
        """
        words = digest(f"{asked.round}\n{asked.step}\n{asked.device}\n{data}")
        async with self._register.held(conversation_id, member.id) as (session, held):
            if (before := await store.taken_under(session, conversation_id, held.side, client_id)) is not None:
                return made_before(before, words, reused())
            now = self._clock.now()
            model.check_running(held.conversation, now)
            earlier = await store.taken(session, conversation_id, held.conversation.key_round)
            asked = replace(asked, side=held.side)
            model.check_step(held.conversation, earlier, asked)
            step = await self._tell(session, member, held, asked, data)
            await store.take(session, conversation_id, step, now, client_id=client_id, digest=words)
            if step.step is Step.HELLO:
                await store.set_device(session, conversation_id, held.side, step.device)
                await store.save(session, replace(held.conversation, key_round=step.round))
            elif held.conversation.state is State.WAITING and model.agreed([*earlier, step]):
                for call in self._on_agreed:
                    await call(session, conversation_id)
        log.info("talk_key", conversation_id=conversation_id, side=step.side, round=step.round, step=step.step.value)
        return step

    async def _tell(self, session: Session, member: Member, held: Held, asked: Taken, data: str) -> Taken:
        told = {"side": held.side, "device": asked.device, "round": asked.round, "step": asked.step.value, "data": data}
        draft = Draft(channel_of(held.conversation.id), KEY, told, by=Author(member.id, member.name))
        (entry,) = await self._journal.append(session, draft)
        return replace(asked, offset=entry.offset)
