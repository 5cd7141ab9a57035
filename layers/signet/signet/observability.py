"""Logger and metrics of every function.

No tracer: X-Ray records passively, since importing Powertools' costs more than a sign room's own code and it would keep
answers. Events are never logged: they carry tokens and PINs.
"""

from aws_lambda_powertools import Logger

logger = Logger(service="signet", log_uncaught_exceptions=False, utc=True)
