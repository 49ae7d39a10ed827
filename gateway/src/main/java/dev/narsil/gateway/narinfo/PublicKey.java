package dev.narsil.gateway.narinfo;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/** An Ed25519 public key and its name, as in {@code trusted-public-keys} of Nix. Safe for use by many threads. */
public final class PublicKey {

    /** Length in bytes. */
    static final int BYTES = 32;

    static final String ALGORITHM = "Ed25519";

    /** What DER puts before the 32 bytes of a key (RFC 8410, SubjectPublicKeyInfo). */
    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    /** The key of cache.nixos.org, which an import trusts unless told otherwise. */
    public static final PublicKey CACHE_NIXOS_ORG =
            parse("cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=");

    private final NamedKey text;
    private final java.security.PublicKey key;

    PublicKey(String name, byte[] bytes) {
        this.text = new NamedKey(name, bytes);
        try {
            this.key = KeyFactory.getInstance(ALGORITHM)
                    .generatePublic(new X509EncodedKeySpec(concat(X509_PREFIX, bytes)));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the public key '" + name + "' is not one of Ed25519", e);
        }
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
        try {
            java.security.Signature verifier = java.security.Signature.getInstance(ALGORITHM);
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature.bytes());
        } catch (InvalidKeyException | SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform since 15 has " + ALGORITHM, e);
        }
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
