"""Activities: what a branch or the committee meets for, sign-up, check-in, who was there.

Who was there is what `points` credits; nothing else of an activity is worth a point. `ActivityService` is the door for
features above (attendance of broadcasts).
"""

from .model import Activity, ActivityKind, ActivityState, Plan, Way
from .routes import ACTIVITIES, activity_routes
from .service import ActivityService

__all__ = ["ACTIVITIES", "Activity", "ActivityKind", "ActivityService", "ActivityState", "Plan", "Way", "activity_routes"]
