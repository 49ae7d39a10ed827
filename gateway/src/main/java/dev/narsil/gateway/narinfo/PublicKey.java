package dev.narsil.gateway.narinfo;

import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** An Ed25519 public key and its name, as in {@code trusted-public-keys} of Nix. Safe for use by many threads. */
public final class PublicKey {

    /** Length in bytes. */
    static final int BYTES = 32;

    static final String ALGORITHM = "Ed25519";

    /** The key of cache.nixos.org, which an import trusts unless told otherwise. */
    public static final PublicKey CACHE_NIXOS_ORG =
            parse("cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=");

    private final NamedKey text;

    PublicKey(String name, byte[] bytes) {
        this.text = new NamedKey(name, bytes);
    }

    /**
     * Reads {@code <name>:<base64 of 32 bytes>}; white space around it is dropped, as a file may end in a line end.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static PublicKey parse(String text) {
        NamedKey named = NamedKey.parse("a public key", text.strip(), BYTES);
        return new PublicKey(named.name(), named.bytes());
    }

    /** Returns its name, such as {@code cache.nixos.org-1}. */
    public String name() {
        return text.name();
    }

    /** Tells whether this key made {@code signature} over {@code message}; the name of the key is not looked at. */
    public boolean verifies(byte[] message, Signature signature) {
        return Ed25519.verify(signature.bytes(), 0, text.bytes(), 0, message, 0, message.length);
    }

    static byte[] concat(byte[] first, byte[] second) {
        byte[] all = new byte[first.length + second.length];
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    /** Returns {@code <name>:<base64>}. */
    @Override
    public String toString() {
        return text.print();
    }
}
