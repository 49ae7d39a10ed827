package dev.narsil.gateway.upstream;

import dev.narsil.gateway.narinfo.NarInfo;
import java.time.Instant;

/**
 * A path that an upstream has.
 *
 * @param upstream the URL of the upstream, without credentials
 * @param narInfo what it says of the path; a signature that counts says so too
 * @param text the narinfo as it came
 * @param fetched when it came, in whole seconds
 */
@SuppressWarnings("ArrayRecordComponent")
record RemotePath(String upstream, NarInfo narInfo, byte[] text, Instant fetched) {}
