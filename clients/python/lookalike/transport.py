from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import quote

import httpx

from .errors import error_of
from .images import with_encoded_images

MAX_WAIT_SECONDS = 60.0
# Of one JSON value. Lines of JSON (application/x-ndjson) are text.
JSON_TYPE = re.compile(r"application/(?:[\w.-]+\+)?json\s*(?:;|$)", re.IGNORECASE)


def path_of(*parts: str) -> str:
    """Makes a path of parts, each of them percent-encoded."""
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)


class Transport:
    """Sends calls. Whatever is not an answer of 2xx is raised as a `LookalikeError`."""

    def __init__(self, url: str, api_key: str | None, timeout: float, retries: int) -> None:
        headers = {} if api_key is None else {"authorization": f"Bearer {api_key}"}
        self.http = httpx.Client(base_url=url.rstrip("/"), headers=headers, timeout=timeout)
        self._retries = retries

    def send(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,
        content: bytes | None = None,
        files: list[tuple[str, tuple[str | None, bytes, str]]] | None = None,
        headers: dict[str, str] | None = None,
        stream: bool = False,
    ) -> httpx.Response:
        """Makes a call: with a JSON body, the bytes of a file, or a form. Raises `LookalikeError`.

        With `stream` the answer is read, and closed, by the caller.
        """
        headers = dict(headers or {})
        if content is not None:
            headers["content-type"] = "application/octet-stream"
        elif body is not None:
            content = json.dumps(with_encoded_images(body)).encode()
            headers["content-type"] = "application/json"
        sent = 0
        while True:
            request = self.http.build_request(
                method, path, params=query, content=content, files=files, headers=headers
            )
            response = self.http.send(request, stream=stream)
            if response.is_success:
                return response
            response.read()
            seconds = _seconds(response.headers.get("retry-after"))
            # 429 and 503 say that nothing was done.
            refused_for_now = response.status_code in (429, 503) and seconds <= MAX_WAIT_SECONDS
            if not refused_for_now or sent >= self._retries:
                raise error_of(response)
            sent += 1
            time.sleep(seconds)

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Makes a call, and reads its answer: JSON, bytes of an image, any other text; None where there is none."""
        response = self.send(method, path, **options)
        if response.status_code == 204:
            return None
        content_type = response.headers.get("content-type", "")
        if JSON_TYPE.match(content_type):
            return response.json()
        return response.content if content_type.startswith("image/") else response.text

    def lines(self, method: str, path: str, **options: Any) -> Iterator[str]:
        """Makes a call, and gives the lines of its answer as they come. What is behind the last end of a line is none."""
        with closing(self.send(method, path, stream=True, **options)) as response:
            text = ""
            # httpx would end lines elsewhere too, as at U+2028.
            for part in response.iter_text():
                *lines, text = (text + part).split("\n")
                yield from lines


def _seconds(header: str | None) -> float:
    try:
        return float(header or "inf")
    except ValueError:
        return float("inf")
