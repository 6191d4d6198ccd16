"""Signing in and out, activation, set-up, and who people are.

One answer for an unknown number, a wrong password, an account without a password and a disabled one, after the same work. New
proof (sign-in, activation, set-up) always makes a new session and ends the one this browser had.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from ..core.clock import Clock
from ..core.db import Database
from ..core.errors import AppError, Conflict, Forbidden, NotFound, Unauthenticated, Unprocessable
from ..core.ids import is_id, new_id
from .credentials import Credentials
from .directory import Directory
from .gate import Gate
from .marks import Marks
from .model import (
    Account,
    Member,
    MemberState,
    Person,
    Role,
    Status,
    check_password,
    mobile_tail,
    normalise_mobile,
)
from .passwords import Passwords
from .roll import FoundOnRoll, roll_named
from .roster_import import import_roster
from .sessions import SessionInfo, Sessions
from .settings import IdentitySettings
from .sms import NoSms, Sms
from .store import AccountFilter, RoleChange, Store
from .tables import MemberRow, OrganisationRow
from .visitors import Visitors
from .wire import RosterOut

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Browser:
    """What a request shows of the browser that sent it."""

    address: str
    device: str
    session_token: str | None = None
    device_mark: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    account: Account
    token: str
    device_mark: str


@dataclass(frozen=True, slots=True)
class Me:
    mobile_tail: str
    csrf: str
    organisation: str | None
    brand: str
    public_broadcasts: bool


class Identity:
    def __init__(
        self, database: Database, settings: IdentitySettings, clock: Clock, secret: bytes, *, sms: Sms | None = None
    ) -> None:
        self._database, self._settings, self._clock = database, settings, clock
        self._marks = Marks(secret)
        self._gate = Gate(database, clock)
        self.passwords = Passwords(settings.hashing)
        self.sessions = Sessions(database, clock, settings)
        self.directory = Directory(database, self.sessions, clock, settings)
        self.visitors = Visitors(
            database,
            clock,
            self._marks,
            self._gate,
            sms or NoSms(),
            open_to_public=settings.public_broadcasts,
            forget_after=settings.forget_visitors,
        )

    @property
    def brand(self) -> str:
        """The product's name on screen."""
        return self._settings.brand

    @property
    def session_lifetime(self) -> timedelta:
        """How long a browser may keep the cookie at most."""
        return self._settings.absolute_limit

    # Signing in and out

    async def sign_in(self, mobile: str, password: str, browser: Browser) -> SignedIn:
        """Raise Unauthenticated `sign_in_failed`, TooMany `too_many_attempts`, Unavailable `too_busy`."""
        number = normalise_mobile(mobile) or mobile
        async with self.passwords.admitted():
            async with self._database.reading() as session:
                row = await Store(session).member_by_mobile(number)
            nonce = self._marks.device_nonce(browser.device_mark, row.id) if row is not None else None
            bucket = self._marks.account_key(number) if nonce is None else self._marks.device_key(nonce)
            watched = self._marks.address_key(browser.address) if nonce is None else None
            await self._gate.take(bucket, watched)
            right = await self.passwords.verify(row.password_hash if row else None, password)
            if row is None or not right or row.disabled_at is not None:
                await self._gate.count_failure(watched)
                self._log_refusal(row, right=right)
                raise _sign_in_failed()
            renewed = None
            if row.password_hash is not None and self.passwords.needs_rehash(row.password_hash):
                renewed = await self.passwords.hash(password)
        async with self._database.transaction() as session:
            store, now = Store(session), self._clock.now()
            fresh = await store.member(row.id, lock=True)
            if fresh is None or fresh.password_hash != row.password_hash or fresh.disabled_at is not None:
                raise _sign_in_failed()
            fresh.password_hash = renewed or fresh.password_hash
            await Credentials(session).empty_bucket(bucket)
            signed_in = await self._begin(store, fresh, browser, now, keep_mark=nonce is not None)
        self._begun(browser)
        log.info("signed_in", member_id=row.id)
        return signed_in

    async def sign_out(self, member: Member) -> None:
        async with self._database.transaction() as session:
            await self.sessions.end(session, member.session_id, member_id=member.id)
        self.sessions.forget(member.id)
        log.info("signed_out", member_id=member.id)

    async def change_password(self, member: Member, current: str, new: str) -> None:
        """Ends the member's other sessions. Raise Unprocessable `password_wrong` or `password_weak`, TooMany."""
        async with self._database.reading() as session:
            row = await Store(session).member(member.id)
        if row is None:
            raise Unauthenticated("sign_in_needed", "请先登录")
        check_password(new, mobile=row.mobile)
        bucket = self._marks.account_key(f"change of {member.id}")
        async with self.passwords.admitted():
            await self._gate.take(bucket, None)
            if not await self.passwords.verify(row.password_hash, current):
                log.warning("password_change_refused", member_id=member.id)
                raise Unprocessable("password_wrong", "当前密码不正确")
            hashed = await self.passwords.hash(new)
        async with self._database.transaction() as session:
            fresh = await Store(session).member(member.id, lock=True)
            if fresh is None or fresh.password_hash != row.password_hash:
                raise Conflict("changed_meanwhile", "密码刚被修改，请重新登录")
            fresh.password_hash = hashed
            credentials = Credentials(session)
            await credentials.empty_bucket(bucket)
            await credentials.drop_activation(member.id)
            ended = await self.sessions.end_all(session, member.id, keep=member.session_id)
        self.sessions.forget(member.id)
        log.info("password_changed", member_id=member.id, sessions_ended=ended)

    # First run and activation

    async def setup_needed(self) -> bool:
        """Whether there is no administrator who could sign in."""
        async with self._database.reading() as session:
            return not await Store(session).effective_administrators()

    async def setup_link(self, public_url: object) -> str | None:
        """A one-time address to set up this server, or None if it has an administrator. Earlier links are dead from here on."""
        if not await self.setup_needed():
            return None
        async with self._database.transaction() as session:
            expires_at = self._clock.now() + self._settings.setup_lifetime
            token = await Credentials(session).new_setup_token(expires_at)
        return f"{str(public_url).rstrip('/')}/setup#{token}"

    async def set_up(
        self, token: str, *, organisation: str, name: str, mobile: str, password: str, browser: Browser
    ) -> SignedIn:
        """Make the organisation and its first administrator. Raise Forbidden `setup_refused`, Unprocessable, TooMany."""
        number = require_mobile(mobile)
        check_password(password, mobile=number)
        watched = self._marks.address_key(browser.address)
        async with self.passwords.admitted():
            async with self._database.reading() as session:
                await self._gate.check_address(session, watched)
                fits = await Credentials(session).setup_fits(token, self._clock.now())
            if not fits:
                await self._gate.count_failure(watched)
                log.warning("setup_refused")
                raise _setup_refused()
            hashed = await self.passwords.hash(password)
        async with self._database.transaction() as session:
            store, now = Store(session), self._clock.now()
            used = await Credentials(session).use_setup(token, now)
            if not used or await store.effective_administrators(lock=True):
                raise _setup_refused()
            await session.merge(OrganisationRow(id=1, name=organisation, created_at=now))
            row = await store.member_by_mobile(number)
            if row is None:
                row = MemberRow(id=new_id(), mobile=number, status=Status.EMPLOYEE.value, created_at=now)
            row.name, row.password_hash, row.disabled_at = name, hashed, None
            await store.save(row)
            # Somebody who was here before: what opened the account so far must not open the administrator's.
            await Credentials(session).drop_activation(row.id)
            await self.sessions.end_all(session, row.id)
            held = (await store.roles_of([row.id])).get(row.id, frozenset())
            await store.set_roles([RoleChange(row.id, held, held | {Role.ADMINISTRATOR})], by=None, now=now)
            signed_in = await self._begin(store, row, browser, now)
        self.sessions.forget(row.id)
        self._begun(browser)
        log.info("set_up", member_id=row.id)
        return signed_in

    async def activate(self, mobile: str, code: str, password: str, browser: Browser) -> SignedIn:
        """Use an activation code up: sets the password, ends earlier sessions. Raise Unauthenticated `activation_failed`."""
        number = normalise_mobile(mobile) or mobile
        check_password(password, mobile=number)
        bucket = self._marks.activation_key(number, browser.address)
        watched = self._marks.address_key(browser.address)
        async with self.passwords.admitted():
            await self._gate.take(bucket, watched)
            async with self._database.reading() as session:
                row = await Store(session).member_by_mobile(number)
                member_id = row.id if row is not None and row.disabled_at is None else ""
                fits = await Credentials(session).activation_fits(member_id, code, self._clock.now())
            if not fits:
                await self._gate.count_failure(watched)
                log.warning("activation_refused", member_id=member_id or None)
                raise _activation_failed()
            hashed = await self.passwords.hash(password)
        async with self._database.transaction() as session:
            store, credentials, now = Store(session), Credentials(session), self._clock.now()
            fresh = await store.member(member_id, lock=True)
            used = await credentials.use_activation(member_id, code, now)
            if not used or fresh is None or fresh.disabled_at is not None:
                raise _activation_failed()
            fresh.password_hash = hashed
            for key in (bucket, self._marks.account_key(number)):
                await credentials.empty_bucket(key)
            await self.sessions.end_all(session, member_id)
            signed_in = await self._begin(store, fresh, browser, now)
        self.sessions.forget(member_id)
        self._begun(browser)
        log.info("account_activated", member_id=member_id)
        return signed_in

    # One's own account

    async def me(self, member: Member) -> Me:
        async with self._database.reading() as session:
            store = Store(session)
            row, organisation = await store.member(member.id), await store.organisation()
        return Me(
            mobile_tail=mobile_tail(row.mobile) if row else "",
            csrf=self._marks.csrf(member.session_id),
            organisation=organisation.name if organisation else None,
            brand=self._settings.brand,
            public_broadcasts=self._settings.public_broadcasts,
        )

    def csrf(self, session_id: str) -> str:
        """What a Socket.IO handshake of that session must carry."""
        return self._marks.csrf(session_id)

    async def my_sessions(self, member: Member) -> list[SessionInfo]:
        return await self.sessions.listed(member.id)

    async def end_my_session(self, member: Member, session_id: str) -> None:
        """Raise NotFound for anything but a session of one's own."""
        async with self._database.transaction() as session:
            if not is_id(session_id) or not await self.sessions.end(session, session_id, member_id=member.id):
                raise NotFound
        self.sessions.forget(member.id)
        log.info("session_ended", member_id=member.id)

    # Other features' questions

    async def people(self, ids: Iterable[str]) -> dict[str, Person]:
        """Names for ids, disabled people included; ids of nobody are left out."""
        async with self._database.reading() as session:
            return await Store(session).people(each for each in ids if is_id(each))

    async def find_people(self, *, role: Role | None = None, q: str = "", limit: int = 20) -> list[Person]:
        """People who are not disabled, by role and by a part of name or mobile."""
        async with self._database.reading() as session:
            accounts = await Store(session).accounts(AccountFilter(q=q, role=role, enabled=True), limit=limit)
        return [account.person for account in accounts]

    async def named(self, name: str, *, limit: int) -> list[FoundOnRoll]:
        """Party members who are not disabled and have this in their names, in the order of names."""
        async with self._database.reading() as session:
            return await roll_named(session, name, branch_id=None, but="", limit=limit)

    async def party_members(self, *, branch_id: str | None = None, roles: Iterable[Role] = ()) -> list[Person]:
        """Those who are not disabled, of one branch or (None) of all, with at least one of `roles` where some are named."""
        wanted = [AccountFilter(branch_id=branch_id, role=role, enabled=True) for role in roles]
        async with self._database.reading() as session:
            store = Store(session)
            found = [
                account
                for each in wanted or [AccountFilter(branch_id=branch_id, enabled=True)]
                for account in await store.accounts(each)
            ]
        people = {account.id: account.person for account in found if account.status is not Status.EMPLOYEE}
        return list(people.values())

    # Roster

    async def import_roster(self, content: bytes, *, dry_run: bool, actor: Member | None = None) -> RosterOut:
        """See `roster_import.import_roster`; rights change at once in this process."""
        settings, clock = self._settings, self._clock
        answer = await import_roster(self._database, content, dry_run=dry_run, actor=actor, clock=clock, settings=settings)
        self.sessions.forget()
        return answer

    # Housekeeping

    async def preset_passwords(self, password: str) -> int:
        """Give every account without a password this one; for the demo, whose password is public. Answers how many."""
        async with self._database.reading() as session:
            waiting = await Store(session).accounts(AccountFilter(state=MemberState.INVITED))
        if not waiting:
            return 0
        hashed = await self.passwords.hash(password)
        async with self._database.transaction() as session:
            for account in waiting:
                row = await Store(session).member(account.id, lock=True)
                if row is not None and row.password_hash is None:
                    row.password_hash = hashed
                    await Credentials(session).drop_activation(row.id)
        return len(waiting)

    async def preset_organisation(self, name: str) -> None:
        """Give the organisation this name unless it has one; for the demo."""
        async with self._database.transaction() as session:
            if await Store(session).organisation() is None:
                session.add(OrganisationRow(id=1, name=name, created_at=self._clock.now()))

    async def purge(self) -> None:
        """Delete ended sessions, expired codes and forgotten delays; call it every hour or so."""
        await self.sessions.flush()
        async with self._database.transaction() as session:
            await self.sessions.purge(session)
            await Credentials(session).purge(self._clock.now())
        await self.visitors.purge()

    async def aclose(self) -> None:
        await self.sessions.aclose()
        self.passwords.close()

    # Inside

    async def _begin(
        self, store: Store, row: MemberRow, browser: Browser, now: datetime, *, keep_mark: bool = False
    ) -> SignedIn:
        if browser.session_token is not None:
            await self.sessions.end_token(store.session, browser.session_token)
        row.last_sign_in_at = now
        await store.save(row)
        token = await self.sessions.create(store.session, row.id, device=browser.device, address=browser.address)
        account = await store.account(row.id)
        if account is None:
            raise RuntimeError("the member vanished inside the transaction")
        mark = browser.device_mark if keep_mark and browser.device_mark else self._marks.new_device(row.id)
        return SignedIn(account, token, mark)

    def _begun(self, browser: Browser) -> None:
        if browser.session_token is not None:
            self.sessions.forget()

    def _log_refusal(self, row: MemberRow | None, *, right: bool) -> None:
        if row is None:
            reason = "unknown"
        elif row.disabled_at is not None:
            reason = "disabled"
        else:
            reason = "wrong" if row.password_hash else "invited"
        log.warning("sign_in_refused", member_id=row.id if row else None, reason=reason, right=right)


def require_mobile(text: str) -> str:
    """The normalised number; raise Unprocessable `mobile_invalid`."""
    number = normalise_mobile(text)
    if number is None:
        raise Unprocessable("mobile_invalid", "手机号应为以 1 开头的 11 位数字")
    return number


def _sign_in_failed() -> AppError:
    return Unauthenticated("sign_in_failed", "手机号或密码不正确")


def _activation_failed() -> AppError:
    return Unauthenticated("activation_failed", "手机号或激活码不正确，或激活码已失效")


def _setup_refused() -> AppError:
    return Forbidden("setup_refused", "设置链接无效或已经用过，请重启服务，使用新打印的链接")
