package dev.narsil.gateway.replicas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.gateway.replicas.Replica.State;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The stored form of a wish, against a record made from the specification. */
class WishTest {

    private static final Instant CHECKED = Instant.parse("2026-11-21T18:00:00Z");
    private static final Wish WISH = new Wish(
            3,
            123_456,
            CHECKED,
            true,
            Cid.hash(Codec.DAG_CBOR, new byte[] {1}),
            List.of(
                    new Replica("friend", "id-1", State.VERIFIED, 1, 1, CHECKED, CHECKED, ""),
                    new Replica("home", "", State.CLAIMED, 2, 4, CHECKED, null, "peers: {pinned=4}")));

    private static byte[] golden() throws IOException {
        try (InputStream in = Objects.requireNonNull(WishTest.class.getResourceAsStream("wish.hex"))) {
            return HexFormat.of()
                    .parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", ""));
        }
    }

    @Test
    void encode_wish_isAsSpecified() throws IOException {
        assertThat(HexFormat.of().formatHex(WISH.encode()))
                .isEqualTo(HexFormat.of().formatHex(golden()));
    }

    @Test
    void decode_whatWasEncoded_isThat() throws IOException {
        assertThat(Wish.decode(golden())).isEqualTo(WISH);
        assertThat(Wish.decode(Wish.of(1, 0).encode())).isEqualTo(Wish.of(1, 0));
    }

    @Test
    void copies_areCountedOnceEach() {
        assertThat(WISH.verified()).isEqualTo(2);
        assertThat(WISH.claimed()).isEqualTo(4);
        assertThat(WISH.missing()).isZero();
        assertThat(WISH.wanting(10).missing()).isEqualTo(4);
    }

    @Test
    void decode_anyByteChangedOrMissing_isRefused() throws IOException {
        byte[] bytes = golden();
        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= 1;
            byte[] cut = Arrays.copyOf(bytes, i);
            assertThatThrownBy(() -> Wish.decode(changed)).isInstanceOf(FormatException.class);
            assertThatThrownBy(() -> Wish.decode(cut)).isInstanceOf(FormatException.class);
        }
    }

    @FuzzTest
    void decode_anyBytes_isRefusedOrEncodesBack(byte[] data) {
        byte[] sealed = new RecordWriter(Wish.KIND, Wish.VERSION).bytes(data).finish();
        for (byte[] bytes : new byte[][] {data, sealed}) {
            try {
                assertThat(Wish.decode(bytes).encode()).isEqualTo(bytes);
            } catch (FormatException e) {
                assertThat(e).hasMessageMatching("(?s)(wish|CID) .*");
            }
        }
    }
}
