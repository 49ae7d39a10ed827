package dev.narsil.gateway.pinning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said in the Pinning Service API, read and written. */
class PinDocumentsTest {

    private static final Cid CID = Cid.hash(Codec.DAG_CBOR, new byte[] {1});
    private static final Cid OTHER = Cid.hash(Codec.DAG_PB, new byte[] {2});
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static PinStatus status(int minutes, Cid cid, String name, PinState state, Map<String, String> meta) {
        return new PinStatus(
                "id-" + minutes,
                state,
                NOON.plusSeconds(60L * minutes),
                new Pin(cid, name, List.of(), meta),
                List.of(),
                Map.of());
    }

    @Test
    void pin_everyField_isReadAndWritten() throws IOException {
        Pin pin = new Pin(CID, "a name", List.of("/p2p/12D3KooW"), Map.of("app", "narsil"));
        assertThat(Pin.parse(utf8(pin.toJson().encode()))).isEqualTo(pin);
        assertThat(Pin.parse(utf8("{\"cid\":\"" + CID + "\",\"unknown\":[1]}"))).isEqualTo(new Pin(CID, "", List.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "null",
                "{}",
                "{\"cid\":1}",
                "{\"cid\":\"x\"}",
                "{\"cid\":\"CID\",\"name\":1}",
                "{\"cid\":\"CID\",\"origins\":{}}",
                "{\"cid\":\"CID\",\"origins\":[1]}",
                "{\"cid\":\"CID\",\"meta\":[]}",
                "{\"cid\":\"CID\",\"meta\":{\"a\":1}}",
                "{\"cid\":\"CID\"} more"
            })
    void pin_anythingElse_isRefused(String text) {
        assertThatThrownBy(() -> Pin.parse(utf8(text.replace("CID", CID.toString()))))
                .isInstanceOf(PinFormatException.class);
    }

    @Test
    void pin_beyondItsBounds_isRefused() {
        JsonObject pin = new JsonObject().put("cid", CID.toString());
        JsonObject named = pin.copy().put("name", "n".repeat(Pin.MAX_NAME + 1));
        JsonObject origins =
                pin.copy().put("origins", new JsonArray(Collections.nCopies(Pin.MAX_ADDRESSES + 1, "/p2p/x")));
        JsonObject meta = pin.copy().put("meta", new JsonObject());
        for (int i = 0; i <= Pin.MAX_META; i++) {
            meta.getJsonObject("meta").put("key" + i, "");
        }
        for (JsonObject wrong : List.of(named, origins, meta)) {
            assertThatThrownBy(() -> Pin.parse(utf8(wrong.encode()))).isInstanceOf(PinFormatException.class);
        }
    }

    @Test
    void status_ofAnotherService_isRead() throws IOException {
        PinStatus read = PinStatus.parse(utf8("""
                {"requestid":"UniqueIdOfPinRequest","status":"queued","created":"2020-07-27T17:32:28.276+02:00",
                 "pin":{"cid":"%s","name":"PreciousData.pdf","origins":["/p2p/QmSourcePeerId"],
                        "meta":{"app_id":"99986338-1113-4706-8302-4420da6158aa"}},
                 "delegates":["/ip4/203.0.113.1/tcp/4001/p2p/QmServicePeerId"],
                 "info":{"status_details":"Queue position: 7 of 9"},"more":1}
                """.formatted(CID)));
        assertThat(read)
                .isEqualTo(new PinStatus(
                        "UniqueIdOfPinRequest",
                        PinState.QUEUED,
                        Instant.parse("2020-07-27T15:32:28.276Z"),
                        new Pin(CID, "PreciousData.pdf", List.of()),
                        List.of("/ip4/203.0.113.1/tcp/4001/p2p/QmServicePeerId"),
                        Map.of("status_details", "Queue position: 7 of 9")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"status\":\"done\"", "\"created\":\"today\"", "\"requestid\":\"\"", "\"pin\":{}"})
    void status_oneFieldWrong_isRefused(String field) {
        JsonObject good = status(0, CID, "", PinState.PINNED, Map.of()).toJson();
        JsonObject wrong = good.mergeIn(new JsonObject("{" + field + "}"));
        assertThatThrownBy(() -> PinStatus.parse(utf8(wrong.encode()))).isInstanceOf(PinFormatException.class);
    }

    @Test
    void query_filters_selectAndCount() throws IOException {
        List<PinStatus> all = new ArrayList<>();
        for (int i = 29; i >= 0; i--) {
            PinState state = PinState.values()[i % 4];
            all.add(status(i, i % 2 == 0 ? CID : OTHER, "Name-" + i % 3, state, Map.of("k", "" + i % 5)));
        }
        assertThat(PinQuery.parse("status=queued,pinning,pinned,failed")
                        .select(all)
                        .results())
                .containsExactlyElementsOf(all.subList(0, PinQuery.DEFAULT_LIMIT));
        assertThat(PinQuery.parse("").select(all).count()).isEqualTo(7);
        String any = "status=queued&status=pinning&status=pinned&status=failed&limit=1000&";
        assertThat(PinQuery.parse(any).select(all).count()).isEqualTo(30);
        assertThat(PinQuery.parse(any + "cid=" + CID).select(all).count()).isEqualTo(15);
        assertThat(PinQuery.parse(any + "cid=" + CID + "," + OTHER).select(all).count())
                .isEqualTo(30);
        assertThat(PinQuery.parse(any + "name=name-1").select(all).count()).isZero();
        assertThat(PinQuery.parse(any + "name=name-1&match=iexact").select(all).count())
                .isEqualTo(10);
        assertThat(PinQuery.parse(any + "name=me-&match=partial").select(all).count())
                .isEqualTo(30);
        assertThat(PinQuery.parse(any + "name=ME-2&match=ipartial").select(all).count())
                .isEqualTo(10);
        assertThat(PinQuery.parse(any + "before=2026-11-21T12:10:00.000Z")
                        .select(all)
                        .count())
                .isEqualTo(10);
        assertThat(PinQuery.parse(any + "after=2026-11-21T12%3A10%3A00Z")
                        .select(all)
                        .count())
                .isEqualTo(19);
        assertThat(PinQuery.parse(any + "meta=%7B%22k%22%3A%221%22%7D")
                        .select(all)
                        .count())
                .isEqualTo(6);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "limit=0",
                "limit=1001",
                "limit=x",
                "limit=1&limit=2",
                "status=",
                "status=done",
                "cid=",
                "cid=x",
                "before=noon",
                "match=fuzzy",
                "meta=1",
                "name=%f"
            })
    void query_wrongValue_isRefused(String query) {
        assertThatThrownBy(() -> PinQuery.parse(query)).isInstanceOf(PinFormatException.class);
    }

    @FuzzTest
    void documents_anyBytes_areRefusedOrRead(byte[] data) {
        try {
            Pin pin = Pin.parse(data);
            assertThat(Pin.parse(utf8(pin.toJson().encode()))).isEqualTo(pin);
        } catch (IOException e) {
            assertThat(e).isInstanceOf(PinFormatException.class);
        }
        try {
            assertThat(PinStatus.parse(data).requestId()).isNotEmpty();
        } catch (IOException e) {
            assertThat(e).isInstanceOf(PinFormatException.class);
        }
        try {
            assertThat(PinQuery.parse(new String(data, StandardCharsets.ISO_8859_1))
                            .select(List.of())
                            .count())
                    .isZero();
        } catch (IOException e) {
            assertThat(e).isInstanceOf(PinFormatException.class);
        }
    }
}
