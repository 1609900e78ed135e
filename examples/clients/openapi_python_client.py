"""Twelve calls by a client of openapi-python-client. See docs/clients.md.

    python openapi_python_client.py URL ARCHIVE
"""

import base64
import sys
import time
from io import BytesIO
from pathlib import Path

from lookalike_client import Client
from lookalike_client.api.collections import create_collection, drop_collection
from lookalike_client.api.images import (
    add_image,
    add_images,
    delete_record,
    get_content,
    get_record,
    patch_record,
    scroll_records,
)
from lookalike_client.api.jobs import get_job, import_archive
from lookalike_client.api.search import identify, search
from lookalike_client.models import (
    Added,
    AddImagesBody,
    AddImagesBodyMetadata,
    AddImagesResponse200,
    Collection,
    CreateCollection,
    CreateCollectionKeep,
    CreateCollectionMetric,
    Filter,
    IdentifyAnswer,
    IdentifyRequest,
    IdentifyRequestThresholds,
    ImageSourceOfData,
    Job,
    Metadata,
    PatchRecordBody,
    Problem,
    Record,
    ScrollRecordsResponse200,
    SearchAnswer,
    SearchQueryOfImage,
    SearchRequest,
    SearchRequestIncludeItem,
    SubjectQueryOfImage,
)
from lookalike_client.types import UNSET, File

url, archive = sys.argv[1:3]
client = Client(url)
name = "openapi-python-client"


def picture(path: str) -> bytes:
    return Path(f"examples/emoji/{path}.png").read_bytes()


def file_of(content: bytes, file_name: str | None = None) -> File:
    return File(payload=BytesIO(content), file_name=file_name, mime_type="image/png")


fox = picture("animal-mammal/fox_face.google")
other_fox = picture("animal-mammal/fox_face.twitter")
cherries = picture("food-fruit/cherries.google")
fox_in_base64 = ImageSourceOfData(data=base64.b64encode(fox).decode())

# 1. Create a collection.
created = create_collection.sync(
    name,
    client=client,
    body=CreateCollection(
        metric=CreateCollectionMetric.COSINE,
        keep=CreateCollectionKeep.ORIGINAL,
        fields=["kind"],
        identity_field="who",
    ),
)
assert isinstance(created, Collection) and created.count == 0, created

# 2. Add two pictures by a form.
metadata = AddImagesBodyMetadata.from_dict(
    {"fox.png": {"kind": "animal", "who": "fox"}, "cherries.png": {"kind": "fruit"}}
)
form = AddImagesBody(
    image=[file_of(other_fox, "fox.png"), file_of(cherries, "cherries.png")], metadata=metadata
)
added = add_images.sync(name, client=client, body=form)
assert isinstance(added, AddImagesResponse200), added
assert [one.status.value for one in added.results] == ["added", "added"]

# 3. Add a picture by its bytes.
raw = add_image.sync(
    name, "foxes/1", client=client, body=file_of(fox), metadata='{"kind":"animal"}'
)
assert isinstance(raw, Added) and raw.status.value == "added", raw

# 4. Import an archive, as a job.
job = import_archive.sync(name, client=client, body=file_of(Path(archive).read_bytes()))
assert isinstance(job, Job), job

# 5. Follow its progress.
while job.state.value in ("queued", "running"):
    time.sleep(0.05)
    read = get_job.sync(job.id, client=client)
    assert isinstance(read, Job), read
    job = read
counts = job.progress.counts
assert (job.state.value, job.progress.done, counts["added"]) == ("succeeded", 2, 2), job

# 6. Search by a picture, with a filter.
found = search.sync(
    name,
    client=client,
    body=SearchRequest(
        query=SearchQueryOfImage(image=fox_in_base64),
        k=2,
        filter_=Filter.from_dict({"kind": {"$ne": "fruit"}}),
        include=[SearchRequestIncludeItem.METADATA],
    ),
)
assert isinstance(found, SearchAnswer), found
assert (found.matches[0].id, found.exact) == ("foxes/1", True)

# 7. Go through all records, page by page.
ids: list[str] = []
cursor: str | None = None
while True:
    page = scroll_records.sync(name, client=client, limit=2, cursor=cursor or UNSET)
    assert isinstance(page, ScrollRecordsResponse200), page
    ids += [record.id for record in page.records]
    cursor = page.cursor
    if cursor is None:
        break
assert len(ids) == 5

# 8. Change the metadata of a record.
patch = {"who": "fox", "seen": [1, {"deep": True}]}
patched = patch_record.sync(
    name, "foxes/1", client=client, body=PatchRecordBody(metadata=Metadata.from_dict(patch))
)
assert isinstance(patched, Record), patched
assert patched.metadata.to_dict() == {"kind": "animal", **patch}

# 9. Read the picture that was kept.
kept = get_content.sync(name, "foxes/1", client=client)
assert isinstance(kept, File) and kept.payload.read() == fox, kept

# 10. Ask who is on a picture.
who = identify.sync(
    name,
    client=client,
    body=IdentifyRequest(
        query=SubjectQueryOfImage(image=fox_in_base64),
        thresholds=IdentifyRequestThresholds(known=0.01, unknown=0.9),
    ),
)
assert isinstance(who, IdentifyAnswer), who
assert (who.decision.value, who.identity) == ("known", "fox")

# 11. Delete a record; asked for again, it is a typed problem.
assert delete_record.sync_detailed(name, "foxes/1", client=client).status_code == 204
gone = get_record.sync(name, "foxes/1", client=client)
assert isinstance(gone, Problem) and gone.code == "RECORD_NOT_FOUND", gone

# 12. Drop the collection.
assert drop_collection.sync_detailed(name, client=client).status_code == 204
print("12 calls passed")
