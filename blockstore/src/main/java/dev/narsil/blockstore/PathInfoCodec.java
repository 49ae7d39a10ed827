package dev.narsil.blockstore;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StorePath;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The stored form of a {@link PathInfo}, specified in {@link dev.narsil.blockstore}. */
public final class PathInfoCodec {

    static final char KIND = 'P';
    static final int VERSION = 1;

    private static final int HAS_HASH_TEXT = 1;
    private static final int HAS_DERIVER = 2;
    private static final int HAS_SYSTEM = 4;
    private static final int HAS_CONTENT_ADDRESS = 8;
    private static final int ALL_FLAGS = 15;

    private static final int TEXT = 0;
    private static final int PACKED = 1;
    private static final int SIGNATURE_BYTES = 64;
    private static final int SIGNATURE_BASE64 = 88;

    private PathInfoCodec() {}

    /** Returns the stored form. */
    public static byte[] encode(PathInfo info) {
        RecordWriter writer = new RecordWriter(KIND, VERSION);
        writer.u8((info.narHashText() != null ? HAS_HASH_TEXT : 0)
                | (info.deriver() != null ? HAS_DERIVER : 0)
                | (info.system() != null ? HAS_SYSTEM : 0)
                | (info.contentAddress() != null ? HAS_CONTENT_ADDRESS : 0));
        putPath(writer, info.path());
        writer.bytes(info.narHash().bytes()).varint(info.narSize());
        if (info.narHashText() != null) {
            writer.string(info.narHashText());
        }
        writer.varint(info.references().size());
        for (StorePath reference : info.references()) {
            putPath(writer, reference);
        }
        if (info.deriver() != null) {
            putDeriver(writer, info.deriver());
        }
        if (info.system() != null) {
            writer.string(info.system());
        }
        writer.varint(info.signatures().size());
        for (String signature : info.signatures()) {
            putSignature(writer, signature);
        }
        if (info.contentAddress() != null) {
            writer.string(info.contentAddress());
        }
        writer.varint(info.extraLines().size());
        for (String line : info.extraLines()) {
            writer.string(line);
        }
        return writer.finish();
    }

    /**
     * Reads the stored form.
     *
     * @throws FormatException if it is truncated, corrupt or of a newer version
     */
    public static PathInfo decode(byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader("path info", KIND, VERSION, bytes);
        int flags = reader.u8();
        if (flags > ALL_FLAGS) {
            throw reader.corrupt("flags " + flags);
        }
        StorePath path = getPath(reader);
        Sha256 narHash = Sha256.of(reader.bytes(Sha256.BYTES));
        long narSize = reader.varint();
        String narHashText = (flags & HAS_HASH_TEXT) != 0 ? reader.string() : null;
        int references = reader.count(Digest.BYTES + 2);
        List<StorePath> referenceList = new ArrayList<>(references);
        for (int i = 0; i < references; i++) {
            referenceList.add(getPath(reader));
        }
        String deriver = (flags & HAS_DERIVER) != 0 ? getDeriver(reader) : null;
        String system = (flags & HAS_SYSTEM) != 0 ? reader.string() : null;
        int signatures = reader.count(2);
        List<String> signatureList = new ArrayList<>(signatures);
        for (int i = 0; i < signatures; i++) {
            signatureList.add(getSignature(reader));
        }
        String contentAddress = (flags & HAS_CONTENT_ADDRESS) != 0 ? reader.string() : null;
        int extra = reader.count(1);
        List<String> extraLines = new ArrayList<>(extra);
        for (int i = 0; i < extra; i++) {
            extraLines.add(reader.string());
        }
        reader.finish();
        return new PathInfo(
                path,
                narHash,
                narHashText,
                narSize,
                referenceList,
                deriver,
                system,
                signatureList,
                contentAddress,
                extraLines);
    }

    private static void putPath(RecordWriter writer, StorePath path) {
        writer.bytes(path.digest().bytes()).string(path.name());
    }

    private static StorePath getPath(RecordReader reader) throws FormatException {
        Digest digest = Digest.of(reader.bytes(Digest.BYTES), 0);
        try {
            return new StorePath(digest, reader.string());
        } catch (IllegalArgumentException e) {
            throw reader.corrupt(String.valueOf(e.getMessage()));
        }
    }

    private static void putDeriver(RecordWriter writer, String deriver) {
        StorePath packed = storePath(deriver);
        if (packed != null) {
            putPath(writer.u8(PACKED), packed);
        } else {
            writer.u8(TEXT).string(deriver);
        }
    }

    private static @Nullable StorePath storePath(String baseName) {
        try {
            return StorePath.parseBaseName(baseName);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static String getDeriver(RecordReader reader) throws FormatException {
        return isPacked(reader) ? getPath(reader).baseName() : reader.string();
    }

    private static void putSignature(RecordWriter writer, String signature) {
        int colon = signature.indexOf(':');
        byte[] packed = colon < 0 ? null : signatureBytes(signature.substring(colon + 1));
        if (packed != null) {
            writer.u8(PACKED).string(signature.substring(0, colon)).bytes(packed);
        } else {
            writer.u8(TEXT).string(signature);
        }
    }

    /** The bytes of a signature whose text they give back exactly, or null. */
    private static byte @Nullable [] signatureBytes(String base64) {
        if (base64.length() != SIGNATURE_BASE64) {
            return null;
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(base64);
            return bytes.length == SIGNATURE_BYTES
                            && Base64.getEncoder().encodeToString(bytes).equals(base64)
                    ? bytes
                    : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static String getSignature(RecordReader reader) throws FormatException {
        if (!isPacked(reader)) {
            return reader.string();
        }
        String key = reader.string();
        return key + ":" + Base64.getEncoder().encodeToString(reader.bytes(SIGNATURE_BYTES));
    }

    private static boolean isPacked(RecordReader reader) throws FormatException {
        return switch (reader.u8()) {
            case TEXT -> false;
            case PACKED -> true;
            default -> throw reader.corrupt("unknown form of a text");
        };
    }
}
