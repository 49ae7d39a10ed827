package dev.narsil.gateway.http;

/** A kind of thing that a request can name. */
enum Route {
    /** The page for people. */
    ROOT,
    CACHE_INFO,
    HEALTH,
    READY,
    METRICS,
    NAR_INFO,
    LISTING,
    NAR,
    LOG,
    REALISATION,
    BUILD_TRACE,
    DEBUG_INFO,
    NAR_BY_HASH,
    /** A NAR or a block by a CID of its bytes, whole. */
    RASL,
    /** A block by its CID. */
    IPFS,
    /** Who has a block. */
    PROVIDERS,
    /** A block of the index of published paths. */
    INDEX,
    /** What others have kept here. */
    PINS,
    NONE
}
