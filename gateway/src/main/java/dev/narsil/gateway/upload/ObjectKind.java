package dev.narsil.gateway.upload;

/** The small files that clients put into a cache and that it gives back as they are. */
public enum ObjectKind {
    /** {@code log/<drv>}: what a build printed. */
    LOG("log/", "text/plain; charset=utf-8", 64 << 20),
    /** {@code <digest>.ls}: the listing of a NAR. */
    LISTING("", "application/json", 64 << 20),
    /** {@code realisations/sha256:<hash>!<output>.doi}: what a content-addressed derivation gave, up to Nix 2.34. */
    REALISATION("realisations/", "application/json", 1 << 20),
    /** {@code build-trace-v2/<drv>/<output>.doi}: the same, from Nix 2.35 on. */
    BUILD_TRACE("build-trace-v2/", "application/json", 1 << 20),
    /** {@code debuginfo/<build id>.debug}: which NAR holds the debug information. */
    DEBUG_INFO("debuginfo/", "application/json", 64 << 10);

    private final String folder;
    private final String contentType;
    private final int maxBytes;

    ObjectKind(String folder, String contentType, int maxBytes) {
        this.folder = folder;
        this.contentType = contentType;
        this.maxBytes = maxBytes;
    }

    /** Returns what the paths of this kind begin with, below the root of the cache; empty or with a slash at its end. */
    public String folder() {
        return folder;
    }

    /** Returns the media type it is served as. */
    public String contentType() {
        return contentType;
    }

    /** Returns the longest there may be, in bytes before compression. */
    public int maxBytes() {
        return maxBytes;
    }
}
