"""Tasks (在线点击): documents that members read to the end and confirm, once, and who has and who has not.

A confirmation is what `points` credits where the rulebook names it; reading, opening and being quick are worth nothing.
"""

from .model import CountsAs, Task, TaskState, Terms
from .routes import TASKS, task_routes
from .service import TaskService, Wanted

__all__ = ["TASKS", "CountsAs", "Task", "TaskService", "TaskState", "Terms", "Wanted", "task_routes"]
