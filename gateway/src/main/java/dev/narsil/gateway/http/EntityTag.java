package dev.narsil.gateway.http;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.alias.Alias;
import dev.narsil.rewrite.hash.Sha256;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The strong entity tag of a NAR: its hash, and {@code none} for the coding it is sent in; or of a file that stands for one
 * that was uploaded: the hash of that, its compression and the version of the form it is written in; or of a block.
 *
 * @param value the tag with its quotes
 */
record EntityTag(String value) {

    private static final String WEAK = "W/";

    static EntityTag of(Sha256 narHash) {
        return new EntityTag("\"" + narHash.toBase32() + "-none\"");
    }

    static EntityTag of(Sha256 fileHash, Alias alias) {
        return new EntityTag("\"" + fileHash.toBase32() + "-" + alias.compression() + "-" + alias.version() + "\"");
    }

    /** The tag of a block in its plain form. */
    static EntityTag of(Cid cid) {
        return new EntityTag("\"" + cid + ".raw\"");
    }

    /** The tag of a CAR of a part of what is below a block. */
    static EntityTag ofCar(Cid root, String scope) {
        return new EntityTag("\"" + root + ".car." + scope + "\"");
    }

    /** Tells whether {@code If-None-Match} lists this tag, by weak comparison (RFC 9110, 13.1.2). */
    boolean isListedIn(List<String> ifNoneMatch) {
        for (String header : ifNoneMatch) {
            for (String entry : header.split(",", -1)) {
                String tag = entry.strip();
                if (tag.equals("*") || value.equals(tag.startsWith(WEAK) ? tag.substring(WEAK.length()) : tag)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Tells whether {@code If-Range} allows a range: it is absent or this very tag. A date never is. */
    boolean allowsRange(@Nullable String ifRange) {
        return ifRange == null || ifRange.strip().equals(value);
    }
}
