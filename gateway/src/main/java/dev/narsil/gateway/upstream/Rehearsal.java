package dev.narsil.gateway.upstream;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.NarInfoException;
import dev.narsil.gateway.narinfo.PublicKey;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.rewrite.path.StoreDir;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and verifies a narinfo of no path some times, as what a JVM does first takes a hundred times as long: the first
 * searches would use up their time with it.
 */
final class Rehearsal implements Runnable {

    /** How often: some tenths of a second. */
    static final int TIMES = 100;

    private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);
    private static final int SIGNATURE_BYTES = 64;

    private final StoreDir storeDir;
    private final TrustedKeys keys = new TrustedKeys(List.of(PublicKey.CACHE_NIXOS_ORG));

    Rehearsal(StoreDir storeDir) {
        this.storeDir = storeDir;
    }

    @Override
    public void run() {
        byte[] text = text().getBytes(StandardCharsets.ISO_8859_1);
        int trusted = 0;
        try {
            for (int i = 0; i < TIMES; i++) {
                NarInfo narInfo = NarInfo.parse(storeDir, text);
                trusted += keys.verify(narInfo.pathInfo(), storeDir).trusted() ? 1 : 0;
            }
        } catch (NarInfoException e) {
            throw new IllegalStateException("the narinfo of a rehearsal is wrong", e);
        }
        LOG.debug("rehearsed; {} were trusted", trusted);
    }

    /** A narinfo that is signed by a key that is trusted, wrongly. */
    private String text() {
        String name = "0".repeat(32) + "-rehearsal";
        String hash = "sha256:" + "0".repeat(52);
        return "StorePath: " + storeDir + "/" + name
                + "\nURL: nar/none.nar.xz\nCompression: xz\nFileHash: " + hash + "\nFileSize: 1\nNarHash: " + hash
                + "\nNarSize: 1\nReferences: " + name
                + "\nSig: " + PublicKey.CACHE_NIXOS_ORG.name() + ":"
                + Base64.getEncoder().encodeToString(new byte[SIGNATURE_BYTES]) + "\n";
    }
}
