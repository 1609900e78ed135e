from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import quote

import httpx

from .errors import error_of
from .images import with_encoded_images

MAX_WAIT_SECONDS = 60.0


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
    ) -> httpx.Response:
        """Makes a call: with a JSON body, the bytes of a file, or a form. Raises `LookalikeError`."""
        headers: dict[str, str] = {}
        if content is not None:
            headers["content-type"] = "application/octet-stream"
        elif body is not None:
            content = json.dumps(with_encoded_images(body)).encode()
            headers["content-type"] = "application/json"
        sent = 0
        while True:
            response = self.http.request(
                method, path, params=query, content=content, files=files, headers=headers
            )
            if response.is_success:
                return response
            seconds = _seconds(response.headers.get("retry-after"))
            # 429 and 503 say that nothing was done.
            refused_for_now = response.status_code in (429, 503) and seconds <= MAX_WAIT_SECONDS
            if not refused_for_now or sent >= self._retries:
                raise error_of(response)
            sent += 1
            time.sleep(seconds)

    def json(self, method: str, path: str, **options: Any) -> Any:
        return self.send(method, path, **options).json()


def _seconds(header: str | None) -> float:
    try:
        return float(header or "inf")
    except ValueError:
        return float("inf")
