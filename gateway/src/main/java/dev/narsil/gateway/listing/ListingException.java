package dev.narsil.gateway.listing;

import java.io.IOException;

/** Says why a NAR has no listing. */
public final class ListingException extends IOException {

    private static final long serialVersionUID = 1L;

    public ListingException(String message) {
        super(message);
    }
}
