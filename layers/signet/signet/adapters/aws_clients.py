"""AWS clients, all made out of one session: what botocore has read to make the first serves the others too.

A session of its own costs each further client of a cold start 40 ms: the list of services, partitions and endpoints,
credentials and handlers are read again. Of botocore itself: importing boto3 would cost 25 ms and add nothing here.
"""

from threading import Lock
from typing import Any

from botocore.config import Config
from botocore.session import Session

GIVES_UP_SOON = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})
"""Of services that answer within milliseconds: three tries of at most 4 s stay within the timeout of every function, so
that it has time left to say so."""


class AwsClients:
    """The clients of one process, in the region and with the credentials that the environment names."""

    def __init__(self) -> None:
        self.session = Session()
        self._clients: dict[str, Any] = {}
        self._making = Lock()

    def client(self, service: str, config: Config = GIVES_UP_SOON) -> Any:
        """The client of `service`, made when it is first asked for, with `config`."""
        # Clients may be shared between threads, but only one at a time may be made (boto3 guide, Low-level clients).
        with self._making:
            if service not in self._clients:
                self._clients[service] = self.session.create_client(service, config=config)
            return self._clients[service]
