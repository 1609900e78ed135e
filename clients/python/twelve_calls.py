"""Makes twelve calls with the client: python twelve_calls.py URL ARCHIVE, in the folder of the service's sources."""

import sys
from pathlib import Path

from lookalike import Lookalike, LookalikeError


def picture(name: str) -> Path:
    return Path(f"examples/emoji/{name}.png")


url, archive = sys.argv[1:3]
fox = picture("animal-mammal/fox_face.google")
other_fox = picture("animal-mammal/fox_face.twitter")
cherries = picture("food-fruit/cherries.google").read_bytes()

with Lookalike(url) as lookalike:
    animals = lookalike.collection("python")
    created = animals.create({"keep": "original", "fields": ["kind"], "identityField": "who"})
    assert created["count"] == 0

    added = animals.add_many(
        {
            "deep/fox.png": {"image": other_fox, "metadata": {"kind": "animal", "who": "fox"}},
            "cherries.png": {"image": cherries, "metadata": {"kind": "fruit"}},
        }
    )
    assert [one["status"] for one in added["results"]] == ["added", "added"]

    raw = animals.add("foxes/1", fox, {"kind": "animal"})
    assert raw == {"id": "foxes/1", "status": "added"}

    job = animals.import_archive(Path(archive), label_from="none")
    assert lookalike.finished(job)["progress"]["counts"] == {"added": 2}

    found = animals.search({"query": {"image": fox}, "k": 2, "filter": {"kind": {"$ne": "fruit"}}})
    assert (found["matches"][0]["id"], found["exact"]) == ("foxes/1", True)

    ids = [record["id"] for record in animals.records(page_size=2)]
    assert ids == ["cat.png", "cherries.png", "deep/fox.png", "dog.png", "foxes/1"]
    assert [one["id"] for one in animals.records({"kind": "fruit"})] == ["cherries.png"]

    patched = animals.patch("foxes/1", {"who": "fox", "kind": None})
    assert patched["metadata"] == {"who": "fox"}

    assert animals.content("foxes/1") == fox.read_bytes()

    thresholds = {"known": 0.01, "unknown": 0.9}
    who = animals.identify({"query": {"images": [fox, fox]}, "thresholds": thresholds})
    assert (who["decision"], who["identity"]) == ("known", "fox")

    request = {"query": {"id": "foxes/1"}, "radius": 2, "limit": 1}
    assert len(list(animals.matches(request))) == 4

    pairs = list(animals.join({"k": 3}))
    assert len(pairs) == 3 and pairs[0]["distance"] <= pairs[2]["distance"]
    lines = animals.call("POST", "join", body={"k": 1})
    assert lines.endswith('{"complete":true,"pairs":1}\n')
    assert "# TYPE" in lookalike.call("GET", "/metrics")

    animals.delete("foxes/1")
    try:
        animals.record("foxes/1")
        raise AssertionError("expected an error")
    except LookalikeError as error:
        assert (error.code, error.status) == ("RECORD_NOT_FOUND", 404)

    assert animals.call("DELETE", "images", "cat.png") is None

    animals.drop()
    assert lookalike.collections() == []
print("12 calls passed")
