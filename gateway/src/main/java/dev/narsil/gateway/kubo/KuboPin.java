package dev.narsil.gateway.kubo;

/**
 * A recursive pin.
 *
 * @param cid its text, also of kinds that Narsil does not read
 * @param name may be empty
 */
public record KuboPin(String cid, String name) {

    /** Most bytes of a name in UTF-8. */
    public static final int MAX_NAME_BYTES = 255;
}
