# Generated from /openapi.json by `npm run client-types`: change nothing here.
# SHA-256 of the document: 748186f1ed55fe010b268830cb9cd2143696c36ced9ccdb01bd14423d9607ad5
from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class AddedHeldItem(TypedDict):
    reason: str
    value: float
    limit: float


class Added(TypedDict):
    id: str
    status: Literal["added", "replaced"]
    held: NotRequired[list[AddedHeldItem]]


class Agreement(TypedDict):
    precision: float
    recall: float
    f: float


class AssignRequest(TypedDict):
    ids: list[str]
    identity: str | float | bool | None


class CalibratedDistanceRocItem(TypedDict):
    threshold: float
    falseMatchRate: float
    falseNonMatchRate: float


class CalibratedDistanceProbabilityItem(TypedDict):
    upTo: float
    probability: float


class CalibratedDistance(TypedDict):
    matches: list[ThresholdRow]
    accepts: list[ThresholdRow]
    roc: list[CalibratedDistanceRocItem]
    reach: float
    equalErrorRate: float
    probability: list[CalibratedDistanceProbabilityItem]


class CollectionBytes(TypedDict):
    disk: int
    memory: int


class Collection(TypedDict):
    name: str
    model: str | None
    metric: Literal["cosine", "euclidean"]
    dimensions: int
    fields: list[str]
    identityField: str | None
    cameraField: str | None
    quality: EnrolmentQuality | None
    keep: Literal["none", "thumbnail", "original"]
    latencyBudgetMs: float
    recallTarget: float
    memory: Literal["float32", "codes"]
    retainFor: int | None
    count: int
    bytes: CollectionBytes
    plan: str
    graph: Graph
    recall: list[MeasuredRecall]
    createdAt: str


class CountAnswerExplainLevelsItem(TypedDict):
    name: str
    candidates: int


class CountAnswerExplain(TypedDict):
    levels: list[CountAnswerExplainLevelsItem]


class CountAnswer(TypedDict):
    count: int
    exact: bool
    explain: NotRequired[CountAnswerExplain]


class CountRequest(TypedDict):
    query: NotRequired[PlainQuery]
    radius: NotRequired[float]
    filter: NotRequired[Filter]
    include: NotRequired[list[Literal["explain"]]]


class CreateCollection(TypedDict):
    model: NotRequired[str]
    metric: NotRequired[Literal["cosine", "euclidean"]]
    dimensions: NotRequired[int]
    fields: NotRequired[list[str]]
    identityField: NotRequired[str]
    cameraField: NotRequired[str]
    quality: NotRequired[EnrolmentQuality]
    keep: NotRequired[Literal["none", "thumbnail", "original"]]
    latencyBudgetMs: NotRequired[float]
    recallTarget: NotRequired[float]
    memory: NotRequired[Literal["float32", "codes"]]
    retainFor: NotRequired[int | None]


DeleteRequest: TypeAlias = "DeleteRequestOfIds | DeleteRequestOfFilter"


class DeleteRequestOfFilter(TypedDict):
    filter: Filter


class DeleteRequestOfIds(TypedDict):
    ids: list[str]


class DifferRequest(TypedDict):
    a: IdentityValue
    b: IdentityValue


class EnrolmentQuality(TypedDict):
    """What records with an identity must be: docs/identities.md says what each means."""

    minSide: NotRequired[int]
    sharpness: NotRequired[float]
    brightness: NotRequired[float]
    ownDistance: NotRequired[float]
    otherDistance: NotRequired[float]
    otherwise: Literal["refuse", "hold"]


class ErasureReceiptRemoved(TypedDict):
    records: int
    vectors: int
    originals: int
    thumbnails: int
    features: int
    facts: int
    changes: int


class ErasureReceiptUntouchedItem(TypedDict):
    what: str
    cure: str


class ErasureReceipt(TypedDict):
    identity: IdentityValue
    removed: ErasureReceiptRemoved
    complete: bool
    erasedAt: str
    untouched: list[ErasureReceiptUntouchedItem]


Example: TypeAlias = "ExampleOfId | ExampleOfVector | ExampleOfImage"


class ExampleOfId(TypedDict):
    id: str


class ExampleOfImage(TypedDict):
    image: ImageSource


class ExampleOfVector(TypedDict):
    vector: VectorInput


class Examples(TypedDict):
    collection: str
    pictures: int
    first: str
    mayAdd: bool


class ExplanationLevelsItem(TypedDict):
    name: str
    candidates: int


class Explanation(TypedDict):
    plan: str
    ef: NotRequired[int]
    recall: NotRequired[MeasuredRecall | None]
    levels: list[ExplanationLevelsItem]
    distances: int
    predictedMs: NotRequired[float]
    measuredMs: float
    rerank: NotRequired[RerankPlan]


class FacetsAnswerFacetsValueItem(TypedDict):
    value: IdentityValue
    count: int


class FacetsAnswer(TypedDict):
    facets: dict[str, list[FacetsAnswerFacetsValueItem]]
    records: int
    exact: bool
    complete: bool
    cut: list[str]


class FacetsRequest(TypedDict):
    fields: list[str]
    query: NotRequired[PlainQuery]
    radius: NotRequired[float]
    k: NotRequired[int]
    filter: NotRequired[Filter]
    limit: NotRequired[int]


Filter: TypeAlias = "dict[str, Any]"


Graph: TypeAlias = "GraphNone | GraphBuilding | GraphReady | GraphFailed"


class GraphBuilding(TypedDict):
    kind: Literal["building"]
    done: int
    wanted: int


class GraphFailed(TypedDict):
    kind: Literal["failed"]
    reason: str


class GraphNone(TypedDict):
    kind: Literal["none"]
    reason: str


class GraphProgress(TypedDict):
    done: int
    wanted: int


class GraphReady(TypedDict):
    kind: Literal["ready"]
    records: int
    fresh: int
    dead: int
    rebuilding: GraphProgress | None


class HubsAnswerHubsItem(TypedDict):
    id: str
    count: int


class HubsAnswer(TypedDict):
    hubs: list[HubsAnswerHubsItem]
    records: int
    never: int
    skewness: float
    complete: bool


class HubsRequest(TypedDict):
    k: NotRequired[int]
    filter: NotRequired[Filter]
    limit: NotRequired[int]
    records: NotRequired[int]


class IdentifyAnswerThresholds(TypedDict):
    known: float | None
    unknown: float | None
    source: Literal["request", "calibration", "outdated", "none"]
    falseAcceptRate: float | None


class IdentifyAnswerCandidatesItemBestItem(TypedDict):
    view: int
    id: str
    distance: float


class IdentifyAnswerCandidatesItem(TypedDict):
    identity: IdentityValue
    distance: float
    probability: NotRequired[float]
    votes: NotRequired[int]
    best: list[IdentifyAnswerCandidatesItemBestItem]


class IdentifyAnswerExplain(TypedDict):
    plan: Literal["records", "sets"]


class IdentifyAnswer(TypedDict):
    decision: Literal["known", "doubtful", "unknown", "undecided"]
    identity: IdentityValue | None
    distance: Literal["nearest", "mean-nearest", "hausdorff", "template", "votes"]
    thresholds: IdentifyAnswerThresholds
    candidates: list[IdentifyAnswerCandidatesItem]
    exact: bool
    complete: bool
    explain: NotRequired[IdentifyAnswerExplain]
    timings: Timings


class IdentifyRequestThresholds(TypedDict):
    """Unless given, those of the calibration. Distances, inclusive: up to `known` the first candidate is the subject, beyond `unknown` the subject is nobody who is stored."""

    known: float
    unknown: float


class IdentifyRequest(TypedDict):
    query: NotRequired[SubjectQuery]
    k: NotRequired[int]
    distance: NotRequired[Literal["nearest", "mean-nearest", "hausdorff", "template", "votes"]]
    filter: NotRequired[Filter]
    thresholds: NotRequired[IdentifyRequestThresholds]
    sameCamera: NotRequired[Literal["include", "exclude"]]
    camera: NotRequired[str | float | bool]
    include: NotRequired[list[Literal["explain"]]]


class Identity(TypedDict):
    identity: IdentityValue
    records: int
    metadata: Metadata


class IdentityChange(TypedDict):
    change: int | None
    records: int


class IdentityEdit(TypedDict):
    """`metadata` is a JSON merge patch (RFC 7396) of its own metadata."""

    identity: NotRequired[str | float | bool]
    metadata: NotRequired[Metadata]


IdentityValue: TypeAlias = "str | float | bool"


Image: TypeAlias = "ImageOfData | ImageOfUrl"


class ImageOfData(TypedDict):
    data: str
    metadata: NotRequired[Metadata]
    expiresAt: NotRequired[str]


class ImageOfUrl(TypedDict):
    url: str
    metadata: NotRequired[Metadata]
    expiresAt: NotRequired[str]


ImageSource: TypeAlias = "ImageSourceOfData | ImageSourceOfUrl"


class ImageSourceOfData(TypedDict):
    data: str


class ImageSourceOfUrl(TypedDict):
    url: str


ImportRequest: TypeAlias = "ImportRequestOfFolder | ImportRequestOfUrls"


class ImportRequestOfFolder(TypedDict):
    folder: str
    labelFrom: NotRequired[Literal["folder", "none"]]
    exclude: NotRequired[list[str]]


class ImportRequestOfUrlsUrlsItem(TypedDict):
    url: str
    id: NotRequired[str]
    metadata: NotRequired[Metadata]


class ImportRequestOfUrls(TypedDict):
    urls: list[ImportRequestOfUrlsUrlsItem]


class JobProgress(TypedDict):
    done: int
    total: int | None
    counts: dict[str, int]


class JobError(TypedDict):
    code: str
    detail: str


class Job(TypedDict):
    id: str
    kind: str
    collection: str | None
    about: str
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    progress: JobProgress
    failures: list[Refusal]
    failuresOmitted: int
    details: dict[str, Any] | None
    error: JobError | None
    createdAt: str
    startedAt: str | None
    finishedAt: str | None


JoinRequest = TypedDict(
    "JoinRequest",
    {
        "with": "NotRequired[str]",
        "radius": "NotRequired[float]",
        "k": "NotRequired[int]",
        "filter": "NotRequired[Filter]",
        "withFilter": "NotRequired[Filter]",
    },
)


class MapAnswerPlane(TypedDict):
    records: int
    changes: int
    shares: list[float]


class MapAnswer(TypedDict):
    ids: list[str]
    points: str
    field: MapField | None
    method: Literal["pca", "umap"]
    madeAt: str | None
    of: int
    complete: bool
    generation: int
    model: str | None
    plane: MapAnswerPlane


class MapField(TypedDict):
    """`values` with `places`; or `numbers`, of a field of more than 12 numbers."""

    name: str
    values: NotRequired[list[IdentityValue]]
    places: NotRequired[str]
    numbers: NotRequired[str]
    complete: bool


class Match(TypedDict):
    id: str
    distance: float
    similarity: NotRequired[float]
    reranked: NotRequired[float]
    metadata: NotRequired[Metadata]
    vector: NotRequired[Vector]
    group: NotRequired[IdentityValue]


class MeasuredRecall(TypedDict):
    filter: Literal["all", ">10%", "<=10%", "<=1%", "<=0.1%"]
    ef: int
    recall: float
    low: float
    high: float
    queries: int


MergeRequest = TypedDict(
    "MergeRequest",
    {
        "into": "IdentityValue",
        "from": "list[IdentityValue]",
    },
)


Metadata: TypeAlias = "dict[str, Any]"


class ObserveRequestThresholds(TypedDict):
    """Unless given, those of the calibration. Distances, inclusive: up to `known` the first candidate is the subject, beyond `unknown` the subject is nobody who is stored."""

    known: float
    unknown: float


class ObserveRequest(TypedDict):
    """Views of one subject, exactly one of `images`, `vectors` and parts of a form."""

    images: NotRequired[list[ImageSource]]
    vectors: NotRequired[list[VectorInput]]
    metadata: NotRequired[Metadata]
    camera: NotRequired[str | float | bool]
    track: NotRequired[str]
    idempotencyKey: NotRequired[str]
    distance: NotRequired[Literal["nearest", "mean-nearest", "hausdorff", "template", "votes"]]
    thresholds: NotRequired[ObserveRequestThresholds]


class OpenAiErrorError(TypedDict):
    message: str
    type: str
    param: str | None
    code: str


class OpenAiError(TypedDict):
    error: OpenAiErrorError


class PastIdentityChange(TypedDict):
    change: int
    at: str
    by: str | None
    kind: Literal["merge", "split", "assign", "differ", "rename", "describe", "undo"]
    what: dict[str, Any]
    records: int
    undoes: int | None
    undoneBy: int | None


PlainQuery: TypeAlias = "PlainQueryOfImage | PlainQueryOfImages | PlainQueryOfId | PlainQueryOfVector | PlainQueryOfPositive"


class PlainQueryOfId(TypedDict):
    id: str


class PlainQueryOfImage(TypedDict):
    image: ImageSource


class PlainQueryOfImages(TypedDict):
    images: list[ImageSource]


class PlainQueryOfPositive(TypedDict):
    positive: list[Example]
    negative: NotRequired[list[Example]]


class PlainQueryOfVector(TypedDict):
    vector: VectorInput


class Point(TypedDict):
    id: str
    vector: VectorInput
    metadata: NotRequired[Metadata]
    expiresAt: NotRequired[str]


class ProblemErrorsItem(TypedDict):
    path: str
    message: str


class Problem(TypedDict):
    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    requestId: str
    errors: NotRequired[list[ProblemErrorsItem]]


QueryPart: TypeAlias = "QueryPartOfImage | QueryPartOfImages | QueryPartOfId | QueryPartOfVector | QueryPartOfPositive"


class QueryPartOfId(TypedDict):
    id: str
    weight: NotRequired[float]
    by: NotRequired[Literal["embedding", "fingerprint"]]


class QueryPartOfImage(TypedDict):
    image: ImageSource
    weight: NotRequired[float]
    by: NotRequired[Literal["embedding", "fingerprint"]]


class QueryPartOfImages(TypedDict):
    images: list[ImageSource]
    weight: NotRequired[float]
    by: NotRequired[Literal["embedding", "fingerprint"]]


class QueryPartOfPositive(TypedDict):
    positive: list[Example]
    negative: NotRequired[list[Example]]
    weight: NotRequired[float]
    by: NotRequired[Literal["embedding", "fingerprint"]]


class QueryPartOfVector(TypedDict):
    vector: VectorInput
    weight: NotRequired[float]
    by: NotRequired[Literal["embedding", "fingerprint"]]


class RecordImage(TypedDict):
    contentHash: str
    mediaType: str
    width: int
    height: int
    bytes: int
    fingerprint: str | None


class Record(TypedDict):
    id: str
    metadata: Metadata
    image: RecordImage | None
    hasContent: bool
    updatedAt: str
    expiresAt: NotRequired[str]
    vector: NotRequired[Vector]


class Refusal(TypedDict):
    item: str
    code: str
    detail: str


Rerank = TypedDict(
    "Rerank",
    {
        "method": "Literal[\"k-reciprocal\", \"query-expansion\"]",
        "k1": "NotRequired[int]",
        "k2": "NotRequired[int]",
        "lambda": "NotRequired[float]",
        "candidates": "NotRequired[int]",
        "neighbours": "NotRequired[int]",
    },
)


class RerankPlan(TypedDict):
    """What re-ranking changed."""

    entered: list[str]
    left: list[str]
    moved: int
    distances: int


class RerankSummary(TypedDict):
    method: str
    records: int
    exactFor: Literal["candidates", "expanded-query"]


class ReverseSearchAnswerMatchesItem(TypedDict):
    id: str
    distance: float
    rank: int


class ReverseSearchAnswer(TypedDict):
    matches: list[ReverseSearchAnswerMatchesItem]
    exact: bool
    complete: bool


class ReverseSearchRequest(TypedDict):
    """Records that do not meet `filter` are not found, and count as no neighbours."""

    query: NotRequired[PlainQuery]
    k: NotRequired[int]
    filter: NotRequired[Filter]
    limit: NotRequired[int]


class SearchAnswer(TypedDict):
    matches: list[Match]
    exact: bool
    complete: bool
    cursor: str | None
    rerank: NotRequired[RerankSummary]
    explain: NotRequired[Explanation]
    timings: Timings


SearchQuery: TypeAlias = "SearchQueryOfImage | SearchQueryOfImages | SearchQueryOfId | SearchQueryOfVector | SearchQueryOfPositive | SearchQueryOfAll"


class SearchQueryOfAll(TypedDict):
    all: list[QueryPart]
    combine: NotRequired[Literal["sum", "max", "min"]]


class SearchQueryOfId(TypedDict):
    id: str


class SearchQueryOfImage(TypedDict):
    image: ImageSource


class SearchQueryOfImages(TypedDict):
    images: list[ImageSource]


class SearchQueryOfPositive(TypedDict):
    positive: list[Example]
    negative: NotRequired[list[Example]]


class SearchQueryOfVector(TypedDict):
    vector: VectorInput


class SearchRequest(TypedDict):
    query: NotRequired[SearchQuery]
    k: NotRequired[int]
    radius: NotRequired[float]
    filter: NotRequired[Filter]
    groupBy: NotRequired[str]
    groupSize: NotRequired[int]
    farthest: NotRequired[bool]
    diversity: NotRequired[float]
    candidates: NotRequired[int]
    accuracy: NotRequired[Literal["auto", "exact", "approximate"]]
    ef: NotRequired[int]
    exactIndex: NotRequired[Literal["scan", "vp-tree", "m-tree"]]
    sameCamera: NotRequired[Literal["include", "exclude"]]
    camera: NotRequired[str | float | bool]
    rerank: NotRequired[Rerank]
    include: NotRequired[list[Literal["metadata", "vector", "explain"]]]
    limit: NotRequired[int]
    cursor: NotRequired[str | None]


class SelectAnswerRecordsItem(TypedDict):
    id: str
    distance: float | None
    records: NotRequired[int]


class SelectAnswer(TypedDict):
    records: list[SelectAnswerRecordsItem]
    of: int
    radius: NotRequired[float]
    exact: bool


class SelectRequest(TypedDict):
    what: Literal["representative", "unusual"]
    k: NotRequired[int]
    filter: NotRequired[Filter]


class SplitRequest(TypedDict):
    identity: IdentityValue
    ids: list[str]
    to: str | float | bool


SubjectQuery: TypeAlias = "SubjectQueryOfIdentity | SubjectQueryOfImage | SubjectQueryOfImages | SubjectQueryOfId | SubjectQueryOfIds | SubjectQueryOfVector | SubjectQueryOfVectors"


class SubjectQueryOfId(TypedDict):
    id: str


class SubjectQueryOfIdentity(TypedDict):
    identity: IdentityValue


class SubjectQueryOfIds(TypedDict):
    ids: list[str]


class SubjectQueryOfImage(TypedDict):
    image: ImageSource


class SubjectQueryOfImages(TypedDict):
    images: list[ImageSource]


class SubjectQueryOfVector(TypedDict):
    vector: VectorInput


class SubjectQueryOfVectors(TypedDict):
    vectors: list[VectorInput]


class ThresholdRow(TypedDict):
    rate: float
    threshold: float | None
    thresholdInterval: list[float] | None
    missed: float
    missedInterval: list[float]
    trials: int
    enough: bool


class Timings(TypedDict):
    decodeMs: float
    embedMs: float
    searchMs: float
    totalMs: float


class UndoRequest(TypedDict):
    change: int


Vector: TypeAlias = "list[float]"


VectorInput: TypeAlias = "Vector | str"


class StartAnswer(TypedDict):
    service: str
    version: str
    documentation: str
    openapi: str
    collections: str
    ready: str


class LiveAnswer(TypedDict):
    live: bool


class ReadyAnswer(TypedDict):
    ready: bool
    reason: str | None


class HealthAnswer(TypedDict):
    unix: float
    ready: bool
    reason: str | None
    more: str


class HealthV1Answer(TypedDict):
    unix: float
    ready: bool
    reason: str | None
    more: str


class ListCollectionsAnswer(TypedDict):
    collections: list[Collection]


class AddImagesAnswerResultsItemHeldItem(TypedDict):
    reason: str
    value: float
    limit: float


class AddImagesAnswerResultsItemError(TypedDict):
    code: str
    status: int
    detail: str


class AddImagesAnswerResultsItem(TypedDict):
    id: str
    status: Literal["added", "replaced", "failed"]
    held: NotRequired[list[AddImagesAnswerResultsItemHeldItem]]
    error: NotRequired[AddImagesAnswerResultsItemError]


class AddImagesAnswer(TypedDict):
    results: list[AddImagesAnswerResultsItem]


class ScrollRecordsAnswer(TypedDict):
    records: list[Record]
    cursor: str | None


class AddVectorsAnswer(TypedDict):
    results: list[Added]


class DeleteRecordsAnswer(TypedDict):
    deleted: int


class CollectionStatisticsAnswerSample(TypedDict):
    seed: int
    records: int
    queries: int
    pairs: int
    neighbours: int


class CollectionStatisticsAnswerDistancesQuantilesItem(TypedDict):
    share: float
    distance: float


CollectionStatisticsAnswerDistancesHistogramItem = TypedDict(
    "CollectionStatisticsAnswerDistancesHistogramItem",
    {
        "from": "float",
        "to": "float",
        "share": "float",
    },
)


class CollectionStatisticsAnswerDistances(TypedDict):
    """Published distances of the sampled pairs."""

    mean: float
    standardDeviation: float
    quantiles: list[CollectionStatisticsAnswerDistancesQuantilesItem]
    histogram: list[CollectionStatisticsAnswerDistancesHistogramItem]


class CollectionStatisticsAnswerIntrinsicDimension(TypedDict):
    rho: float | None
    lid: float | None


class CollectionStatisticsAnswerExpectedHits(TypedDict):
    radius: float
    hits: float | None


class CollectionStatisticsAnswerExpectedRadius(TypedDict):
    count: int
    radius: float | None


class CollectionStatisticsAnswerCostLevelsItem(TypedDict):
    name: str
    candidates: float


class CollectionStatisticsAnswerCost(TypedDict):
    """Of the searches of this sample, on average."""

    k: int
    plan: str
    levels: list[CollectionStatisticsAnswerCostLevelsItem]
    distances: float


class CollectionStatisticsAnswerApproximation(TypedDict):
    """Approximate answers next to exact ones; null where all are exact."""

    k: int
    queries: int
    distanceError: float | None
    positionError: float


class CollectionStatisticsAnswer(TypedDict):
    count: int
    sample: CollectionStatisticsAnswerSample
    distances: CollectionStatisticsAnswerDistances | None
    intrinsicDimension: CollectionStatisticsAnswerIntrinsicDimension
    expectedHits: NotRequired[CollectionStatisticsAnswerExpectedHits]
    expectedRadius: NotRequired[CollectionStatisticsAnswerExpectedRadius]
    cost: CollectionStatisticsAnswerCost | None
    approximation: CollectionStatisticsAnswerApproximation | None


class EmbedAnswerDataItem(TypedDict):
    object: Literal["embedding"]
    index: int
    embedding: list[float] | str


class EmbedAnswerUsage(TypedDict):
    prompt_tokens: int
    total_tokens: int


class EmbedAnswer(TypedDict):
    object: Literal["list"]
    model: str
    data: list[EmbedAnswerDataItem]
    usage: EmbedAnswerUsage


class ListModelsAnswerDataItemStats(TypedDict):
    """Empty; infinity's client asks for it."""




class ListModelsAnswerDataItem(TypedDict):
    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    dimensions: int
    min_dimensions: int
    licence: str
    stats: ListModelsAnswerDataItemStats


class ListModelsAnswer(TypedDict):
    object: Literal["list"]
    data: list[ListModelsAnswerDataItem]


class ModelAnswerStats(TypedDict):
    """Empty; infinity's client asks for it."""




class ModelAnswer(TypedDict):
    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    dimensions: int
    min_dimensions: int
    licence: str
    stats: ModelAnswerStats


class DuplicatesAnswerGroupsItem(TypedDict):
    ids: list[str]
    complete: bool


class DuplicatesAnswer(TypedDict):
    groups: list[DuplicatesAnswerGroupsItem]
    exact: bool
    complete: bool
    cursor: str | None
    without: NotRequired[int]


class SearchIdentitiesAnswerIdentitiesItemNearest(TypedDict):
    """Its record that is nearest to any one of the query."""

    id: str
    distance: float


class SearchIdentitiesAnswerIdentitiesItem(TypedDict):
    identity: IdentityValue
    distance: float
    records: int
    nearest: SearchIdentitiesAnswerIdentitiesItemNearest
    votes: NotRequired[int]


class SearchIdentitiesAnswerExplain(TypedDict):
    plan: Literal["scan"]
    identities: int
    distances: int


class SearchIdentitiesAnswer(TypedDict):
    identities: list[SearchIdentitiesAnswerIdentitiesItem]
    exact: bool
    complete: bool
    tooLarge: list[IdentityValue]
    explain: NotRequired[SearchIdentitiesAnswerExplain]
    timings: Timings


class ListIdentitiesAnswer(TypedDict):
    identities: list[Identity]
    total: int
    cursor: str | None


class GetIdentityAnswer(TypedDict):
    identity: IdentityValue
    records: int
    metadata: Metadata
    differs: list[IdentityValue]


class PatchIdentityAnswer(TypedDict):
    identity: IdentityValue
    records: int
    metadata: Metadata
    differs: list[IdentityValue]
    change: int | None


class IdentityHistoryAnswer(TypedDict):
    changes: list[PastIdentityChange]
    cursor: str | None


class VerifyAnswer(TypedDict):
    same: bool | None
    distance: float
    threshold: float | None
    by: Literal["nearest", "mean-nearest", "hausdorff", "template"]
    source: Literal["request", "calibration", "outdated", "none"]
    probability: float | None
    falseMatchRate: float | None
    falseNonMatchRate: float | None


class ObserveAnswerCandidatesItemBestItem(TypedDict):
    view: int
    id: str
    distance: float


class ObserveAnswerCandidatesItem(TypedDict):
    identity: IdentityValue
    distance: float
    probability: NotRequired[float]
    votes: NotRequired[int]
    best: list[ObserveAnswerCandidatesItemBestItem]


class ObserveAnswer(TypedDict):
    identity: IdentityValue
    created: bool
    decision: Literal["known", "doubtful", "unknown"]
    by: Literal["distance", "track", "repeat"]
    records: list[str]
    candidates: list[ObserveAnswerCandidatesItem]


class UnknownsAnswerClustersItem(TypedDict):
    ids: list[str]
    spread: float
    complete: bool


class UnknownsAnswer(TypedDict):
    clusters: list[UnknownsAnswerClustersItem]
    radius: float
    source: Literal["request", "calibration"]
    complete: bool
    cursor: str | None


class SuggestionsAnswerMergesItem(TypedDict):
    a: IdentityValue
    b: IdentityValue
    probability: float
    pair: list[str]
    distance: float


class SuggestionsAnswerOutliersItemOwn(TypedDict):
    """The nearest record of its own identity."""

    id: str
    distance: float


class SuggestionsAnswerOutliersItemOther(TypedDict):
    identity: IdentityValue
    id: str
    distance: float


class SuggestionsAnswerOutliersItem(TypedDict):
    id: str
    identity: IdentityValue
    probability: float
    own: SuggestionsAnswerOutliersItemOwn
    other: SuggestionsAnswerOutliersItemOther | None


class SuggestionsAnswer(TypedDict):
    merges: list[SuggestionsAnswerMergesItem]
    outliers: list[SuggestionsAnswerOutliersItem]
    tooLarge: list[IdentityValue]
    complete: bool
    cursor: str | None


ReadCalibrationAnswerDistances = TypedDict(
    "ReadCalibrationAnswerDistances",
    {
        "nearest": "CalibratedDistance",
        "mean-nearest": "CalibratedDistance",
        "template": "CalibratedDistance",
        "hausdorff": "CalibratedDistance",
    },
)


class ReadCalibrationAnswerClusters(TypedDict):
    radius: float
    records: int
    pairwise: Agreement
    bcubed: Agreement


class ReadCalibrationAnswer(TypedDict):
    records: int
    identities: int
    probes: int
    best: Literal["nearest", "mean-nearest", "hausdorff", "template", "votes"]
    distances: ReadCalibrationAnswerDistances
    clusters: NotRequired[ReadCalibrationAnswerClusters | None]
    generation: int
    model: str | None
    views: int
    seed: int
    calibratedAt: str


class ListJobsAnswer(TypedDict):
    jobs: list[Job]


class ListGenerationsAnswerGenerationsItem(TypedDict):
    generation: int
    model: str
    modelSha256: str | None
    dimensions: int
    createdAt: str
    inForce: bool


class ListGenerationsAnswer(TypedDict):
    generations: list[ListGenerationsAnswerGenerationsItem]
