package dev.narsil.gateway.listing;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;

class NarListingFuzzTest {

    private static final int MAX_BYTES = 1 << 20;

    @FuzzTest
    void finish_anyBytes_isJsonOrRefused(byte[] nar) {
        NarListing listing = new NarListing(MAX_BYTES);
        String text;
        try {
            listing.feed(nar, 0, nar.length);
            text = new String(listing.finish(), StandardCharsets.UTF_8);
        } catch (ListingException e) {
            assertThat(e).hasMessageStartingWith("no listing: ");
            return;
        }
        assertThat(new JsonObject(text).getInteger("version")).isEqualTo(1);
    }
}
