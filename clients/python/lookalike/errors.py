from __future__ import annotations

from typing import Any

import httpx


class LookalikeError(Exception):
    """What the service answers when a call fails, or what a failed job says of itself.

    `code` says what went wrong, for programs; docs/errors.md lists all. `status` is the HTTP status, None for a failed job.
    `request_id` names the request in the log of the service. `errors` are the parts of the request at fault.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int | None = None,
        request_id: str | None = None,
        errors: list[dict[str, str]] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.request_id = request_id
        self.errors = errors or []


def error_of(response: httpx.Response) -> LookalikeError:
    """Reads what a call failed with."""
    status = response.status_code
    try:
        body: dict[str, Any] = response.json()
        if "error" in body:
            error = body["error"]
            return LookalikeError(error["message"], code=error["code"], status=status)
        return LookalikeError(
            body["detail"],
            code=body["code"],
            status=status,
            request_id=body.get("requestId"),
            errors=body.get("errors"),
        )
    except (ValueError, KeyError, TypeError):
        message = f"expected an answer of Lookalike, got status {status}: {response.text[:200]}"
        return LookalikeError(message, code="UNEXPECTED_ANSWER", status=status)
