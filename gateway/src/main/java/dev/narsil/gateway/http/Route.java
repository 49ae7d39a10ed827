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
    NONE
}
