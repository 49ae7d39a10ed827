package dev.narsil.gateway.cli;

/** What a command needs of the store in the data directory. */
enum StoreUse {
    /** The store, made if there is none. */
    CREATE,
    /** A store that is there already. */
    REQUIRE,
    /** The store if there is one. */
    IF_PRESENT
}
