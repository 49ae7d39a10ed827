package dev.narsil.gateway.upstream;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.NarInfoException;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.source.HttpConnections;
import dev.narsil.gateway.source.HttpFile;
import dev.narsil.gateway.source.HttpUrls;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Judges what an upstream sends as narinfos. Safe for use by many threads. */
final class NarInfoJudge {

    private final UpstreamOptions options;
    private final StoreDir storeDir;
    private final TrustedKeys keys;
    private final boolean withIpfs;
    private final Consumer<NarInfo> read;
    private final UpstreamHealth health;

    /**
     * One by the rules of {@code options}.
     *
     * @param withIpfs whether NARs can be fetched from IPFS
     * @param read hears of each narinfo of the path that was asked for, before it is known whether it counts; must be
     *     quick
     * @param health hears of what does not count
     */
    NarInfoJudge(
            UpstreamOptions options,
            StoreDir storeDir,
            boolean withIpfs,
            Consumer<NarInfo> read,
            UpstreamHealth health) {
        this.options = options;
        this.storeDir = storeDir;
        this.keys = new TrustedKeys(options.trustedKeys());
        this.withIpfs = withIpfs;
        this.read = read;
        this.health = health;
    }

    /** Reads what was sent for a path, which is not verified yet; takes long only if it is long or in a coding. */
    Answer read(Digest digest, HttpFile file) {
        byte[] text;
        NarInfo narInfo;
        try {
            text = file.content(NarInfo.MAX_BYTES + 1);
            narInfo = NarInfo.parse(storeDir, text);
            if (narInfo.hasFile()) {
                HttpUrls.resolve(options.root(), narInfo.url());
                Compression.of(narInfo.compression());
            } else if (!withIpfs) {
                return useless(digest + ".narinfo: its NAR is in IPFS only, and no IPFS daemon is configured");
            }
        } catch (NarInfoException e) {
            return useless(digest + ".narinfo: " + e.getMessage());
        } catch (IOException e) {
            return useless(digest + ".narinfo: " + HttpConnections.reason(e));
        }
        if (!narInfo.storePath().digest().equals(digest)) {
            return lie(digest + ".narinfo is of " + narInfo.storePath());
        }
        read.accept(narInfo);
        return new Answer.Found(narInfo, text);
    }

    /** Returns an answer as it is if it counts, else what it is instead; verifies a signature. */
    Answer verified(Answer answer) {
        if (!(answer instanceof Answer.Found found)) {
            return answer;
        }
        String distrust = distrust(found.narInfo());
        if (distrust != null) {
            return lie(found.narInfo().storePath() + " does not count: " + distrust);
        }
        health.hit();
        return answer;
    }

    /** Returns why a narinfo of this upstream does not count, a clause, or null if it does. */
    @Nullable
    String distrust(NarInfo narInfo) {
        if (options.trustUnsigned()) {
            return null;
        }
        TrustedKeys.Verdict verdict = keys.verify(narInfo.pathInfo(), storeDir);
        return verdict.trusted() ? null : verdict.reason();
    }

    /** The server is well, but what it says of this path is of no use. */
    private Answer useless(String reason) {
        health.useless(reason);
        return new Answer.Failed(reason, false);
    }

    private Answer lie(String reason) {
        health.lied(reason);
        return new Answer.Lie(reason);
    }
}
