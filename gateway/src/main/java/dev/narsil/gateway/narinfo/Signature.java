package dev.narsil.gateway.narinfo;

/** An Ed25519 signature and the name of the key that made it: a value of {@code Sig}. */
public final class Signature {

    /** Length in bytes. */
    public static final int BYTES = 64;

    private final NamedKey text;

    Signature(String keyName, byte[] bytes) {
        this.text = new NamedKey(keyName, bytes);
    }

    private Signature(NamedKey text) {
        this.text = text;
    }

    /**
     * Reads {@code <key name>:<base64 of 64 bytes>}.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static Signature parse(String text) {
        return new Signature(NamedKey.parse("a signature", text, BYTES));
    }

    /** Returns the name of the key, which is everything before the first colon. */
    public String keyName() {
        return text.name();
    }

    byte[] bytes() {
        return text.bytes();
    }

    /** Returns {@code <key name>:<base64>}. */
    @Override
    public String toString() {
        return text.print();
    }
}
