"""Word lists over HTTP, for those who moderate everywhere."""

from urllib.parse import quote

from aiohttp import web

from ..core.errors import TooLarge
from ..core.http import Routes
from ..core.texts import tidied
from ..identity import Member, require_role
from .context import moderation_of
from .model import MODERATORS
from .wire import HitOut
from .wire_words import (
    CountOut,
    ExportQuery,
    FaultOut,
    ImportOut,
    ImportQuery,
    TestIn,
    TestOut,
    WordListIn,
    WordListOut,
    WordListPatch,
    WordListsOut,
    WordsOut,
    WordsPatch,
    WordsQuery,
)
from .word_files import as_csv, as_text

__all__ = ["FaultOut", "add_words"]

_WHO = "moderator, committee_secretary, administrator"
_LISTS = "/api/v1/word-lists"
_ONE = f"{_LISTS}/{{list}}"


def add_words(routes: Routes) -> None:
    _add_lists(routes)
    _add_words(routes)
    _add_files(routes)


async def _moderator(request: web.Request) -> Member:
    return await require_role(request, *MODERATORS)


def _add_lists(routes: Routes) -> None:
    @routes.get(_LISTS, who=_WHO, summary="All word lists, by name")
    async def lists(request: web.Request) -> WordListsOut:
        await _moderator(request)
        return WordListsOut(items=[WordListOut.of(each) for each in await moderation_of(request).words.lists()])

    @routes.post(_LISTS, status=201, who=_WHO, summary="A new word list", idempotent=True)
    async def create(request: web.Request, body: WordListIn) -> WordListOut:
        member = await _moderator(request)
        return WordListOut.of(await moderation_of(request).words.create(member, body.name, body.action))

    @routes.post(f"{_LISTS}/test", who=_WHO, summary="What the lists find in a text, and what would become of it")
    async def test(request: web.Request, body: TestIn) -> TestOut:
        await _moderator(request)
        text = tidied(body.text)
        verdict = moderation_of(request).screen([text], pre_moderated=False, trusted=False)
        hits = [HitOut.model_validate(hit.wire()) for hit in verdict.hits]
        return TestOut(text=text, outcome=verdict.outcome.value, hits=hits)

    @routes.patch(_ONE, who=_WHO, summary="Another name, another action")
    async def edit(request: web.Request, body: WordListPatch) -> WordListOut:
        member, words, list_id = await _moderator(request), moderation_of(request).words, request.match_info["list"]
        await words.edit(member, list_id, name=body.name, action=body.action)
        return WordListOut.of(next(each for each in await words.lists() if each.list.id == list_id))

    @routes.delete(_ONE, who=_WHO, summary="Drop a word list with its words")
    async def drop(request: web.Request) -> None:
        member = await _moderator(request)
        await moderation_of(request).words.drop(member, request.match_info["list"])


def _add_words(routes: Routes) -> None:
    @routes.get(f"{_ONE}/words", who=_WHO, summary="The words of a list")
    async def words(request: web.Request, query: WordsQuery) -> WordsOut:
        await _moderator(request)
        _, found = await moderation_of(request).words.words(request.match_info["list"])
        wanted = [word for word in found if query.q in word]
        page = wanted[query.after : query.after + query.limit]
        reached = query.after + len(page)
        return WordsOut(items=page, next=str(reached) if reached < len(wanted) else None, total=len(wanted))

    @routes.patch(f"{_ONE}/words", who=_WHO, summary="Add and remove single words", max_body=1024 * 1024)
    async def change(request: web.Request, body: WordsPatch) -> CountOut:
        member = await _moderator(request)
        words = moderation_of(request).words
        return CountOut(words=await words.change(member, request.match_info["list"], add=body.add, remove=body.remove))


def _add_files(routes: Routes) -> None:
    @routes.get(f"{_ONE}/export", who=_WHO, summary="The words as a file, one a line", content_type="text/plain")
    async def export(request: web.Request, query: ExportQuery) -> web.Response:
        await _moderator(request)
        found, words = await moderation_of(request).words.words(request.match_info["list"])
        csv = query.format == "csv"
        name = quote(f"{found.name}.{query.format}")
        return web.Response(
            body=as_csv(words) if csv else as_text(words),
            content_type="text/csv" if csv else "text/plain",
            charset="utf-8",
            headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"},
        )

    @routes.post(f"{_ONE}/import", who=_WHO, summary="Words from a text or CSV file, one a line; all or nothing")
    async def import_file(request: web.Request, query: ImportQuery) -> ImportOut:
        member, moderation = await _moderator(request), moderation_of(request)
        content = await _body(request, moderation.settings.max_upload)
        result = await moderation.words.import_file(
            member, request.match_info["list"], content, replacing=query.replace, dry_run=query.dry_run
        )
        return ImportOut.of(result)


async def _body(request: web.Request, most: int) -> bytes:
    content = bytearray()
    async for piece in request.content.iter_chunked(64 * 1024):
        content += piece
        if len(content) > most:
            raise TooLarge("body_too_large", f"文件最大 {most // 1024 // 1024} MB")
    return bytes(content)
