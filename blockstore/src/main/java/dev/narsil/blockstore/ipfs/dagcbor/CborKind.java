package dev.narsil.blockstore.ipfs.dagcbor;

/** The kinds of values of dag-cbor. */
public enum CborKind {
    INTEGER,
    BYTES,
    TEXT,
    ARRAY,
    MAP,
    LINK,
    BOOLEAN,
    NULL
}
