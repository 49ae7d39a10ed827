package dev.narsil.gateway.narinfo;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import java.util.Optional;

/**
 * What a path is called in IPFS, as the field {@value #FIELD} of a narinfo says: the two CIDs with a space between. No
 * signature covers it, so it is a hint.
 *
 * @param manifest CID of the manifest of the path
 * @param nar root of the UnixFS file that is the NAR
 */
public record NarCids(Cid manifest, Cid nar) {

    /** Name of the field. Nix and Lix ignore fields they do not know. */
    public static final String FIELD = "X-Narsil-Cid";

    private static final String PREFIX = FIELD + ": ";
    private static final int MAX_LENGTH = 2 * Cid.MAX_TEXT_LENGTH + 1;

    /** Checks the codecs. */
    public NarCids {
        if (!isManifest(manifest)) {
            throw new IllegalArgumentException(manifest + " is not the CID of a manifest");
        }
        if (!isNar(nar)) {
            throw new IllegalArgumentException(nar + " is not the CID of a NAR");
        }
    }

    /** Tells whether a CID can be that of a manifest. */
    public static boolean isManifest(Cid cid) {
        return cid.codec() == Codec.DAG_CBOR && !cid.isIdentity();
    }

    /** Tells whether a CID can be that of a NAR: a UnixFS file, or one block that is the NAR. */
    public static boolean isNar(Cid cid) {
        return cid.codec() != Codec.DAG_CBOR && !cid.isIdentity();
    }

    /** Reads the line of a narinfo; empty if it is another field, or not in the form of this one. */
    static Optional<NarCids> ofLine(String line) {
        if (!isLine(line) || line.length() > PREFIX.length() + MAX_LENGTH) {
            return Optional.empty();
        }
        String[] cids = line.substring(PREFIX.length()).split(" ", -1);
        if (cids.length != 2) {
            return Optional.empty();
        }
        try {
            Cid manifest = Cid.parse(cids[0]);
            Cid nar = Cid.parse(cids[1]);
            return isManifest(manifest) && isNar(nar) ? Optional.of(new NarCids(manifest, nar)) : Optional.empty();
        } catch (FormatException e) {
            return Optional.empty();
        }
    }

    /** Tells whether a line of a narinfo has this field. */
    static boolean isLine(String line) {
        return line.startsWith(PREFIX);
    }

    /** Returns the line of a narinfo, without its end. */
    String line() {
        return PREFIX + manifest + " " + nar;
    }
}
