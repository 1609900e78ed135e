from __future__ import annotations

import json
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self, cast

import httpx

from . import api_types as api
from .collection import Collection
from .errors import LookalikeError
from .transport import Transport, path_of

MAX_LOST = 5
PAUSE_SECONDS = 0.5


class Lookalike:
    """Calls a Lookalike service.

    `timeout` is of one call, in seconds. A call that is refused for now (429, 503) is sent again after `Retry-After`, up to
    `retries` times. Whatever else fails raises `LookalikeError`.
    """

    def __init__(
        self, url: str, api_key: str | None = None, *, timeout: float = 300, retries: int = 3
    ) -> None:
        self._transport = Transport(url, api_key, timeout, retries)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._transport.http.close()

    def collection(self, name: str) -> Collection:
        """Gives the calls on a collection, which need not exist yet."""
        return Collection(self._transport, name)

    def collections(self) -> list[api.Collection]:
        """Lists the collections that the key sees."""
        answer = self._transport.call("GET", path_of("collections"))
        return cast(api.ListCollectionsAnswer, answer)["collections"]

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Makes any other call: `call("GET", "/v1/models")`, with `query` and `body`.

        Gives the JSON, the text or the bytes of the answer; None where there is none.
        """
        return self._transport.call(method, path, **options)

    def job(self, id: str) -> api.Job:
        return cast(api.Job, self._transport.call("GET", path_of("jobs", id)))

    def cancel_job(self, id: str) -> api.Job:
        """Cancels a job; returns when it has stopped."""
        return cast(api.Job, self._transport.call("DELETE", path_of("jobs", id)))

    def watch(self, job: api.Job) -> Iterator[api.Job]:
        """Gives a job each time it has changed, until it has ended. A connection that breaks is opened again."""
        last: str | None = None
        lost = 0
        while lost < MAX_LOST:
            try:
                for event, state in self._events(job["id"], last):
                    last = event
                    lost = 0
                    yield state
                    if _is_finished(state):
                        return
            except httpx.TransportError:
                pass
            lost += 1
            time.sleep(PAUSE_SECONDS)
        message = f"the connection for the events of job {job['id']} broke {MAX_LOST} times"
        raise LookalikeError(message, code="CONNECTION_LOST")

    def finished(self, job: api.Job) -> api.Job:
        """Waits until a job has ended. Raises `LookalikeError` for one that failed or was cancelled."""
        last = job
        for state in self.watch(job):
            last = state
        if last["state"] == "succeeded":
            return last
        error = last["error"]
        if error is None:
            raise LookalikeError(f"the job {job['id']} was cancelled", code="CANCELLED")
        raise LookalikeError(error["detail"], code=error["code"])

    def _events(self, id: str, last: str | None) -> Iterator[tuple[str, api.Job]]:
        headers = {} if last is None else {"last-event-id": last}
        path = path_of("jobs", id, "events")
        event = ""
        for line in self._transport.lines("GET", path, headers=headers):
            name, _, value = line.partition(": ")
            if name == "id":
                event = value
            elif name == "data":
                yield event, cast(api.Job, json.loads(value))


def _is_finished(job: api.Job) -> bool:
    return job["state"] not in ("queued", "running")
