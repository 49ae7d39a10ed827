package dev.narsil.gateway.upload;

import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The upload of {@code nix-cache-info}, which is always there already: it is compared with what is served. */
final class CacheInfoUpload implements Step {

    /** Longest one that is read, in bytes; clients send 30. */
    static final int MAX_BYTES = 4 << 10;

    private static final String STORE_DIR = "StoreDir";

    private final StoreDir storeDir;

    CacheInfoUpload(StoreDir storeDir) {
        this.storeDir = storeDir;
    }

    @Override
    public Optional<Verdict> admit(long length) {
        return length > MAX_BYTES
                ? Optional.of(Verdict.tooLarge("nix-cache-info has at most " + MAX_BYTES + " bytes"))
                : Optional.empty();
    }

    @Override
    public Verdict receive(BodyPipe body) throws IOException {
        body.limit(SmallBody.MAX_TIME);
        byte[] bytes = body.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            return Verdict.tooLarge("nix-cache-info has at most " + MAX_BYTES + " bytes");
        }
        for (String line : new String(bytes, StandardCharsets.ISO_8859_1).split("\n", -1)) {
            int colon = line.indexOf(':');
            boolean names = colon >= 0 && line.substring(0, colon).equals(STORE_DIR);
            if (names && !line.substring(colon + 1).strip().equals(storeDir.path())) {
                return Verdict.malformed("this binary cache is for the store directory " + storeDir + ", not "
                        + line.substring(colon + 1).strip());
            }
        }
        return Verdict.STORED;
    }
}
