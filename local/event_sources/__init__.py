"""What AWS carries by itself: streams and queues to functions, the bus to its targets, schedules on time.

All of it lives beside Moto in one process and is woken by it, so that an event is there at once.
"""

from local.event_sources.invoking import LambdaService
from local.event_sources.polling import LambdaByHttp, carrying

__all__ = ["LambdaByHttp", "LambdaService", "carrying"]
