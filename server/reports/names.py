"""What things are called in a report, in Chinese."""

from ..broadcasts import State

STATES = {
    State.LIVE: "直播中",
    State.INTERRUPTED: "直播中",
    State.ENDED: "已结束",
    State.CUT_OFF: "被中止",
    State.CANCELLED: "已取消",
}
QUESTION_STATES = {"asked": "未回答", "answering": "正在回答", "answered": "已回答"}
CLOSED_BY = {"host": "主播结束", "time": "到时结束", "over": "随直播结束"}
REACTIONS = {"like": "点赞", "applause": "喝彩", "flower": "鲜花", "heart": "爱心"}
