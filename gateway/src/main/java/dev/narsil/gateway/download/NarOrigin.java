package dev.narsil.gateway.download;

/** Where a NAR that was wanted came from first. */
public enum NarOrigin {
    /** It was stored. */
    STORE,
    /** An upstream was the first to send some of it. */
    HTTP,
    /** A daemon of IPFS was the first to give some of it. */
    IPFS
}
