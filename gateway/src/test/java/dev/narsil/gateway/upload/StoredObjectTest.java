package dev.narsil.gateway.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.rewrite.hash.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredObjectTest {

    private static final byte[] LOG = "building now\n".getBytes(StandardCharsets.US_ASCII);

    @Test
    void encode_object_isPinned() throws IOException {
        byte[] golden = golden();
        StoredObject object = StoredObject.decode(golden);
        assertThat(object.length()).isEqualTo(LOG.length);
        assertThat(object.hash()).isEqualTo(Sha256.hash(LOG));
        assertThat(bytes(object)).isEqualTo(LOG);
        assertThat(HexFormat.of().formatHex(object.encode()))
                .isEqualTo(HexFormat.of().formatHex(golden));
    }

    @Test
    void decode_damaged_isRefused() throws IOException {
        byte[] record = golden();
        for (int length = 0; length < record.length; length++) {
            assertRefused(Arrays.copyOf(record, length));
        }
        assertRefused(Arrays.copyOf(record, record.length + 1));
        for (int bit = 0; bit < 8 * record.length; bit++) {
            byte[] flipped = record.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertRefused(flipped);
        }
    }

    @Test
    void decode_framesThatDoNotFitTheLength_areRefused() throws IOException {
        StoredObject object = StoredObject.decode(golden());
        assertRefused(new StoredObject(LOG.length + 1, object.hash(), object.frames()).encode());
        assertRefused(new StoredObject(LOG.length, object.hash(), List.of()).encode());
        assertRefused(new StoredObject(0, object.hash(), object.frames()).encode());
        assertRefused(new StoredObject(LOG.length, object.hash(), List.of(new byte[3])).encode());
        assertRefused(new RecordWriter(StoredObject.KIND, StoredObject.VERSION)
                .varint(ObjectBytes.MAX_BYTES + 1L)
                .bytes(new byte[32])
                .finish());
    }

    @Test
    void decode_newerVersion_isRefusedAsSuch() {
        byte[] newer = new RecordWriter(StoredObject.KIND, StoredObject.VERSION + 1).finish();
        assertThatThrownBy(() -> StoredObject.decode(newer))
                .isInstanceOfSatisfying(
                        FormatException.class,
                        e -> assertThat(e.isNewerVersion()).isTrue());
    }

    @ParameterizedTest
    @ValueSource(
            ints = {0, 1, StoredObject.FRAME_BYTES, StoredObject.FRAME_BYTES + 1, 5 * StoredObject.FRAME_BYTES - 1})
    void read_anyLength_comesBack(int length) throws IOException {
        byte[] data = new byte[length];
        new Random(length).nextBytes(data);
        StoredObject object = ObjectBytes.read(new ByteArrayInputStream(data), ObjectBytes.MAX_BYTES);
        StoredObject stored = StoredObject.decode(object.encode());
        assertThat(stored.hash()).isEqualTo(Sha256.hash(data));
        assertThat(bytes(stored)).isEqualTo(data);
    }

    @Test
    void read_longerThanAllowed_isRefused() throws IOException {
        assertThat(ObjectBytes.read(new ByteArrayInputStream(new byte[100]), 100)
                        .length())
                .isEqualTo(100);
        assertThatThrownBy(() -> ObjectBytes.read(new ByteArrayInputStream(new byte[101]), 100))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        e -> assertThat(e.verdict().status()).isEqualTo(413));
    }

    private static byte[] bytes(StoredObject object) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < object.frames().size(); i++) {
            all.writeBytes(object.frame(i));
        }
        return all.toByteArray();
    }

    private static void assertRefused(byte[] record) {
        assertThatThrownBy(() -> StoredObject.decode(record))
                .isInstanceOf(FormatException.class)
                .message()
                .isNotBlank();
    }

    private static byte[] golden() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(StoredObjectTest.class.getResourceAsStream("object.hex"), "object.hex")) {
            String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            return HexFormat.of().parseHex(hex.replace("\n", ""));
        }
    }
}
