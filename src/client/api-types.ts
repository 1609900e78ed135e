// Generated from /openapi.json by `npm run client-types`: change nothing here.
// SHA-256 of the document: 748186f1ed55fe010b268830cb9cd2143696c36ced9ccdb01bd14423d9607ad5
export interface paths {
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where to go from here */
        get: operations["start"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** As `/readyz`, in the shape of infinity */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process is alive, and its models answer */
        get: operations["live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Metrics in Prometheus text format */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The service is ready, or why it is not */
        get: operations["ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All collections that the key sees */
        get: operations["listCollections"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Count, bytes and plan of a collection */
        get: operations["getCollection"];
        /** Create a collection; the same again changes nothing */
        put: operations["createCollection"];
        post?: never;
        /** Drop a collection and all its records */
        delete: operations["dropCollection"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/calibrate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Find thresholds by the labelled records of a collection, as a job */
        post: operations["calibrate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/calibration": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What labelled records said about the distances of a collection */
        get: operations["readCalibration"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The number of records within a radius, under a filter, or both */
        post: operations["count"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/duplicates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Groups of records that are the same picture, or look alike */
        post: operations["duplicates"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/evaluate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** How well a collection finds the same identity again, as a job */
        post: operations["evaluate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/facets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The number of records by the values of metadata fields */
        post: operations["facets"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/generations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The vectors of a collection by the model that made them; none before the first move */
        get: operations["listGenerations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/generations/{generation}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Drop vectors that are not active */
        delete: operations["dropGeneration"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/hubs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** How often records are among the k nearest of others */
        post: operations["hubs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/identify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Who a subject is, or that it is nobody who is stored */
        post: operations["identify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/identities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Identities with the numbers of their records, page by page */
        get: operations["listIdentities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/identities/{identity}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One identity */
        get: operations["getIdentity"];
        put?: never;
        post?: never;
        /** Erase an identity: its records, vectors and pictures, from every file */
        delete: operations["eraseIdentity"];
        options?: never;
        head?: never;
        /** Rename an identity, or change its own metadata */
        patch: operations["patchIdentity"];
        trace?: never;
    };
    "/v1/collections/{collection}/identities/assign": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give records an identity, or none */
        post: operations["assignIdentity"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/identities/differ": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keep that two identities are not the same */
        post: operations["differIdentities"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/identities/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Changes of identities: who, when and what */
        get: operations["identityHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/identities/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make several identities one */
        post: operations["mergeIdentities"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/identities/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Identities by the distance of their sets of records */
        post: operations["searchIdentities"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/identities/split": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make some records of an identity another one */
        post: operations["splitIdentity"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/identities/suggestions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Identities that are probably one, and records that are probably in the wrong one */
        post: operations["suggestions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/identities/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take back a change of identities */
        post: operations["undoIdentityChange"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/identities/unknowns": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Records without an identity, as clusters to be named */
        post: operations["unknowns"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Records in id order, page by page */
        get: operations["scrollRecords"];
        put?: never;
        /** Add or replace many images; each succeeds or fails by itself */
        post: operations["addImages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/images/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One record */
        get: operations["getRecord"];
        /** Add or replace one image */
        put: operations["addImage"];
        post?: never;
        /** Delete one record */
        delete: operations["deleteRecord"];
        options?: never;
        head?: never;
        /** Change metadata */
        patch: operations["patchRecord"];
        trace?: never;
    };
    "/v1/collections/{collection}/images/{id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The kept original or thumbnail */
        get: operations["getContent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/images/delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Delete records by ids or by filter; unknown ids are no error */
        post: operations["deleteRecords"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add images from a folder of the server, or from URLs, as a job */
        post: operations["importImages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/import/archive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add the images of a zip, tar or tar.gz file, as a job */
        post: operations["importArchive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/join": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pairs of records within a radius, or the closest, of one collection or two */
        post: operations["join"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/map": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where the records of a collection lie on the plane on which they differ most */
        get: operations["map"];
        put?: never;
        /** Lay out a collection by its neighbourhoods (UMAP), as a job */
        post: operations["layOut"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/observe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Find the identity of what was seen, or make one, and store it, in one step */
        post: operations["observe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/reembed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Move a collection to another model, as a job */
        post: operations["reembed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/reverse-search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The records that have the query among their k nearest */
        post: operations["reverseSearch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The nearest records, those within a radius, or both */
        post: operations["search"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/select": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Records that stand for a collection, or stand out of it */
        post: operations["select"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Distances, intrinsic dimension and expected cost, from a sample */
        get: operations["collectionStatistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/vectors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add or replace records that were embedded elsewhere; all are checked before the first is stored */
        post: operations["addVectors"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections/{collection}/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Whether two subjects are the same */
        post: operations["verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/embeddings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Vectors of images, stored nowhere */
        post: operations["embed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/examples": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The example pictures that are shipped, to try the service with */
        get: operations["getExamples"];
        put?: never;
        /** Add the example pictures to a collection of their own, as a job; again adds what is missing */
        post: operations["addExamples"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** As `/readyz`, in the shape of infinity */
        get: operations["healthV1"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Jobs, the newest first; the last 200 that have ended are kept */
        get: operations["listJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One job: state, progress, what was refused */
        get: operations["getJob"];
        put?: never;
        post?: never;
        /** Cancel a job; answers when it has stopped. One that has ended stays as it is */
        delete: operations["cancelJob"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The job as server-sent events, until it has ended */
        get: operations["watchJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The models there are */
        get: operations["listModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{model}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One model */
        get: operations["model"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trainings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Train a model on labelled pictures or a labelled collection, as a job */
        post: operations["train"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Added: {
            /** @description Why it was stored without its identity, by the quality that is asked for. */
            held?: {
                limit: number;
                reason: string;
                value: number;
            }[];
            id: string;
            /**
             * @description Whether the id was new.
             * @enum {string}
             */
            status: "added" | "replaced";
        };
        Agreement: {
            f: number;
            precision: number;
            recall: number;
        };
        AssignRequest: {
            /** @description What they become, new or not; null: nobody. */
            identity: (string | number | boolean) | null;
            /** @description Records, each once. */
            ids: string[];
        };
        CalibratedDistance: {
            /** @description False accept rates: of subjects who are not stored, compared with all identities. */
            accepts: components["schemas"]["ThresholdRow"][];
            equalErrorRate: number;
            /** @description False match rates: of a comparison with one other identity. */
            matches: components["schemas"]["ThresholdRow"][];
            /** @description Of a match, by distance: steps that only fall, for who expected either alike. */
            probability: {
                probability: number;
                upTo: number;
            }[];
            /** @description Within it 99 % of probes are from their own identity. */
            reach: number;
            roc: {
                falseMatchRate: number;
                falseNonMatchRate: number;
                threshold: number;
            }[];
        };
        Collection: {
            bytes: {
                /** @description Bytes on disk, about. */
                disk: number;
                /** @description Bytes in memory, about. */
                memory: number;
            };
            cameraField: string | null;
            /** @description Records. */
            count: number;
            /** @description ISO 8601, UTC. */
            createdAt: string;
            dimensions: number;
            fields: string[];
            graph: components["schemas"]["Graph"];
            identityField: string | null;
            /**
             * @description What is kept of an uploaded image.
             * @enum {string}
             */
            keep: "none" | "thumbnail" | "original";
            /** @description What a search may take, predicted, to be exact with `accuracy: auto`. Milliseconds. */
            latencyBudgetMs: number;
            /**
             * @description What is in memory of each vector: all of it, or 8-bit codes while the rest is read from a file. Answers are the same.
             * @enum {string}
             */
            memory: "float32" | "codes";
            /**
             * @description Unit of `distance` and `radius`.
             * @enum {string}
             */
            metric: "cosine" | "euclidean";
            model: string | null;
            name: string;
            /** @description How an unfiltered k-NN query is answered now. */
            plan: string;
            quality: components["schemas"]["EnrolmentQuality"] | null;
            /** @description Share of the exact answer that the graph finds, with its 95 % confidence interval; only what was measured. */
            recall: components["schemas"]["MeasuredRecall"][];
            /** @description Share of the k nearest that approximate answers are to find, on average. */
            recallTarget: number;
            /** @description Seconds after its last write at which a record is deleted; null for never. */
            retainFor: number | null;
        };
        CountAnswer: {
            count: number;
            exact: boolean;
            explain?: {
                levels: {
                    candidates: number;
                    name: string;
                }[];
            };
        };
        CountRequest: {
            filter?: components["schemas"]["Filter"];
            include?: "explain"[];
            query?: components["schemas"]["PlainQuery"];
            /** @description Of the query, inclusive. */
            radius?: number;
        };
        CreateCollection: {
            cameraField?: string;
            /** @description Without `model`: a collection of vectors only. */
            dimensions?: number;
            /** @description Metadata fields to filter by. */
            fields?: string[];
            identityField?: string;
            /**
             * @description What is kept of an uploaded image.
             * @enum {string}
             */
            keep?: "none" | "thumbnail" | "original";
            /** @description What a search may take, predicted, to be exact with `accuracy: auto`. Milliseconds. */
            latencyBudgetMs?: number;
            /**
             * @description What is in memory of each vector: all of it, or 8-bit codes while the rest is read from a file. Answers are the same.
             * @enum {string}
             */
            memory?: "float32" | "codes";
            /**
             * @description Unit of `distance` and `radius`.
             * @enum {string}
             */
            metric?: "cosine" | "euclidean";
            /** @description The embedding model. */
            model?: string;
            quality?: components["schemas"]["EnrolmentQuality"];
            /** @description Share of the k nearest that approximate answers are to find, on average. */
            recallTarget?: number;
            /** @description Seconds after its last write at which a record is deleted; null for never. */
            retainFor?: number | null;
        };
        /** @description Exactly one of `ids` and `filter`. */
        DeleteRequest: components["schemas"]["DeleteRequestOfIds"] | components["schemas"]["DeleteRequestOfFilter"];
        DeleteRequestOfFilter: {
            filter: components["schemas"]["Filter"];
        };
        DeleteRequestOfIds: {
            ids: string[];
        };
        DifferRequest: {
            a: components["schemas"]["IdentityValue"];
            b: components["schemas"]["IdentityValue"];
        };
        /** @description What records with an identity must be: docs/identities.md says what each means. */
        EnrolmentQuality: {
            brightness?: number;
            /** @description Pixels of the shorter side, at least. */
            minSide?: number;
            otherDistance?: number;
            /**
             * @description What becomes of records that fall short.
             * @enum {string}
             */
            otherwise: "refuse" | "hold";
            ownDistance?: number;
            sharpness?: number;
        };
        ErasureReceipt: {
            /** @description Whether no file of the data folder has a byte of it any more. False: that is still being done, as a long read needs the log. */
            complete: boolean;
            /** @description ISO 8601, UTC. */
            erasedAt: string;
            identity: components["schemas"]["IdentityValue"];
            removed: {
                /** @description Changes of the history that named it or its records; they cannot be undone. */
                changes: number;
                /** @description Its own metadata, and what says that it is not another identity. */
                facts: number;
                /** @description Vectors of the same pictures that trainings had kept. */
                features: number;
                originals: number;
                records: number;
                thumbnails: number;
                /** @description Of all models that the collection was embedded with. */
                vectors: number;
            };
            /** @description What is beyond the reach of the service, such as backups made before. */
            untouched: {
                cure: string;
                what: string;
            }[];
        };
        /** @description Exactly one of `id`, `vector` and `image`. */
        Example: components["schemas"]["ExampleOfId"] | components["schemas"]["ExampleOfVector"] | components["schemas"]["ExampleOfImage"];
        ExampleOfId: {
            id: string;
        };
        ExampleOfImage: {
            image: components["schemas"]["ImageSource"];
        };
        ExampleOfVector: {
            vector: components["schemas"]["VectorInput"];
        };
        Examples: {
            /** @description The collection that they are added to. */
            collection: string;
            /** @description The id of one that is good to search by first. */
            first: string;
            /** @description Whether this caller may add them. */
            mayAdd: boolean;
            /** @description How many are shipped; 0 where none are. */
            pictures: number;
        };
        Explanation: {
            /** @description Distances computed in full. */
            distances: number;
            /** @description Candidates that the graph kept in sight. */
            ef?: number;
            levels: {
                candidates: number;
                name: string;
            }[];
            /** @description What it took, with waiting for others. */
            measuredMs: number;
            plan: string;
            /** @description What the planner expected of the search; left out where there was one way to answer it. */
            predictedMs?: number;
            /** @description Of answers by the graph: as measured; null before that. */
            recall?: components["schemas"]["MeasuredRecall"] | null;
            rerank?: components["schemas"]["RerankPlan"];
        };
        FacetsAnswer: {
            /** @description False when a list was cut. */
            complete: boolean;
            /** @description The fields that have more values. */
            cut: string[];
            /** @description False when a field has more values than are told apart: more frequent ones may be missing from its list. */
            exact: boolean;
            /** @description The values of each field, the most frequent first, then by value. */
            facets: {
                [key: string]: {
                    count: number;
                    value: components["schemas"]["IdentityValue"];
                }[];
            };
            /** @description The records in which they were counted. */
            records: number;
        };
        FacetsRequest: {
            /** @description Metadata fields whose values are counted. */
            fields: string[];
            filter?: components["schemas"]["Filter"];
            /** @description Only the k nearest to the query. */
            k?: number;
            /** @description Values of each field. */
            limit?: number;
            query?: components["schemas"]["PlainQuery"];
            /** @description Of the query, inclusive. */
            radius?: number;
        };
        /** @description Conditions on metadata: `$eq $ne $in $nin $gt $gte $lt $lte $exists $and $or $not`; a bare value means `$eq`. */
        Filter: {
            [key: string]: unknown;
        };
        /** @description The graph that approximate answers come from. */
        Graph: components["schemas"]["GraphNone"] | components["schemas"]["GraphBuilding"] | components["schemas"]["GraphReady"] | components["schemas"]["GraphFailed"];
        GraphBuilding: {
            /** @description Records in it. */
            done: number;
            /** @enum {string} */
            kind: "building";
            /** @description Records it will have. */
            wanted: number;
        };
        GraphFailed: {
            /** @enum {string} */
            kind: "failed";
            reason: string;
        };
        GraphNone: {
            /** @enum {string} */
            kind: "none";
            reason: string;
        };
        GraphProgress: {
            /** @description Records in it. */
            done: number;
            /** @description Records it will have. */
            wanted: number;
        };
        GraphReady: {
            /** @description Vectors in it that are of no record any more. */
            dead: number;
            /** @description Records not in it yet: searched exactly. */
            fresh: number;
            /** @enum {string} */
            kind: "ready";
            rebuilding: components["schemas"]["GraphProgress"] | null;
            /** @description Records in it. */
            records: number;
        };
        HubsAnswer: {
            /** @description Whether the k nearest of all records were looked for. */
            complete: boolean;
            /** @description By count, the largest first, then id. */
            hubs: {
                count: number;
                id: string;
            }[];
            /** @description Records that are among the k nearest of none of them. */
            never: number;
            /** @description Records whose k nearest were looked for. */
            records: number;
            /** @description Of the counts of all records: 0 where they are even, larger where there are hubs. */
            skewness: number;
        };
        HubsRequest: {
            filter?: components["schemas"]["Filter"];
            /** @description By default 10. */
            k?: number;
            /** @description Hubs in the answer, by default 100. */
            limit?: number;
            /** @description Records whose k nearest are looked for, drawn at random; all unless given. */
            records?: number;
        };
        IdentifyAnswer: {
            /** @description Identities, the nearest first; with `votes` by their number before that. */
            candidates: {
                /** @description Views and the record that is nearest to each, the nearest first. */
                best: {
                    distance: number;
                    id: string;
                    /** @description The place of the view in the query, from 0. */
                    view: number;
                }[];
                distance: number;
                identity: components["schemas"]["IdentityValue"];
                /** @description Of being the subject, where the distance is calibrated. */
                probability?: number;
                /** @description Views whose nearest identity it is, by `votes`. */
                votes?: number;
            }[];
            /** @description False when identities of too many records were not compared. */
            complete: boolean;
            /**
             * @description `doubtful`: between the thresholds. `undecided`: there are no thresholds.
             * @enum {string}
             */
            decision: "known" | "doubtful" | "unknown" | "undecided";
            /**
             * @description How far a subject is from an identity; unless given the best by the calibration, else `nearest`. docs/identities.md says what each means.
             * @enum {string}
             */
            distance: "nearest" | "mean-nearest" | "hausdorff" | "template" | "votes";
            exact: boolean;
            explain?: {
                /**
                 * @description The index that answered.
                 * @enum {string}
                 */
                plan: "records" | "sets";
            };
            /** @description Null unless it is known. */
            identity: components["schemas"]["IdentityValue"] | null;
            thresholds: {
                /** @description Of calibrated thresholds: the rate at which subjects who are not stored are taken for somebody. */
                falseAcceptRate: number | null;
                known: number | null;
                /**
                 * @description Where it comes from. `outdated`: nowhere, since the calibration is of another model.
                 * @enum {string}
                 */
                source: "request" | "calibration" | "outdated" | "none";
                unknown: number | null;
            };
            timings: components["schemas"]["Timings"];
        };
        IdentifyRequest: {
            /** @description Beside sameCamera `exclude`: the camera that the query comes from; unless given, the cameras of the records searched by. */
            camera?: string | number | boolean;
            /**
             * @description How far a subject is from an identity; unless given the best by the calibration, else `nearest`. docs/identities.md says what each means.
             * @enum {string}
             */
            distance?: "nearest" | "mean-nearest" | "hausdorff" | "template" | "votes";
            filter?: components["schemas"]["Filter"];
            include?: "explain"[];
            /** @description Candidates; 5 unless given. */
            k?: number;
            query?: components["schemas"]["SubjectQuery"];
            /**
             * @description `exclude` leaves out records of the camera that the query comes from, by the `cameraField` of the collection.
             * @enum {string}
             */
            sameCamera?: "include" | "exclude";
            /** @description Unless given, those of the calibration. Distances, inclusive: up to `known` the first candidate is the subject, beyond `unknown` the subject is nobody who is stored. */
            thresholds?: {
                known: number;
                unknown: number;
            };
        };
        Identity: {
            identity: components["schemas"]["IdentityValue"];
            metadata: components["schemas"]["Metadata"];
            /** @description That it has now. */
            records: number;
        };
        IdentityChange: {
            /** @description Its number in the history, to undo it by; null: all was so already. */
            change: number | null;
            /** @description Whose identity was changed. */
            records: number;
        };
        /** @description `metadata` is a JSON merge patch (RFC 7396) of its own metadata. */
        IdentityEdit: {
            /** @description A new name. */
            identity?: string | number | boolean;
            metadata?: components["schemas"]["Metadata"];
        };
        IdentityValue: string | number | boolean;
        Image: components["schemas"]["ImageOfData"] | components["schemas"]["ImageOfUrl"];
        ImageOfData: {
            /** @description The image file in base64, bare or as a data URI. */
            data: string;
            /**
             * @description ISO 8601 with a zone. The record is deleted some seconds after it, or earlier, as `retainFor` of the collection says.
             * @example 2030-12-31T23:59:59Z
             */
            expiresAt?: string;
            metadata?: components["schemas"]["Metadata"];
        };
        ImageOfUrl: {
            /**
             * @description ISO 8601 with a zone. The record is deleted some seconds after it, or earlier, as `retainFor` of the collection says.
             * @example 2030-12-31T23:59:59Z
             */
            expiresAt?: string;
            metadata?: components["schemas"]["Metadata"];
            /** @description Where to fetch the image, if allowed. */
            url: string;
        };
        /** @description Exactly one of `data` and `url`. */
        ImageSource: components["schemas"]["ImageSourceOfData"] | components["schemas"]["ImageSourceOfUrl"];
        ImageSourceOfData: {
            /** @description The image file in base64, bare or as a data URI. */
            data: string;
        };
        ImageSourceOfUrl: {
            /** @description Where to fetch the image, if allowed. */
            url: string;
        };
        /** @description Exactly one of `folder` and `urls`; `labelFrom` and `exclude` go with `folder`. */
        ImportRequest: components["schemas"]["ImportRequestOfFolder"] | components["schemas"]["ImportRequestOfUrls"];
        ImportRequestOfFolder: {
            /** @description Globs of what is left out (docs/jobs.md), beside `.* __MACOSX/ Thumbs.db ehthumbs*.db desktop.ini $RECYCLE.BIN/ System Volume Information/ lost+found/ @eaDir/ #recycle/ #snapshot/ @Recycle/ @Recently-Snapshot/ @__thumb/`. */
            exclude?: string[];
            /** @description Below `LOOKALIKE_IMPORT_ROOT`; `.` is all of it. */
            folder: string;
            /**
             * @description Whether the first folder of a path becomes the metadata member `label`; `folder` unless given.
             * @enum {string}
             */
            labelFrom?: "folder" | "none";
        };
        ImportRequestOfUrls: {
            urls: {
                /** @description The URL unless given. */
                id?: string;
                metadata?: components["schemas"]["Metadata"];
                url: string;
            }[];
        };
        Job: {
            /** @description What was asked for, in words. */
            about: string;
            /** @description Null for a training. */
            collection: string | null;
            /** @description ISO 8601, UTC. */
            createdAt: string;
            /** @description Of an import `leftOut`, the first 100 files that were left out, as `{ item, reason }`; null where there are none. Of a training `stage`, `curve`, `notes`, and when it has succeeded its `report`. */
            details: {
                [key: string]: unknown;
            } | null;
            /** @description Why the whole job failed. */
            error: {
                code: string;
                detail: string;
            } | null;
            /** @description The first 100 refused. */
            failures: components["schemas"]["Refusal"][];
            /** @description Refused beyond those listed. */
            failuresOmitted: number;
            finishedAt: string | null;
            id: string;
            kind: string;
            progress: {
                /** @description What became of those done: `added`, `replaced`, `updated` (the metadata alone), `skipped`, `leftOut`, `refused`; `embedded`, `ended`. */
                counts: {
                    [key: string]: number;
                };
                done: number;
                /** @description Null where nobody knows. */
                total: number | null;
            };
            startedAt: string | null;
            /**
             * @description The last three are final.
             * @enum {string}
             */
            state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
        };
        /** @description A `radius`, a `k`, or both. `filter` is for records of the collection, `withFilter` for those of `with`. */
        JoinRequest: {
            filter?: components["schemas"]["Filter"];
            /** @description The closest pairs. */
            k?: number;
            /** @description Largest distance, inclusive, in its own unit. */
            radius?: number;
            /** @description The collection of `b`; unless given, the same: then each pair comes once. */
            with?: string;
            withFilter?: components["schemas"]["Filter"];
        };
        MapAnswer: {
            /** @description Whether all of them are on the map. */
            complete: boolean;
            field: components["schemas"]["MapField"] | null;
            generation: number;
            /** @description Of the points, in no order. */
            ids: string[];
            /** @description When they were laid out; null by `pca`. */
            madeAt: string | null;
            /**
             * @description How the points were placed.
             * @enum {string}
             */
            method: "pca" | "umap";
            model: string | null;
            /** @description The records that have a vector. */
            of: number;
            plane: {
                /** @description Writes and deletions since. */
                changes: number;
                /** @description The records that the plane was found in. */
                records: number;
                /** @description Of the variance of all directions, that of x and that of y. */
                shares: number[];
            };
            /** @description x and y of each point, one after the other. Little-endian float32 in base64. */
            points: string;
        };
        /** @description `values` with `places`; or `numbers`, of a field of more than 12 numbers. */
        MapField: {
            /** @description False where the field has more values than are told apart. */
            complete: boolean;
            name: string;
            /** @description For each point its number, NaN where it has none. Little-endian float32 in base64. */
            numbers?: string;
            /** @description For each point the place of its value, from 1; 0: it has none; one more than there are values: another one. Little-endian uint16 in base64. */
            places?: string;
            /** @description The most frequent first. */
            values?: components["schemas"]["IdentityValue"][];
        };
        Match: {
            distance: number;
            group?: components["schemas"]["IdentityValue"];
            id: string;
            metadata?: components["schemas"]["Metadata"];
            /** @description With `rerank`: the distance that the order is by. */
            reranked?: number;
            /** @description The cosine, under cosine. */
            similarity?: number;
            vector?: components["schemas"]["Vector"];
        };
        MeasuredRecall: {
            /** @description Candidates that the graph keeps in sight for k up to 10. */
            ef: number;
            /**
             * @description Share of the records that the filter lets through; all: no filter.
             * @enum {string}
             */
            filter: "all" | ">10%" | "<=10%" | "<=1%" | "<=0.1%";
            high: number;
            low: number;
            /** @description Real queries of late that were answered exactly too. */
            queries: number;
            recall: number;
        };
        MergeRequest: {
            /** @description Identities that become `into`, and are no more. */
            from: components["schemas"]["IdentityValue"][];
            into: components["schemas"]["IdentityValue"];
        };
        /** @description Any JSON object of at most 64 KiB and 16 levels. */
        Metadata: {
            [key: string]: unknown;
        };
        /** @description Views of one subject, exactly one of `images`, `vectors` and parts of a form. */
        ObserveRequest: {
            /** @description Is kept in the cameraField of the collection. */
            camera?: string | number | boolean;
            /**
             * @description As in identify.
             * @enum {string}
             */
            distance?: "nearest" | "mean-nearest" | "hausdorff" | "template" | "votes";
            /** @description With the same key an observation is stored once, and has the same answer. */
            idempotencyKey?: string;
            images?: components["schemas"]["ImageSource"][];
            metadata?: components["schemas"]["Metadata"];
            /** @description Unless given, those of the calibration. Distances, inclusive: up to `known` the first candidate is the subject, beyond `unknown` the subject is nobody who is stored. */
            thresholds?: {
                known: number;
                unknown: number;
            };
            /** @description What is of one track, and camera, is one identity. Is kept as `track`. */
            track?: string;
            vectors?: components["schemas"]["VectorInput"][];
        };
        OpenAiError: {
            error: {
                /** @description What docs/errors.md explains. */
                code: string;
                message: string;
                param: string | null;
                type: string;
            };
        };
        PastIdentityChange: {
            /** @description ISO 8601, UTC. */
            at: string;
            /** @description The name of the key; null without one. */
            by: string | null;
            /** @description Its number. */
            change: number;
            /**
             * @description `describe`: own metadata.
             * @enum {string}
             */
            kind: "merge" | "split" | "assign" | "differ" | "rename" | "describe" | "undo";
            /** @description Whose identity was changed. */
            records: number;
            undoes: number | null;
            /** @description The change that took it back. */
            undoneBy: number | null;
            /** @description The identities that it is about, as in the request. */
            what: {
                [key: string]: unknown;
            };
        };
        /** @description Exactly one of `image`, `images`, `id`, `vector`, or `positive` with or without `negative`. */
        PlainQuery: components["schemas"]["PlainQueryOfImage"] | components["schemas"]["PlainQueryOfImages"] | components["schemas"]["PlainQueryOfId"] | components["schemas"]["PlainQueryOfVector"] | components["schemas"]["PlainQueryOfPositive"];
        PlainQueryOfId: {
            /** @description A record; it is left out of the answer. */
            id: string;
        };
        PlainQueryOfImage: {
            image: components["schemas"]["ImageSource"];
        };
        PlainQueryOfImages: {
            /** @description Several views of one subject. */
            images: components["schemas"]["ImageSource"][];
        };
        PlainQueryOfPositive: {
            negative?: components["schemas"]["Example"][];
            positive: components["schemas"]["Example"][];
        };
        PlainQueryOfVector: {
            vector: components["schemas"]["VectorInput"];
        };
        Point: {
            /**
             * @description ISO 8601 with a zone. The record is deleted some seconds after it, or earlier, as `retainFor` of the collection says.
             * @example 2030-12-31T23:59:59Z
             */
            expiresAt?: string;
            id: string;
            metadata?: components["schemas"]["Metadata"];
            vector: components["schemas"]["VectorInput"];
        };
        Problem: {
            /** @description What docs/errors.md explains; never reused. */
            code: string;
            detail: string;
            errors?: {
                message: string;
                /** @description JSON pointer into the input. */
                path: string;
            }[];
            instance: string;
            /** @description Also in `X-Request-Id` and in the log. */
            requestId: string;
            status: number;
            title: string;
            type: string;
        };
        /** @description Exactly one of `image`, `images`, `id`, `vector`, or `positive` with or without `negative`. */
        QueryPart: components["schemas"]["QueryPartOfImage"] | components["schemas"]["QueryPartOfImages"] | components["schemas"]["QueryPartOfId"] | components["schemas"]["QueryPartOfVector"] | components["schemas"]["QueryPartOfPositive"];
        QueryPartOfId: {
            /**
             * @description What to compare: vectors, unless given, or the bits of fingerprints of images, from a record by `id`.
             * @enum {string}
             */
            by?: "embedding" | "fingerprint";
            /** @description A record; it is left out of the answer. */
            id: string;
            /** @description By default 1. */
            weight?: number;
        };
        QueryPartOfImage: {
            /**
             * @description What to compare: vectors, unless given, or the bits of fingerprints of images, from a record by `id`.
             * @enum {string}
             */
            by?: "embedding" | "fingerprint";
            image: components["schemas"]["ImageSource"];
            /** @description By default 1. */
            weight?: number;
        };
        QueryPartOfImages: {
            /**
             * @description What to compare: vectors, unless given, or the bits of fingerprints of images, from a record by `id`.
             * @enum {string}
             */
            by?: "embedding" | "fingerprint";
            /** @description Several views of one subject. */
            images: components["schemas"]["ImageSource"][];
            /** @description By default 1. */
            weight?: number;
        };
        QueryPartOfPositive: {
            /**
             * @description What to compare: vectors, unless given, or the bits of fingerprints of images, from a record by `id`.
             * @enum {string}
             */
            by?: "embedding" | "fingerprint";
            negative?: components["schemas"]["Example"][];
            positive: components["schemas"]["Example"][];
            /** @description By default 1. */
            weight?: number;
        };
        QueryPartOfVector: {
            /**
             * @description What to compare: vectors, unless given, or the bits of fingerprints of images, from a record by `id`.
             * @enum {string}
             */
            by?: "embedding" | "fingerprint";
            vector: components["schemas"]["VectorInput"];
            /** @description By default 1. */
            weight?: number;
        };
        Record: {
            /** @description When it is deleted, where that is set. ISO 8601, UTC. */
            expiresAt?: string;
            /** @description Whether the image or a thumbnail was kept. */
            hasContent: boolean;
            id: string;
            image: {
                bytes: number;
                /** @description SHA-256 of the uploaded bytes. */
                contentHash: string;
                /** @description A perceptual hash of 64 bits in hexadecimal; null for a plain image, and for one stored before there were fingerprints. */
                fingerprint: string | null;
                /** @description Pixels, upright. */
                height: number;
                mediaType: string;
                /** @description Pixels, upright. */
                width: number;
            } | null;
            metadata: components["schemas"]["Metadata"];
            /** @description ISO 8601, UTC. */
            updatedAt: string;
            vector?: components["schemas"]["Vector"];
        };
        Refusal: {
            code: string;
            detail: string;
            item: string;
        };
        Rerank: {
            /** @description k-reciprocal: the nearest records that are put in a new order, at least k; 200 or k unless given. */
            candidates?: number;
            /** @description k-reciprocal: neighbours looked at; 20 unless given. */
            k1?: number;
            /** @description k-reciprocal: neighbours whose encodings are averaged; 6 unless given. */
            k2?: number;
            /** @description k-reciprocal: the share of the original distance; .3 unless given. */
            lambda?: number;
            /**
             * @description `k-reciprocal`: the nearest records in a new order, by the neighbours that they have in common with the query; `query-expansion`: what is nearest to the mean of the query and its nearest records.
             * @enum {string}
             */
            method: "k-reciprocal" | "query-expansion";
            /** @description query-expansion: the nearest records that are averaged with the query; 5 unless given. */
            neighbours?: number;
        };
        /** @description What re-ranking changed. */
        RerankPlan: {
            /** @description Distances computed beside those of the search. */
            distances: number;
            /** @description Ids that re-ranking brought among the matches. */
            entered: string[];
            /** @description Ids that went for them. */
            left: string[];
            /** @description Matches that were among them, at another place. */
            moved: number;
        };
        RerankSummary: {
            /**
             * @description What `exact` says. `candidates`: that these are the nearest, in the order of the method among each other; records beyond them had no part. `expanded-query`: that both searches, by the query and by the mean, are exact.
             * @enum {string}
             */
            exactFor: "candidates" | "expanded-query";
            method: string;
            /** @description Records that were put in a new order, or averaged with the query. */
            records: number;
        };
        ReverseSearchAnswer: {
            /** @description False when `limit` cut the answer. */
            complete: boolean;
            exact: boolean;
            /** @description By distance, then id. */
            matches: {
                distance: number;
                id: string;
                /** @description The place of the query among the neighbours of this record. */
                rank: number;
            }[];
        };
        /** @description Records that do not meet `filter` are not found, and count as no neighbours. */
        ReverseSearchRequest: {
            filter?: components["schemas"]["Filter"];
            /** @description By default 10. */
            k?: number;
            /** @description Matches in the answer. */
            limit?: number;
            query?: components["schemas"]["PlainQuery"];
        };
        SearchAnswer: {
            /** @description False when `limit` cut the answer. */
            complete: boolean;
            cursor: string | null;
            exact: boolean;
            explain?: components["schemas"]["Explanation"];
            /** @description By `reranked`, where there is one, then distance, then id. */
            matches: components["schemas"]["Match"][];
            rerank?: components["schemas"]["RerankSummary"];
            timings: components["schemas"]["Timings"];
        };
        /** @description Exactly one of `image`, `images`, `id`, `vector`, or `positive` with or without `negative`. Or `all`, with or without `combine`. */
        SearchQuery: components["schemas"]["SearchQueryOfImage"] | components["schemas"]["SearchQueryOfImages"] | components["schemas"]["SearchQueryOfId"] | components["schemas"]["SearchQueryOfVector"] | components["schemas"]["SearchQueryOfPositive"] | components["schemas"]["SearchQueryOfAll"];
        SearchQueryOfAll: {
            /** @description Several things to be near at once. */
            all: components["schemas"]["QueryPart"][];
            /**
             * @description Of the weighted distances, by default their sum.
             * @enum {string}
             */
            combine?: "sum" | "max" | "min";
        };
        SearchQueryOfId: {
            /** @description A record; it is left out of the answer. */
            id: string;
        };
        SearchQueryOfImage: {
            image: components["schemas"]["ImageSource"];
        };
        SearchQueryOfImages: {
            /** @description Several views of one subject. */
            images: components["schemas"]["ImageSource"][];
        };
        SearchQueryOfPositive: {
            negative?: components["schemas"]["Example"][];
            positive: components["schemas"]["Example"][];
        };
        SearchQueryOfVector: {
            vector: components["schemas"]["VectorInput"];
        };
        SearchRequest: {
            /**
             * @description `approximate`: by the graph, where it is ready; `auto`: only where exact is predicted to take longer than the latency budget.
             * @enum {string}
             */
            accuracy?: "auto" | "exact" | "approximate";
            /** @description Beside sameCamera `exclude`: the camera that the query comes from; unless given, the cameras of the records searched by. */
            camera?: string | number | boolean;
            /** @description Beside `diversity`: nearest records that are chosen from. */
            candidates?: number;
            cursor?: string | null;
            /** @description What being unlike the other matches counts for, beside being near: maximal marginal relevance. */
            diversity?: number;
            /** @description Beside accuracy `approximate`: candidates that the graph keeps in sight; unless given, as many as reach the recall target. */
            ef?: number;
            /**
             * @description The index that exact answers come from; they are equal. Not beside accuracy `approximate`.
             * @enum {string}
             */
            exactIndex?: "scan" | "vp-tree" | "m-tree";
            /** @description The k farthest in place of the nearest, farthest first. */
            farthest?: boolean;
            filter?: components["schemas"]["Filter"];
            /** @description A metadata field. */
            groupBy?: string;
            groupSize?: number;
            include?: ("metadata" | "vector" | "explain")[];
            k?: number;
            /** @description Matches in one answer. */
            limit?: number;
            query?: components["schemas"]["SearchQuery"];
            /** @description Largest distance, inclusive, in its own unit. */
            radius?: number;
            rerank?: components["schemas"]["Rerank"];
            /**
             * @description `exclude` leaves out records of the camera that the query comes from, by the `cameraField` of the collection.
             * @enum {string}
             */
            sameCamera?: "include" | "exclude";
        };
        SelectAnswer: {
            exact: boolean;
            /** @description The records that were chosen from. */
            of: number;
            /** @description The largest distance of a record from its representative. */
            radius?: number;
            /** @description In the order of choice. */
            records: {
                /** @description From the nearest representative chosen before, or from the nearest neighbour; null where there is none. */
                distance: number | null;
                id: string;
                /** @description The records that a representative stands for. */
                records?: number;
            }[];
        };
        SelectRequest: {
            filter?: components["schemas"]["Filter"];
            k?: number;
            /**
             * @description `representative`: records that stand for all; `unusual`: those whose nearest neighbour is farthest.
             * @enum {string}
             */
            what: "representative" | "unusual";
        };
        SplitRequest: {
            identity: components["schemas"]["IdentityValue"];
            /** @description Records, each once. */
            ids: string[];
            /** @description The new identity that they become. The two are then said to differ. */
            to: string | number | boolean;
        };
        /** @description Views of one subject, exactly one of `identity` (its records; it is left out of the answer), `image`, `images`, `id`, `ids`, `vector` and `vectors`. */
        SubjectQuery: components["schemas"]["SubjectQueryOfIdentity"] | components["schemas"]["SubjectQueryOfImage"] | components["schemas"]["SubjectQueryOfImages"] | components["schemas"]["SubjectQueryOfId"] | components["schemas"]["SubjectQueryOfIds"] | components["schemas"]["SubjectQueryOfVector"] | components["schemas"]["SubjectQueryOfVectors"];
        SubjectQueryOfId: {
            /** @description A record. */
            id: string;
        };
        SubjectQueryOfIdentity: {
            identity: components["schemas"]["IdentityValue"];
        };
        SubjectQueryOfIds: {
            /** @description Records. */
            ids: string[];
        };
        SubjectQueryOfImage: {
            image: components["schemas"]["ImageSource"];
        };
        SubjectQueryOfImages: {
            images: components["schemas"]["ImageSource"][];
        };
        SubjectQueryOfVector: {
            vector: components["schemas"]["VectorInput"];
        };
        SubjectQueryOfVectors: {
            vectors: components["schemas"]["VectorInput"][];
        };
        ThresholdRow: {
            /** @description Whether it rests on 30 errors or more (the rule of 30); else take it with care. */
            enough: boolean;
            /** @description The share of probes that their own identity is beyond it. */
            missed: number;
            missedInterval: number[];
            /** @description The rate that the threshold keeps to. */
            rate: number;
            /** @description Inclusive; null: too few trials for the rate. */
            threshold: number | null;
            /** @description Of 95 %, by drawing identities anew. */
            thresholdInterval: number[] | null;
            trials: number;
        };
        Timings: {
            decodeMs: number;
            embedMs: number;
            searchMs: number;
            totalMs: number;
        };
        UndoRequest: {
            change: number;
        };
        /** @description Finite numbers, as many as the collection's dimensions. */
        Vector: number[];
        /** @description As many numbers as the collection's dimensions. */
        VectorInput: components["schemas"]["Vector"] | string;
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    start: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Addresses of this service; for a browser, its page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        collections: string;
                        /** @description All calls, to read and to try. */
                        documentation: string;
                        /** @description All calls, for machines. */
                        openapi: string;
                        ready: string;
                        service: string;
                        version: string;
                    };
                };
            };
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ready. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The call that says more. */
                        more: string;
                        ready: boolean;
                        reason: string | null;
                        /** @description Seconds since 1970. */
                        unix: number;
                    };
                };
            };
        };
    };
    live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Alive. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        live: boolean;
                    };
                };
            };
        };
    };
    metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Metrics. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ready. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        ready: boolean;
                        reason: string | null;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
        };
    };
    listCollections: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All collections. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        collections: components["schemas"]["Collection"][];
                    };
                };
            };
        };
    };
    getCollection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The collection. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Collection"];
                };
            };
        };
    };
    createCollection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "metric": "cosine",
                 *       "keep": "thumbnail"
                 *     }
                 */
                "application/json": components["schemas"]["CreateCollection"];
            };
        };
        responses: {
            /** @description An equal collection was there. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Collection"];
                };
            };
            /** @description Created. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Collection"];
                };
            };
        };
    };
    dropCollection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Dropped. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    calibrate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "views": 1
                 *     }
                 */
                "application/json": {
                    /** @description Records that are drawn, up to 20 of an identity; 4000. */
                    records?: number;
                    /** @description Of what is drawn; 1. */
                    seed?: number;
                    /** @description Images of each probe, as many as look-ups will have; 1. */
                    views?: number;
                };
            };
        };
        responses: {
            /** @description The job; `Location` is its place. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    readCalibration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The calibration. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Misses fewest at a false accept rate of 1 %.
                         * @enum {string}
                         */
                        best: "nearest" | "mean-nearest" | "hausdorff" | "template" | "votes";
                        /** @description ISO 8601, UTC. */
                        calibratedAt: string;
                        /** @description How clusters agree best with labels; null where none do. */
                        clusters?: {
                            bcubed: components["schemas"]["Agreement"];
                            pairwise: components["schemas"]["Agreement"];
                            /** @description The largest mean distance of two clusters. */
                            radius: number;
                            /** @description That were clustered. */
                            records: number;
                        } | null;
                        distances: {
                            hausdorff: components["schemas"]["CalibratedDistance"];
                            "mean-nearest": components["schemas"]["CalibratedDistance"];
                            nearest: components["schemas"]["CalibratedDistance"];
                            template: components["schemas"]["CalibratedDistance"];
                        };
                        generation: number;
                        identities: number;
                        model: string | null;
                        probes: number;
                        records: number;
                        seed: number;
                        /** @description Images of each probe. */
                        views: number;
                    };
                };
            };
        };
    };
    count: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "query": {
                 *         "id": "cats/1.jpg"
                 *       },
                 *       "radius": 0.4
                 *     }
                 */
                "application/json": components["schemas"]["CountRequest"];
                "multipart/form-data": {
                    /** @description One image, or several views of one subject. */
                    image: Blob[];
                    request?: components["schemas"]["CountRequest"];
                };
            };
        };
        responses: {
            /** @description The number. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CountAnswer"];
                };
            };
        };
    };
    duplicates: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "by": "fingerprint",
                 *       "radius": 4
                 *     }
                 */
                "application/json": {
                    /**
                     * @description What to compare: the same picture, or pictures that look alike.
                     * @enum {string}
                     */
                    by: "fingerprint" | "embedding";
                    cursor?: string | null;
                    /** @description Groups in one answer. */
                    limit?: number;
                    /** @description Inclusive: bits, whole, at most 16; or a distance in the unit of the collection. */
                    radius: number;
                };
            };
        };
        responses: {
            /** @description Groups by their first ids. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description False when `cursor` gives more. */
                        complete: boolean;
                        cursor: string | null;
                        exact: boolean;
                        /** @description Of two or more, in the order of their first ids. */
                        groups: {
                            /** @description False when the group has more than 1000 records, of which some are shown. */
                            complete: boolean;
                            /** @description In id order. */
                            ids: string[];
                        }[];
                        /** @description By fingerprint: records that have none, and so are in no group. */
                        without?: number;
                    };
                };
            };
        };
    };
    evaluate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "queries": {
                 *         "split": "query"
                 *       },
                 *       "gallery": {
                 *         "split": "gallery"
                 *       },
                 *       "junk": [
                 *         "-1"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /**
                     * @description Whether what the camera of the query saw of its identity is left out of its ranking; `exclude` unless given, where the collection has a cameraField.
                     * @enum {string}
                     */
                    cameras?: "exclude" | "ignore";
                    gallery?: components["schemas"]["Filter"];
                    /** @description Identities whose records are left out, as pictures of nobody are. Distractors stay: they are wrong answers. */
                    junk?: components["schemas"]["IdentityValue"][];
                    queries?: components["schemas"]["Filter"];
                };
            };
        };
        responses: {
            /** @description The job; `Location` is its place. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    facets: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "fields": [
                 *         "label"
                 *       ],
                 *       "filter": {
                 *         "camera": "c1"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["FacetsRequest"];
                "multipart/form-data": {
                    /** @description One image, or several views of one subject. */
                    image: Blob[];
                    request: components["schemas"]["FacetsRequest"];
                };
            };
        };
        responses: {
            /** @description The values of each field. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FacetsAnswer"];
                };
            };
        };
    };
    listGenerations: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The generations. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        generations: {
                            /** @description ISO 8601, UTC. */
                            createdAt: string;
                            dimensions: number;
                            generation: number;
                            /** @description Whether it is the one that is searched. */
                            inForce: boolean;
                            model: string;
                            /** @description Of the model's ONNX file; null where it was not noted in time. */
                            modelSha256: string | null;
                        }[];
                    };
                };
            };
        };
    };
    dropGeneration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
                generation: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Dropped. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    hubs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "k": 10,
                 *       "limit": 20
                 *     }
                 */
                "application/json": components["schemas"]["HubsRequest"];
            };
        };
        responses: {
            /** @description The records that are so most often. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HubsAnswer"];
                };
            };
        };
    };
    identify: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "query": {
                 *         "id": "c1/000123.jpg"
                 *       },
                 *       "thresholds": {
                 *         "known": 0.2,
                 *         "unknown": 0.4
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["IdentifyRequest"];
                "multipart/form-data": {
                    /** @description Views of one subject. */
                    image: Blob[];
                    request?: components["schemas"]["IdentifyRequest"];
                };
            };
        };
        responses: {
            /** @description The decision, and the nearest identities. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentifyAnswer"];
                };
            };
        };
    };
    listIdentities: {
        parameters: {
            query?: {
                cursor?: string;
                /**
                 * @description A filter of `identity`, `records` and `metadata`, as JSON.
                 * @example {"records":{"$gte":2}}
                 */
                filter?: string;
                /** @description Identities in one page. */
                limit?: number;
                /** @description Only those whose value has this in it, in letters of either case. */
                text?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page; `cursor` is null at the end. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        cursor: string | null;
                        /** @description By value: false, true, numbers, then text. */
                        identities: components["schemas"]["Identity"][];
                        /** @description On all pages. */
                        total: number;
                    };
                };
            };
        };
    };
    getIdentity: {
        parameters: {
            query?: {
                /** @description What the identity in the path is; `text` unless given. */
                type?: "text" | "number" | "boolean";
            };
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
                /**
                 * @description The value of the identity field, percent-encoded.
                 * @example person-7
                 */
                identity: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The identity. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Who is said not to be the same. */
                        differs: components["schemas"]["IdentityValue"][];
                        identity: components["schemas"]["IdentityValue"];
                        metadata: components["schemas"]["Metadata"];
                        /** @description That it has now. */
                        records: number;
                    };
                };
            };
        };
    };
    eraseIdentity: {
        parameters: {
            query?: {
                /** @description What the identity in the path is; `text` unless given. */
                type?: "text" | "number" | "boolean";
            };
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
                /**
                 * @description The value of the identity field, percent-encoded.
                 * @example person-7
                 */
                identity: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was removed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureReceipt"];
                };
            };
        };
    };
    patchIdentity: {
        parameters: {
            query?: {
                /** @description What the identity in the path is; `text` unless given. */
                type?: "text" | "number" | "boolean";
            };
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
                /**
                 * @description The value of the identity field, percent-encoded.
                 * @example person-7
                 */
                identity: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "identity": "alice",
                 *       "metadata": {
                 *         "team": "red"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["IdentityEdit"];
            };
        };
        responses: {
            /** @description The identity as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Its number in the history; null: all was so already. */
                        change: number | null;
                        /** @description Who is said not to be the same. */
                        differs: components["schemas"]["IdentityValue"][];
                        identity: components["schemas"]["IdentityValue"];
                        metadata: components["schemas"]["Metadata"];
                        /** @description That it has now. */
                        records: number;
                    };
                };
            };
        };
    };
    assignIdentity: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "ids": [
                 *         "c1/17.jpg"
                 *       ],
                 *       "identity": "alice"
                 *     }
                 */
                "application/json": components["schemas"]["AssignRequest"];
            };
        };
        responses: {
            /** @description The change, which is committed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityChange"];
                };
            };
        };
    };
    differIdentities: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "a": "alice",
                 *       "b": "bob"
                 *     }
                 */
                "application/json": components["schemas"]["DifferRequest"];
            };
        };
        responses: {
            /** @description The change, which is committed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityChange"];
                };
            };
        };
    };
    identityHistory: {
        parameters: {
            query?: {
                cursor?: string;
                /** @description Changes in one page; 100. */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page; `cursor` is null at the end. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The newest first. The last 10000 are kept. */
                        changes: components["schemas"]["PastIdentityChange"][];
                        cursor: string | null;
                    };
                };
            };
        };
    };
    mergeIdentities: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "into": "alice",
                 *       "from": [
                 *         "observed-7-0"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["MergeRequest"];
            };
        };
        responses: {
            /** @description The change, which is committed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityChange"];
                };
            };
        };
    };
    searchIdentities: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "query": {
                 *         "identity": "alice"
                 *       },
                 *       "k": 5
                 *     }
                 */
                "application/json": {
                    /** @description Beside sameCamera `exclude`: the camera that the query comes from; unless given, the cameras of the records searched by. */
                    camera?: string | number | boolean;
                    /**
                     * @description How far a set is from another; `hausdorff` unless given. docs/identities.md says what each means.
                     * @enum {string}
                     */
                    distance?: "nearest" | "mean-nearest" | "hausdorff" | "template" | "votes";
                    include?: "explain"[];
                    k?: number;
                    query?: components["schemas"]["SubjectQuery"];
                    /** @description Largest distance, inclusive, in its own unit. */
                    radius?: number;
                    /**
                     * @description `exclude` leaves out records of the camera that the query comes from, by the `cameraField` of the collection.
                     * @enum {string}
                     */
                    sameCamera?: "include" | "exclude";
                };
                "multipart/form-data": {
                    /** @description Views of one subject. */
                    image: Blob[];
                    /**
                     * @example {
                     *       "query": {
                     *         "identity": "alice"
                     *       },
                     *       "k": 5
                     *     }
                     */
                    request?: {
                        /** @description Beside sameCamera `exclude`: the camera that the query comes from; unless given, the cameras of the records searched by. */
                        camera?: string | number | boolean;
                        /**
                         * @description How far a set is from another; `hausdorff` unless given. docs/identities.md says what each means.
                         * @enum {string}
                         */
                        distance?: "nearest" | "mean-nearest" | "hausdorff" | "template" | "votes";
                        include?: "explain"[];
                        k?: number;
                        query?: components["schemas"]["SubjectQuery"];
                        /** @description Largest distance, inclusive, in its own unit. */
                        radius?: number;
                        /**
                         * @description `exclude` leaves out records of the camera that the query comes from, by the `cameraField` of the collection.
                         * @enum {string}
                         */
                        sameCamera?: "include" | "exclude";
                    };
                };
            };
        };
        responses: {
            /** @description Identities, the nearest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description False when more lie within the radius than fit, or `tooLarge` names any. */
                        complete: boolean;
                        exact: boolean;
                        explain?: {
                            /** @description Distances of sets computed. */
                            distances: number;
                            /** @description That were searched. */
                            identities: number;
                            /**
                             * @description Every identity is compared.
                             * @enum {string}
                             */
                            plan: "scan";
                        };
                        /** @description By votes, where there are any, then distance, then value. */
                        identities: {
                            /** @description Of the two sets. */
                            distance: number;
                            identity: components["schemas"]["IdentityValue"];
                            /** @description Its record that is nearest to any one of the query. */
                            nearest: {
                                distance: number;
                                id: string;
                            };
                            /** @description In its set, but for those left out. */
                            records: number;
                            /** @description With the distance `votes`: images of the query whose nearest identity it is. */
                            votes?: number;
                        }[];
                        timings: components["schemas"]["Timings"];
                        /** @description Up to 100 identities of more than 256 records, which are not compared. */
                        tooLarge: components["schemas"]["IdentityValue"][];
                    };
                };
            };
        };
    };
    splitIdentity: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "identity": "alice",
                 *       "ids": [
                 *         "alice/3.jpg"
                 *       ],
                 *       "to": "zoe"
                 *     }
                 */
                "application/json": components["schemas"]["SplitRequest"];
            };
        };
        responses: {
            /** @description The change, which is committed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityChange"];
                };
            };
        };
    };
    suggestions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "probability": 0.8
                 *     }
                 */
                "application/json": {
                    cursor?: string | null;
                    /** @description Suggestions in one answer, about. */
                    limit?: number;
                    /** @description Of what is suggested, at least; unless given more than .5. */
                    probability?: number;
                };
            };
        };
        responses: {
            /** @description What to look at, with the pictures that say so. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description False when `cursor` gives more. */
                        complete: boolean;
                        cursor: string | null;
                        /** @description Identities that are probably one, the most probable first. */
                        merges: {
                            a: components["schemas"]["IdentityValue"];
                            b: components["schemas"]["IdentityValue"];
                            /** @description Of the pair. */
                            distance: number;
                            /** @description Their records that are nearest to each other, that of `a` first. */
                            pair: string[];
                            /** @description For who expected either alike. */
                            probability: number;
                        }[];
                        /** @description Records that are probably in the wrong identity, the most probable first. */
                        outliers: {
                            id: string;
                            identity: components["schemas"]["IdentityValue"];
                            /** @description The nearest record of another. */
                            other: {
                                distance: number;
                                id: string;
                                identity: components["schemas"]["IdentityValue"];
                            } | null;
                            /** @description The nearest record of its own identity. */
                            own: {
                                distance: number;
                                id: string;
                            };
                            /** @description For who expected either alike. */
                            probability: number;
                        }[];
                        /** @description Identities of more than 256 records, which were not looked at. */
                        tooLarge: components["schemas"]["IdentityValue"][];
                    };
                };
            };
        };
    };
    undoIdentityChange: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "change": 7
                 *     }
                 */
                "application/json": components["schemas"]["UndoRequest"];
            };
        };
        responses: {
            /** @description The change that took it back. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityChange"];
                };
            };
        };
    };
    unknowns: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "radius": 0.2
                 *     }
                 */
                "application/json": {
                    cursor?: string | null;
                    filter?: components["schemas"]["Filter"];
                    /** @description Clusters in one answer, about. */
                    limit?: number;
                    /** @description Records of a cluster, at least; 2. */
                    minRecords?: number;
                    /** @description The largest mean distance of two clusters that are joined, inclusive; unless given that of the calibration. */
                    radius?: number;
                };
            };
        };
        responses: {
            /** @description Clusters of records that are probably of one identity. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        clusters: {
                            /** @description False where it comes from a chain of more than 1000 neighbours, and may lack records. */
                            complete: boolean;
                            /** @description In id order. */
                            ids: string[];
                            /** @description The largest distance of two of them. */
                            spread: number;
                        }[];
                        /** @description False when `cursor` gives more. */
                        complete: boolean;
                        cursor: string | null;
                        /** @description The one that was taken. */
                        radius: number;
                        /**
                         * @description Where the radius is from.
                         * @enum {string}
                         */
                        source: "request" | "calibration";
                    };
                };
            };
        };
    };
    scrollRecords: {
        parameters: {
            query?: {
                cursor?: string;
                /**
                 * @description A filter, as JSON.
                 * @example {"a":1}
                 */
                filter?: string;
                /** @description Also answer with the stored vector. */
                include?: "vector";
                /** @description Records in one page. */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page; `cursor` is null at the end. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        cursor: string | null;
                        records: components["schemas"]["Record"][];
                    };
                };
            };
        };
    };
    addImages: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /**
                     * @description ISO 8601 with a zone. The record is deleted some seconds after it, or earlier, as `retainFor` of the collection says.
                     * @example 2030-12-31T23:59:59Z
                     */
                    expiresAt?: string;
                    /** @description Repeated; the file name is the id. */
                    image: Blob[];
                    /**
                     * @description Metadata of each file, by file name.
                     * @example {
                     *       "cats/1.jpg": {
                     *         "label": "cat"
                     *       }
                     *     }
                     */
                    metadata?: {
                        [key: string]: components["schemas"]["Metadata"];
                    };
                };
            };
        };
        responses: {
            /** @description What became of each file, in order. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        results: {
                            error?: {
                                code: string;
                                detail: string;
                                status: number;
                            };
                            /** @description Why it was stored without its identity, by the quality that is asked for. */
                            held?: {
                                limit: number;
                                reason: string;
                                value: number;
                            }[];
                            id: string;
                            /**
                             * @description What became of this file.
                             * @enum {string}
                             */
                            status: "added" | "replaced" | "failed";
                        }[];
                    };
                };
            };
        };
    };
    getRecord: {
        parameters: {
            query?: {
                /** @description Also answer with the stored vector. */
                include?: "vector";
            };
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
                /**
                 * @description Any string of 1 to 512 bytes, percent-encoded: `a/b` is `a%2Fb`.
                 * @example cats/1.jpg
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The record. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Record"];
                };
            };
        };
    };
    addImage: {
        parameters: {
            query?: {
                /**
                 * @description ISO 8601 with a zone. The record is deleted some seconds after it, or earlier, as `retainFor` of the collection says.
                 * @example 2030-12-31T23:59:59Z
                 */
                expiresAt?: string;
                /**
                 * @description Metadata of a raw image body, as JSON.
                 * @example {"a":1}
                 */
                metadata?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
                /**
                 * @description Any string of 1 to 512 bytes, percent-encoded: `a/b` is `a%2Fb`.
                 * @example cats/1.jpg
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "data": "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAcElEQVQI1w3LQREAQAjDwEhBClKQgpRKQUqd9O6byQIUaRiyIHJg8nOq6MoUW1FxFdf/m+p0M51t1LnG/cWkhp7MsBMNN/F8sdSml9nsos0t3i+UEq2MWEXiFOuLoy59zGUPXe7wfeGUaWfMOjLn2Dy6G1fhukb11AAAAABJRU5ErkJggg==",
                 *       "metadata": {
                 *         "label": "cat"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["Image"];
                "application/octet-stream": Blob;
                "image/*": Blob;
                "multipart/form-data": {
                    /**
                     * @description ISO 8601 with a zone. The record is deleted some seconds after it, or earlier, as `retainFor` of the collection says.
                     * @example 2030-12-31T23:59:59Z
                     */
                    expiresAt?: string;
                    /** Format: binary */
                    image: Blob;
                    metadata?: components["schemas"]["Metadata"];
                };
            };
        };
        responses: {
            /** @description Replaced. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Added"];
                };
            };
            /** @description Added. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Added"];
                };
            };
        };
    };
    deleteRecord: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
                /**
                 * @description Any string of 1 to 512 bytes, percent-encoded: `a/b` is `a%2Fb`.
                 * @example cats/1.jpg
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    patchRecord: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
                /**
                 * @description Any string of 1 to 512 bytes, percent-encoded: `a/b` is `a%2Fb`.
                 * @example cats/1.jpg
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "metadata": {
                 *         "label": "dog",
                 *         "camera": null
                 *       }
                 *     }
                 */
                "application/json": {
                    metadata: components["schemas"]["Metadata"];
                };
            };
        };
        responses: {
            /** @description The record as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Record"];
                };
            };
        };
    };
    getContent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
                /**
                 * @description Any string of 1 to 512 bytes, percent-encoded: `a/b` is `a%2Fb`.
                 * @example cats/1.jpg
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The image. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": Blob;
                    "image/*": Blob;
                };
            };
            /** @description The bytes that `Range` asks for. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": Blob;
                    "image/*": Blob;
                };
            };
        };
    };
    deleteRecords: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "ids": [
                 *         "a",
                 *         "b"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["DeleteRequest"];
            };
        };
        responses: {
            /** @description How many were deleted. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        deleted: number;
                    };
                };
            };
        };
    };
    importImages: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportRequest"];
            };
        };
        responses: {
            /** @description The job; `Location` is its place. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    importArchive: {
        parameters: {
            query?: {
                /** @description As of a folder; may be given again. */
                exclude?: string[] | string;
                /** @description Whether the first folder of a path becomes the metadata member `label`; `folder` unless given. */
                labelFrom?: "folder" | "none";
            };
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/gzip": Blob;
                "application/octet-stream": Blob;
                "application/x-tar": Blob;
                "application/x-zip-compressed": Blob;
                "application/zip": Blob;
            };
        };
        responses: {
            /** @description The job; `Location` is its place. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    join: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "with": "products",
                 *       "radius": 0.05
                 *     }
                 */
                "application/json": components["schemas"]["JoinRequest"];
            };
        };
        responses: {
            /** @description A line `{ a, b, distance }` for each pair, then `{ complete, pairs }`; without that line the answer was cut. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
        };
    };
    map: {
        parameters: {
            query?: {
                /** @description A metadata field whose values come with the points. */
                field?: string;
                /** @description Points; of more records as many are drawn. By default the most. */
                limit?: number;
                /** @description `pca`, by default: the plane of most variance; `umap`: as `POST …/map` laid them out last. */
                method?: "pca" | "umap";
            };
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The points, in columns. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MapAnswer"];
                };
            };
        };
    };
    layOut: {
        parameters: {
            query?: {
                /** @description Of the layout; 1. */
                seed?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job; `Location` is its place. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    observe: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "vectors": [
                 *         [
                 *           0.1,
                 *           0.2
                 *         ]
                 *       ],
                 *       "camera": "c1",
                 *       "thresholds": {
                 *         "known": 0.2,
                 *         "unknown": 0.2
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["ObserveRequest"];
                "multipart/form-data": {
                    /** @description Views of one subject. */
                    image: Blob[];
                    request?: components["schemas"]["ObserveRequest"];
                };
            };
        };
        responses: {
            /** @description Stored with an identity that was there. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description What decided.
                         * @enum {string}
                         */
                        by: "distance" | "track" | "repeat";
                        /** @description Identities, the nearest first; with `votes` by their number before that. */
                        candidates: {
                            /** @description Views and the record that is nearest to each, the nearest first. */
                            best: {
                                distance: number;
                                id: string;
                                /** @description The place of the view in the query, from 0. */
                                view: number;
                            }[];
                            distance: number;
                            identity: components["schemas"]["IdentityValue"];
                            /** @description Of being the subject, where the distance is calibrated. */
                            probability?: number;
                            /** @description Views whose nearest identity it is, by `votes`. */
                            votes?: number;
                        }[];
                        /** @description Whether this observation made the identity. */
                        created: boolean;
                        /**
                         * @description `doubtful`: it was made, and may be one of the candidates.
                         * @enum {string}
                         */
                        decision: "known" | "doubtful" | "unknown";
                        identity: components["schemas"]["IdentityValue"];
                        /** @description Ids of its records. */
                        records: string[];
                    };
                };
            };
            /** @description Stored with a new identity. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description What decided.
                         * @enum {string}
                         */
                        by: "distance" | "track" | "repeat";
                        /** @description Identities, the nearest first; with `votes` by their number before that. */
                        candidates: {
                            /** @description Views and the record that is nearest to each, the nearest first. */
                            best: {
                                distance: number;
                                id: string;
                                /** @description The place of the view in the query, from 0. */
                                view: number;
                            }[];
                            distance: number;
                            identity: components["schemas"]["IdentityValue"];
                            /** @description Of being the subject, where the distance is calibrated. */
                            probability?: number;
                            /** @description Views whose nearest identity it is, by `votes`. */
                            votes?: number;
                        }[];
                        /** @description Whether this observation made the identity. */
                        created: boolean;
                        /**
                         * @description `doubtful`: it was made, and may be one of the candidates.
                         * @enum {string}
                         */
                        decision: "known" | "doubtful" | "unknown";
                        identity: components["schemas"]["IdentityValue"];
                        /** @description Ids of its records. */
                        records: string[];
                    };
                };
            };
        };
    };
    reembed: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "model": "efficientnet-lite2-lite0-int8",
                 *       "from": "originals"
                 *     }
                 */
                "application/json": {
                    /** @description What the new vectors are made of; `originals` unless given. */
                    from?: ("originals" | "vectors") | {
                        /** @description Below `LOOKALIKE_IMPORT_ROOT`: the file of a record is named by its id, and must have its content. */
                        folder: string;
                    };
                    /**
                     * @description Of records whose picture is missing: `fail` changes nothing; with `keep` they stay, and no search finds them.
                     * @enum {string}
                     */
                    missing?: "fail" | "keep";
                    /** @description The new embedding model. */
                    model: string;
                };
            };
        };
        responses: {
            /** @description The job; `Location` is its place. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    reverseSearch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "query": {
                 *         "id": "cats/1.jpg"
                 *       },
                 *       "k": 5
                 *     }
                 */
                "application/json": components["schemas"]["ReverseSearchRequest"];
                "multipart/form-data": {
                    /** @description One image, or several views of one subject. */
                    image: Blob[];
                    request?: components["schemas"]["ReverseSearchRequest"];
                };
            };
        };
        responses: {
            /** @description Matches by distance, then id. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReverseSearchAnswer"];
                };
            };
        };
    };
    search: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "query": {
                 *         "id": "cats/1.jpg"
                 *       },
                 *       "k": 5,
                 *       "include": [
                 *         "metadata"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["SearchRequest"];
                "multipart/form-data": {
                    /** @description One image, or several views of one subject. */
                    image: Blob[];
                    request?: components["schemas"]["SearchRequest"];
                };
            };
        };
        responses: {
            /** @description Matches by distance, then id. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchAnswer"];
                };
            };
        };
    };
    select: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "what": "representative",
                 *       "k": 5
                 *     }
                 */
                "application/json": components["schemas"]["SelectRequest"];
            };
        };
        responses: {
            /** @description The records chosen. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SelectAnswer"];
                };
            };
        };
    };
    collectionStatistics: {
        parameters: {
            query?: {
                /** @description The radius in which to expect so many hits. */
                count?: number;
                /** @description How many hits to expect within this distance. */
                radius?: number;
                /** @description Of the sample; another one shows how far the sample matters. */
                seed?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the sample shows. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        approximation: {
                            /** @description Mean of d / d' - 1 over the places of the answers, d' the exact distance. */
                            distanceError: number | null;
                            k: number;
                            /** @description Mean of the places by which a record stands too early, divided by the records. */
                            positionError: number;
                            /** @description Of the sample, those answered approximately. */
                            queries: number;
                        } | null;
                        cost: {
                            /** @description Distances computed in full. */
                            distances: number;
                            k: number;
                            levels: {
                                candidates: number;
                                name: string;
                            }[];
                            plan: string;
                        } | null;
                        /** @description Records. */
                        count: number;
                        distances: {
                            /** @description Bins of equal width from the least to the greatest distance. */
                            histogram: {
                                from: number;
                                share: number;
                                to: number;
                            }[];
                            mean: number;
                            quantiles: {
                                distance: number;
                                share: number;
                            }[];
                            standardDeviation: number;
                        } | null;
                        expectedHits?: {
                            hits: number | null;
                            radius: number;
                        };
                        expectedRadius?: {
                            count: number;
                            radius: number | null;
                        };
                        intrinsicDimension: {
                            /** @description Local intrinsic dimensionality by maximum likelihood. */
                            lid: number | null;
                            /** @description Mean^2 / (2 variance) of the Euclidean distances of the pairs. */
                            rho: number | null;
                        };
                        sample: {
                            /** @description Nearest neighbours found for each query. */
                            neighbours: number;
                            /** @description Distances compared. */
                            pairs: number;
                            /** @description Of these, compared with all others and searched with. */
                            queries: number;
                            /** @description Records drawn. */
                            records: number;
                            seed: number;
                        };
                    };
                };
            };
        };
    };
    addVectors: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "points": [
                 *         {
                 *           "id": "a",
                 *           "vector": [
                 *             0.1,
                 *             0.2,
                 *             0.3
                 *           ],
                 *           "metadata": {
                 *             "label": "cat"
                 *           }
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": {
                    points: components["schemas"]["Point"][];
                };
            };
        };
        responses: {
            /** @description What became of each point, in order. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        results: components["schemas"]["Added"][];
                    };
                };
            };
        };
    };
    verify: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The collection.
                 * @example products
                 */
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "a": {
                 *         "id": "c1/000123.jpg"
                 *       },
                 *       "b": {
                 *         "identity": "bob"
                 *       },
                 *       "threshold": 0.3
                 *     }
                 */
                "application/json": {
                    a: components["schemas"]["SubjectQuery"];
                    b: components["schemas"]["SubjectQuery"];
                    /**
                     * @description How far both are; unless given the best by the calibration, else `nearest`. By `mean-nearest` the views of `a` look for their nearest of `b`.
                     * @enum {string}
                     */
                    distance?: "nearest" | "mean-nearest" | "hausdorff" | "template";
                    /** @description Instead of a threshold: the rate whose threshold the calibration knows. */
                    falseMatchRate?: number;
                    /** @description The largest distance of the same, inclusive. */
                    threshold?: number;
                };
            };
        };
        responses: {
            /** @description The distance, and what it says. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description The distance that was taken.
                         * @enum {string}
                         */
                        by: "nearest" | "mean-nearest" | "hausdorff" | "template";
                        distance: number;
                        /** @description Of a calibrated threshold. */
                        falseMatchRate: number | null;
                        /** @description Of a calibrated threshold. */
                        falseNonMatchRate: number | null;
                        /** @description Of being the same, where the distance is calibrated. */
                        probability: number | null;
                        /** @description Null without a threshold. */
                        same: boolean | null;
                        /**
                         * @description Where it comes from. `outdated`: nowhere, since the calibration is of another model.
                         * @enum {string}
                         */
                        source: "request" | "calibration" | "outdated" | "none";
                        threshold: number | null;
                    };
                };
            };
        };
    };
    embed: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "model": "efficientnet-lite2-lite0-int8",
                 *       "input": [
                 *         "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAcElEQVQI1w3LQREAQAjDwEhBClKQgpRKQUqd9O6byQIUaRiyIHJg8nOq6MoUW1FxFdf/m+p0M51t1LnG/cWkhp7MsBMNN/F8sdSml9nsos0t3i+UEq2MWEXiFOuLoy59zGUPXe7wfeGUaWfMOjLn2Dy6G1fhukb11AAAAABJRU5ErkJggg=="
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @description So many of the first numbers, for models that allow it. */
                    dimensions?: number;
                    /**
                     * @description The same, as Jina names it.
                     * @enum {string}
                     */
                    embedding_type?: "float" | "base64";
                    /**
                     * @description `base64`: little-endian float32. Default: float.
                     * @enum {string}
                     */
                    encoding_format?: "float" | "base64";
                    /** @description One image, or a list of them. */
                    input: string | {
                        /** @description The same, or bare base64. */
                        image: string;
                    } | (string | {
                        /** @description The same, or bare base64. */
                        image: string;
                    })[];
                    /** @description Jina's, for texts: without effect. */
                    late_chunking?: boolean;
                    /**
                     * @description infinity's: images are all that is embedded here.
                     * @enum {string}
                     */
                    modality?: "image";
                    /**
                     * @description Default: the default model.
                     * @example efficientnet-lite2-lite0-int8
                     */
                    model?: string;
                    /** @description Whether vectors have unit length. */
                    normalized?: boolean;
                    /** @description Without effect. */
                    task?: string;
                    /** @description Jina's, for texts: without effect. */
                    truncate?: boolean;
                    /** @description Without effect. */
                    user?: string;
                };
                "multipart/form-data": {
                    /** @description So many of the first numbers, for models that allow it. */
                    dimensions?: number;
                    /**
                     * @description The same, as Jina names it.
                     * @enum {string}
                     */
                    embedding_type?: "float" | "base64";
                    /**
                     * @description `base64`: little-endian float32. Default: float.
                     * @enum {string}
                     */
                    encoding_format?: "float" | "base64";
                    /** @description Repeated; answered in the order sent. */
                    image: Blob[];
                    /** @description Jina's, for texts: without effect. */
                    late_chunking?: boolean;
                    /**
                     * @description infinity's: images are all that is embedded here.
                     * @enum {string}
                     */
                    modality?: "image";
                    /**
                     * @description Default: the default model.
                     * @example efficientnet-lite2-lite0-int8
                     */
                    model?: string;
                    /** @description Whether vectors have unit length. */
                    normalized?: boolean;
                    /** @description Without effect. */
                    task?: string;
                    /** @description Jina's, for texts: without effect. */
                    truncate?: boolean;
                    /** @description Without effect. */
                    user?: string;
                };
            };
        };
        responses: {
            /** @description One vector an image, in order. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            embedding: number[] | string;
                            index: number;
                            /** @enum {string} */
                            object: "embedding";
                        }[];
                        model: string;
                        /** @enum {string} */
                        object: "list";
                        usage: {
                            /** @description Images. */
                            prompt_tokens: number;
                            /** @description Images. */
                            total_tokens: number;
                        };
                    };
                };
            };
        };
    };
    getExamples: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What there is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Examples"];
                };
            };
        };
    };
    addExamples: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job; `Location` is its place. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    healthV1: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ready. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The call that says more. */
                        more: string;
                        ready: boolean;
                        reason: string | null;
                        /** @description Seconds since 1970. */
                        unix: number;
                    };
                };
            };
        };
    };
    listJobs: {
        parameters: {
            query?: {
                /** @description Only jobs of this collection. */
                collection?: string;
                /** @description The last three are final. */
                state?: "queued" | "running" | "succeeded" | "failed" | "cancelled";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The jobs. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        jobs: components["schemas"]["Job"][];
                    };
                };
            };
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The job. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The job. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    watchJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The job. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events `job`, each a job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
        };
    };
    listModels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All models, by name. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            /** @description Seconds since 1970. */
                            created: number;
                            dimensions: number;
                            id: string;
                            licence: string;
                            /** @description The least that `dimensions` of a call may be. */
                            min_dimensions: number;
                            /** @enum {string} */
                            object: "model";
                            owned_by: string;
                            /** @description Empty; infinity's client asks for it. */
                            stats: Record<string, never>;
                        }[];
                        /** @enum {string} */
                        object: "list";
                    };
                };
            };
        };
    };
    model: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The model. */
                model: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The model. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Seconds since 1970. */
                        created: number;
                        dimensions: number;
                        id: string;
                        licence: string;
                        /** @description The least that `dimensions` of a call may be. */
                        min_dimensions: number;
                        /** @enum {string} */
                        object: "model";
                        owned_by: string;
                        /** @description Empty; infinity's client asks for it. */
                        stats: Record<string, never>;
                    };
                };
            };
        };
    };
    train: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Its vectors; no image is touched. */
                    collection?: string;
                    /** @description A file of `path`, `label` and, if wanted, `camera` and `split`, below it. */
                    csv?: string;
                    /** @description Of the head: 512. */
                    dimensions?: unknown;
                    /** @description Share of the features: 0.2. */
                    dropout?: unknown;
                    /** @description `true` or `false`; without proxies. */
                    easyPositives?: unknown;
                    /** @description Of the collection's metadata: the label. */
                    field?: string;
                    /** @description Of class folders of images, below `LOOKALIKE_IMPORT_ROOT`. */
                    folder?: string;
                    /** @description `linear`, `mlp` or `{ "kind": "mlp", "hidden": … }`. */
                    head?: unknown;
                    /** @description A weight, or `{ "weight": …, … }`; with proxies. */
                    jrd?: unknown;
                    /** @description Divide and conquer: a number, or `{ "kind": "slices" | "masks", "count": … }`. */
                    learners?: unknown;
                    /** @description The backbone; the service's default, or the collection's, unless given. */
                    model?: string;
                    /** @description Of the model that is made. */
                    name: string;
                    /** @description The name of an objective, or `{ "kind": …, … }` with its options. */
                    objective?: unknown;
                    /** @description Of learning, at its highest. */
                    rate?: unknown;
                    /** @description Whether a model of that name, used by nobody, makes room. */
                    replace?: boolean;
                    /** @description 1. */
                    seed?: unknown;
                    /** @description Of `inner`, `whitened`, `pca`, `identity`; the first not by a service. */
                    starts?: unknown;
                    /** @description At most: 200. */
                    steps?: unknown;
                    /** @description Of the classes: 0.5. */
                    testShare?: unknown;
                    /** @description Of each image, to learn from: 1; without `collection`. */
                    views?: unknown;
                };
            };
        };
        responses: {
            /** @description The job; `Location` is its place. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
}
