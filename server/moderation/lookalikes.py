"""Characters that look like another one, as facts: each is folded to the one it is taken for.

What Unicode itself calls a form of another character (full-width, circled, mathematical, ligatures, Kangxi radicals) is the
business of NFKD and is not repeated here. Only lower case stands here, for texts are case-folded first. The pairs are those
whose glyphs cannot be told apart in common fonts; letters that merely remind of one another are left out, because what they
would hold back innocently is more than what they would catch.
"""

_LATIN = {
    "a": "аαɑ",
    "b": "ьƅ",
    "c": "сϲᴄ",
    "d": "ԁ",
    "e": "еҽ℮",
    "f": "ғ",
    "g": "ɡց",
    "h": "һհ",
    "i": "іιıɩ",
    "j": "јϳ",
    "k": "кκᴋ",
    "l": "ӏǀ",
    "m": "мᴍ",
    "n": "пո",
    "o": "оοօσᴏ○〇",
    "p": "рρ",
    "q": "ԛզ",
    "r": "гᴦ",
    "s": "ѕꜱ",
    "t": "тτᴛ",
    "u": "υսᴜ",
    "v": "νѵᴠ",
    "w": "ԝωᴡ",
    "x": "хχ×",
    "y": "уүγ",
    "z": "ᴢ",
}
# Radicals and strokes that stand for the whole character, where Unicode gives no form, and signs taken for characters.
_CHINESE = {
    "人": "亻⺅",
    "水": "氵⺡",
    "心": "忄⺖",
    "手": "扌⺘",
    "言": "讠⻈",
    "金": "钅⻐",
    "口": "囗□",
    "一": "ー—",
    "二": "ニ",
    "三": "Ξξ",
    "八": "ハ",
    "力": "カ",
    "工": "エ",
    "夕": "タ",
    "卜": "ト",
    "干": "チ",
}

SAME = {like: plain for table in (_LATIN, _CHINESE) for plain, likes in table.items() for like in likes}
"""Look-alike → what it is taken for."""

WRITTEN_WITH = {"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t"}
"""Digits that stand for letters (v1rus). A digit of a listed word is matched by that digit alone: 110 is not llo."""

ALSO_ONE = {"i": "l"}
"""1 stands for i as well; so the search takes i for l, and what it finds is looked at again."""
