package dev.narsil.gateway.listing;

import dev.narsil.blockstore.NarReader;
import dev.narsil.blockstore.NarSlice;
import dev.narsil.rewrite.nar.NarException;
import dev.narsil.rewrite.nar.NarParser;
import java.io.IOException;

/** Makes the listing of a NAR from its bytes, in one pass and without keeping more than the listing. */
public final class NarListing {

    /** Longest listing that is made, in bytes. */
    public static final int MAX_LISTING_BYTES = 8 << 20;

    private final ListingWriter writer;
    private final NarParser parser;

    /** A listing that will take at most {@code maxBytes} bytes. */
    public NarListing(int maxBytes) {
        writer = new ListingWriter(maxBytes);
        parser = new NarParser(writer);
    }

    /**
     * Returns the listing of the NAR that {@code reader} gives.
     *
     * @throws ListingException if it is not a NAR as Nix writes it, a name or target in it is not UTF-8, or the
     *     listing would be longer than {@link #MAX_LISTING_BYTES}
     * @throws IOException if the NAR cannot be read
     */
    public static byte[] of(NarReader reader) throws IOException {
        NarListing listing = new NarListing(MAX_LISTING_BYTES);
        for (NarSlice slice = reader.next(); slice != null; slice = reader.next()) {
            listing.feed(slice.array(), slice.offset(), slice.length());
        }
        return listing.finish();
    }

    /** Takes the next bytes of the NAR. */
    public void feed(byte[] data, int off, int len) throws ListingException {
        try {
            parser.feed(data, off, len);
        } catch (NarException e) {
            throw notCanonical(e);
        }
        writer.check();
    }

    /** Ends the NAR and returns its listing, as UTF-8. */
    public byte[] finish() throws ListingException {
        try {
            parser.finish();
        } catch (NarException e) {
            throw notCanonical(e);
        }
        writer.check();
        return writer.bytes();
    }

    private static ListingException notCanonical(NarException e) {
        ListingException refusal = new ListingException("no listing: " + e.getMessage());
        refusal.initCause(e);
        return refusal;
    }
}
