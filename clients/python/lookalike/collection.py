from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NotRequired, TypedDict, cast

import httpx

from . import api_types as api
from .errors import LookalikeError
from .images import Image, bytes_of
from .transport import Transport, path_of

JsonObject = dict[str, Any]


class NewImage(TypedDict):
    """An image for `add_many`."""

    image: Image
    metadata: NotRequired[JsonObject]


class Pair(TypedDict):
    """Two records, by their ids, that are near to each other."""

    a: str
    b: str
    distance: float


class Collection:
    """The calls on one collection, which need not exist yet."""

    def __init__(self, transport: Transport, name: str) -> None:
        self.name = name
        self._transport = transport

    def create(self, spec: api.CreateCollection | None = None) -> api.Collection:
        """Creates the collection; the same again changes nothing."""
        return cast(api.Collection, self._json("PUT", body=spec or {}))

    def describe(self) -> api.Collection:
        return cast(api.Collection, self._json("GET"))

    def drop(self) -> None:
        """Drops the collection and all its records."""
        self._transport.send("DELETE", self._path())

    def add(self, id: str, image: Image, metadata: JsonObject | None = None) -> api.Added:
        """Adds an image, or replaces the one of that id."""
        query = None if metadata is None else {"metadata": json.dumps(metadata)}
        answer = self._json("PUT", "images", id, content=bytes_of(image), query=query)
        return cast(api.Added, answer)

    def add_many(self, images: Mapping[str, NewImage]) -> api.AddImagesAnswer:
        """Adds many images by their ids, in one request. Each succeeds or fails by itself."""
        octets = "application/octet-stream"
        files: list[tuple[str, tuple[str | None, bytes, str]]] = [
            ("image", (id, bytes_of(one["image"]), octets)) for id, one in images.items()
        ]
        metadata = {id: one["metadata"] for id, one in images.items() if "metadata" in one}
        files.append(("metadata", (None, json.dumps(metadata).encode(), "application/json")))
        return cast(api.AddImagesAnswer, self._json("POST", "images", files=files))

    def add_vectors(self, points: list[api.Point]) -> api.AddVectorsAnswer:
        return cast(api.AddVectorsAnswer, self._json("POST", "vectors", body={"points": points}))

    def record(self, id: str, *, vector: bool = False) -> api.Record:
        query = {"include": "vector"} if vector else None
        return cast(api.Record, self._json("GET", "images", id, query=query))

    def records(
        self,
        filter: JsonObject | None = None,
        *,
        vector: bool = False,
        page_size: int | None = None,
    ) -> Iterator[api.Record]:
        """Gives all records in the order of their ids, page by page."""
        query: dict[str, Any] = {}
        if filter is not None:
            query["filter"] = json.dumps(filter)
        if vector:
            query["include"] = "vector"
        if page_size is not None:
            query["limit"] = page_size
        while True:
            page = cast(api.ScrollRecordsAnswer, self._json("GET", "images", query=query))
            yield from page["records"]
            if page["cursor"] is None:
                return
            query["cursor"] = page["cursor"]

    def patch(self, id: str, metadata: JsonObject) -> api.Record:
        """Changes metadata by a merge patch: members replace, None removes."""
        answer = self._json("PATCH", "images", id, body={"metadata": metadata})
        return cast(api.Record, answer)

    def content(self, id: str) -> bytes:
        """Reads the original or the thumbnail that was kept."""
        return self._transport.send("GET", self._path("images", id, "content")).content

    def delete(self, id: str) -> None:
        self._transport.send("DELETE", self._path("images", id))

    def delete_many(self, which: api.DeleteRequest) -> api.DeleteRecordsAnswer:
        """Deletes the records of some ids, or all that a filter allows."""
        answer = self._json("POST", "images", "delete", body=which)
        return cast(api.DeleteRecordsAnswer, answer)

    def search(self, request: JsonObject) -> api.SearchAnswer:
        """Searches. Where the request has images they may be bytes or paths."""
        return cast(api.SearchAnswer, self._json("POST", "search", body=request))

    def matches(self, request: JsonObject) -> Iterator[api.Match]:
        """Gives all matches of a search, page by page."""
        while True:
            page = self.search(request)
            yield from page["matches"]
            if page["cursor"] is None:
                return
            request = {**request, "cursor": page["cursor"]}

    def join(self, request: api.JoinRequest) -> Iterator[Pair]:
        """Gives the pairs of a join as they come.

        Raises `LookalikeError` also where the answer ends before all were given.
        """
        try:
            for line in self._transport.lines("POST", self._path("join"), body=request):
                item = json.loads(line)
                if "complete" not in item:
                    yield cast(Pair, item)
                elif item["complete"]:
                    return
                else:
                    raise LookalikeError(item["detail"], code=item["code"])
        except httpx.TransportError:
            pass
        message = f"the connection for the pairs of {self.name} broke before the last one"
        raise LookalikeError(message, code="CONNECTION_LOST")

    def identify(self, request: JsonObject) -> api.IdentifyAnswer:
        """Asks who a subject is. Where the request has images they may be bytes or paths."""
        return cast(api.IdentifyAnswer, self._json("POST", "identify", body=request))

    def import_archive(
        self, archive: Image, *, label_from: Literal["folder", "none"] = "folder"
    ) -> api.Job:
        """Starts an import of a zip, tar or tar.gz file, given as its bytes or its path; gives its job."""
        query = {"labelFrom": label_from}
        content = bytes_of(archive)
        return cast(api.Job, self._json("POST", "import", "archive", content=content, query=query))

    def call(self, method: str, *parts: str, body: JsonObject | None = None) -> Any:
        """Makes any other call on the collection: `call("POST", "verify", body={...})`."""
        return self._json(method, *parts, body=body)

    def _path(self, *parts: str) -> str:
        return path_of("collections", self.name, *parts)

    def _json(self, method: str, *parts: str, **options: Any) -> Any:
        return self._transport.call(method, self._path(*parts), **options)
