package dev.narsil.gateway.upstream;

import dev.narsil.gateway.narinfo.NarInfo;
import java.time.Duration;
import java.time.Instant;

/**
 * A path that an upstream has, or that is in IPFS.
 *
 * @param upstream the URL of the upstream, without credentials; {@link #IPFS} if no upstream said so
 * @param narInfo what it says of the path; a signature that counts says so too
 * @param text the narinfo as it came
 * @param fetched when it came, in whole seconds
 */
@SuppressWarnings("ArrayRecordComponent")
record RemotePath(String upstream, NarInfo narInfo, byte[] text, Instant fetched) {

    /** What stands for an upstream where what is said of a path came from IPFS. */
    static final String IPFS = "ipfs";

    /** Tells whether it came less than {@code ttl} ago. */
    boolean isFresh(Duration ttl) {
        return Instant.now().isBefore(fetched.plus(ttl));
    }

    /** Tells whether something says that the NAR is in IPFS. */
    boolean isInIpfs() {
        return narInfo.ipfsUrl() != null || narInfo.cids().isPresent();
    }
}
