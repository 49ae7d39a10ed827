package dev.narsil.gateway.alias;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Random;
import java.util.zip.CRC32;

/** Files of aliases in memory. */
final class AliasFiles {

    private AliasFiles() {}

    /** Returns bytes that compress somewhat. */
    static byte[] nar(long seed, int size) {
        Random random = new Random(seed);
        byte[] nar = new byte[size];
        for (int i = 0; i < size; i++) {
            nar[i] = (byte) (random.nextInt(4) == 0 ? random.nextInt(256) : 'a');
        }
        return nar;
    }

    static int crc(byte[] nar) {
        CRC32 crc = new CRC32();
        crc.update(nar);
        return (int) crc.getValue();
    }

    /** Returns the whole file of a NAR. */
    static byte[] file(AliasForm form, byte[] nar) {
        return switch (form) {
            case StoredForm stored -> range(stored, nar, 0, stored.length(nar.length));
            case EncodedForm encoded -> encoded(encoded, nar);
        };
    }

    /** Returns a range of the file of a NAR. */
    static byte[] range(StoredForm form, byte[] nar, long from, long length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Segments segments = form.segments(nar.length, crc(nar), from, length);
        for (Segment segment = segments.next(); segment != null; segment = segments.next()) {
            switch (segment) {
                case Segment.Literal(byte[] array, int offset, int size) -> out.write(array, offset, size);
                case Segment.NarRange(long off, long count) -> out.write(nar, (int) off, (int) count);
            }
        }
        return out.toByteArray();
    }

    private static byte[] encoded(EncodedForm form, byte[] nar) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream encoder = form.encoder(out)) {
            encoder.write(nar);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toByteArray();
    }
}
