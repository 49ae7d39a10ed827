package dev.narsil.gateway.narinfo;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/** An Ed25519 secret key and its name, as {@code nix-store --generate-binary-cache-key} writes it. */
public final class SecretKey {

    /** Length in bytes: the seed, then the public key. */
    static final int BYTES = 64;

    private static final int SEED_BYTES = 32;

    /** What DER puts before the 32 bytes of a seed (RFC 8410, PrivateKeyInfo). */
    private static final byte[] PKCS8_PREFIX = HexFormat.of().parseHex("302e020100300506032b657004220420");

    private final NamedKey text;
    private final PublicKey publicKey;
    private final PrivateKey key;

    private SecretKey(NamedKey text) {
        this.text = text;
        this.publicKey = new PublicKey(text.name(), text.bytes(SEED_BYTES, BYTES));
        byte[] seed = text.bytes(0, SEED_BYTES);
        try {
            this.key = KeyFactory.getInstance(PublicKey.ALGORITHM)
                    .generatePrivate(new PKCS8EncodedKeySpec(PublicKey.concat(PKCS8_PREFIX, seed)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform since 15 has " + PublicKey.ALGORITHM, e);
        }
        byte[] probe = {};
        if (!publicKey.verifies(probe, sign(probe))) {
            throw new IllegalArgumentException(
                    "the two halves of the secret key '" + text.name() + "' do not belong together");
        }
    }

    /**
     * Makes a new key from the randomness of the operating system.
     *
     * @throws IllegalArgumentException if the name is empty or has anything but printable ASCII without spaces and colons
     */
    public static SecretKey generate(String name) {
        NamedKey.checkName("a key", name);
        try {
            KeyPair pair = KeyPairGenerator.getInstance(PublicKey.ALGORITHM).generateKeyPair();
            // the encodings are a fixed prefix and the bytes (RFC 8410)
            byte[] seed = last(SEED_BYTES, pair.getPrivate());
            byte[] publicBytes = last(PublicKey.BYTES, pair.getPublic());
            return new SecretKey(new NamedKey(name, PublicKey.concat(seed, publicBytes)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform since 15 has " + PublicKey.ALGORITHM, e);
        }
    }

    private static byte[] last(int count, Key key) {
        byte[] encoded = key.getEncoded();
        return Arrays.copyOfRange(encoded, encoded.length - count, encoded.length);
    }

    /**
     * Reads {@code <name>:<base64 of 64 bytes>}; white space around it is dropped, as a file may end in a line end.
     *
     * @throws IllegalArgumentException if the text is anything else, or its public half is not that of its seed; the
     *     message
     *     does not tell the key
     */
    public static SecretKey parse(String text) {
        return new SecretKey(NamedKey.parse("a secret key", text.strip(), BYTES));
    }

    /** Returns its name. */
    public String name() {
        return publicKey.name();
    }

    /** Returns the key others verify with. */
    public PublicKey publicKey() {
        return publicKey;
    }

    /** Returns a signature over {@code message}, which is the same each time. */
    public Signature sign(byte[] message) {
        try {
            java.security.Signature signer = java.security.Signature.getInstance(PublicKey.ALGORITHM);
            signer.initSign(key);
            signer.update(message);
            return new Signature(publicKey.name(), signer.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign with the key '" + publicKey.name() + "'", e);
        }
    }

    /** Returns {@code <name>:<base64 of 64 bytes>}, which is secret. */
    public String secretText() {
        return text.print();
    }

    /** Returns the name only. */
    @Override
    public String toString() {
        return "secret key '" + publicKey.name() + "'";
    }
}
