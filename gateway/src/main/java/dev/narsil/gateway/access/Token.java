package dev.narsil.gateway.access;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.rewrite.hash.NixBase32;
import dev.narsil.rewrite.hash.Sha256;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a store knows of a token; its secret is not among it.
 *
 * @param id 8 characters of Nix's base-32
 * @param name 1 to 64 characters of {@code A-Z a-z 0-9 . _ -}
 * @param permissions what it allows; not empty
 * @param created when it was made, in whole seconds
 * @param expires from when on it is refused, in whole seconds; null for never
 * @param hash SHA-256 of the token
 */
public record Token(
        String id,
        String name,
        Set<Permission> permissions,
        Instant created,
        @Nullable Instant expires,
        Sha256 hash) {

    static final char KIND = 'T';
    static final int VERSION = 2;

    /** The version before there was {@link Permission#PIN}, in which tokens without it are still written. */
    private static final int WITHOUT_PIN = 1;

    static final int ID_BYTES = 5;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /** Checks and copies; throws IllegalArgumentException with the reason if a part is out of its bounds. */
    public Token {
        var _ = NixBase32.decode(id, ID_BYTES);
        checkName(name);
        if (permissions.isEmpty()) {
            throw new IllegalArgumentException("a token allows something");
        }
        permissions = Set.copyOf(permissions);
        if (created.getEpochSecond() < 0 || created.getNano() != 0) {
            throw new IllegalArgumentException("not a time in whole seconds since 1970: " + created);
        }
        if (expires != null && (expires.getEpochSecond() <= 0 || expires.getNano() != 0)) {
            throw new IllegalArgumentException("not a time in whole seconds since 1970: " + expires);
        }
    }

    static void checkName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("the name of a token is 1 to 64 characters of A-Z a-z 0-9 . _ -");
        }
    }

    /** Tells whether it is refused at this time. */
    public boolean isExpired(Instant now) {
        return expires != null && !now.isBefore(expires);
    }

    /** Returns the key it is stored under. */
    byte[] key() {
        return NixBase32.decode(id, ID_BYTES);
    }

    private int version() {
        return permissions.contains(Permission.PIN) ? VERSION : WITHOUT_PIN;
    }

    /** Returns the stored form. */
    byte[] encode() {
        return new RecordWriter(KIND, version())
                .bytes(key())
                .string(name)
                .u8(Permission.bits(permissions))
                .varint(created.getEpochSecond())
                .varint(expires == null ? 0 : expires.getEpochSecond())
                .bytes(hash.bytes())
                .finish();
    }

    /** Reads the stored form. */
    static Token decode(byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader("token", KIND, VERSION, bytes);
        String id = NixBase32.encode(reader.bytes(ID_BYTES));
        String name = reader.string();
        int permissions = reader.u8();
        long created = reader.varint();
        long expires = reader.varint();
        Sha256 hash = Sha256.of(reader.bytes(Sha256.BYTES));
        reader.finish();
        if (created > Instant.MAX.getEpochSecond() || expires > Instant.MAX.getEpochSecond()) {
            throw reader.corrupt("a time is out of range");
        }
        Token token;
        try {
            token = new Token(
                    id,
                    name,
                    EnumSet.copyOf(Permission.ofBits(permissions)),
                    Instant.ofEpochSecond(created),
                    expires == 0 ? null : Instant.ofEpochSecond(expires),
                    hash);
        } catch (IllegalArgumentException e) {
            throw reader.corrupt(String.valueOf(e.getMessage()));
        }
        if (token.version() != reader.version()) {
            throw reader.corrupt("permissions " + permissions + " in version " + reader.version());
        }
        return token;
    }
}
