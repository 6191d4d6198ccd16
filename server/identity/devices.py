"""A user agent in a few words, so that people recognise their own sessions. A hint for eyes, never a decision."""

_SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("OpenHarmony", "鸿蒙"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "安卓"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
# The order matters: WeChat and Edge also call themselves Chrome, and Chrome calls itself Safari.
_PROGRAMS = (
    ("wxwork", "企业微信"),
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("QQBrowser", "QQ 浏览器"),
    ("HuaweiBrowser", "华为浏览器"),
    ("MiuiBrowser", "小米浏览器"),
    ("UCBrowser", "UC 浏览器"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
UNKNOWN = "未知设备"


def device_of(user_agent: str) -> str:
    """Such as `iPhone · 微信`; at most 60 characters, none of them from the caller."""
    system = next((label for mark, label in _SYSTEMS if mark in user_agent), None)
    program = next((label for mark, label in _PROGRAMS if mark in user_agent), None)
    return " · ".join(part for part in (system, program) if part) or UNKNOWN
