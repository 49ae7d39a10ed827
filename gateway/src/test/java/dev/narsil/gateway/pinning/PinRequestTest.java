package dev.narsil.gateway.pinning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.gateway.pinning.PinRequest.Id;
import dev.narsil.gateway.pinning.PinRequest.Phase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The stored form of a request, against a record made from the specification. */
class PinRequestTest {

    private static final Pin PIN = new Pin(
            Cid.hash(Codec.DAG_CBOR, new byte[] {1}),
            "hello",
            List.of("/ip4/192.0.2.1/tcp/4001/p2p/12D3KooW"),
            Map.of("b", "2", "a", "1"));
    private static final PinRequest REQUEST = new PinRequest(
            new Id(Instant.parse("2026-11-21T18:00:00.123Z").toEpochMilli(), -2),
            "0l2060h1",
            PIN,
            Phase.PINNED,
            true,
            123_456,
            "why",
            new Id(1, 2));

    private static byte[] golden() throws IOException {
        try (InputStream in = Objects.requireNonNull(PinRequestTest.class.getResourceAsStream("pin-request.hex"))) {
            return HexFormat.of()
                    .parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", ""));
        }
    }

    @Test
    void encode_request_isAsSpecified() throws IOException {
        assertThat(HexFormat.of().formatHex(REQUEST.encode()))
                .isEqualTo(HexFormat.of().formatHex(golden()));
    }

    @Test
    void decode_whatWasEncoded_isThat() throws IOException {
        assertThat(PinRequest.decode(golden())).isEqualTo(REQUEST);
        PinRequest plain = new PinRequest(
                new Id(5, 6), "zzzzzzzz", new Pin(PIN.cid(), "", List.of()), Phase.QUEUED, false, 0, "", null);
        assertThat(PinRequest.decode(plain.encode())).isEqualTo(plain);
    }

    @Test
    void decode_anyByteChangedOrMissing_isRefused() throws IOException {
        byte[] bytes = golden();
        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= 1;
            byte[] cut = Arrays.copyOf(bytes, i);
            assertThatThrownBy(() -> PinRequest.decode(changed)).isInstanceOf(FormatException.class);
            assertThatThrownBy(() -> PinRequest.decode(cut)).isInstanceOf(FormatException.class);
        }
    }

    @Test
    void id_text_isReadBackAndNothingElseIs() {
        Id id = new Id(0x0123456789abcdefL, -1);
        assertThat(id).hasToString("0123456789abcdefffffffffffffffff");
        assertThat(Id.parse(id.toString())).isEqualTo(id);
        for (String text : List.of("", "x", "0".repeat(31), "0".repeat(33), "f".repeat(32), "0".repeat(31) + "G")) {
            assertThat(Id.parse(text)).as(text).isNull();
        }
    }

    @FuzzTest
    void decode_anyBytes_isRefusedOrEncodesBack(byte[] data) {
        byte[] sealed = new RecordWriter(PinRequest.KIND, PinRequest.VERSION)
                .bytes(data)
                .finish();
        for (byte[] bytes : new byte[][] {data, sealed}) {
            try {
                assertThat(PinRequest.decode(bytes).encode()).isEqualTo(bytes);
            } catch (FormatException e) {
                assertThat(e).hasMessageMatching("(?s)(pin request|CID) .*");
            }
        }
    }
}
