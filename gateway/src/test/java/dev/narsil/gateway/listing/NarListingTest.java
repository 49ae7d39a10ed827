package dev.narsil.gateway.listing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.nar.NarWriter;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NarListingTest {

    @Test
    void listing_ofASmallTree_isThatOfNix() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        NarWriter nar = new NarWriter(out);
        nar.startDirectory();
        nar.entry(utf8("bin"));
        nar.startDirectory();
        nar.entry(utf8("hi"));
        nar.regular(true, utf8("#!/bin/sh\necho hi\n"));
        nar.endDirectory();
        nar.entry(utf8("link"));
        nar.symlink(utf8("bin/hi"));
        nar.endDirectory();
        nar.finish();
        assertThat(list(out.toByteArray()))
                .isEqualTo(
                        "{\"version\":1,\"root\":{\"type\":\"directory\",\"entries\":{\"bin\":{\"type\":\"directory\","
                                + "\"entries\":{\"hi\":{\"type\":\"regular\",\"size\":18,\"executable\":true,"
                                + "\"narOffset\":400}}},\"link\":{\"type\":\"symlink\",\"target\":\"bin/hi\"}}}}");
    }

    /** The NAR with this hash and the text were made by Nix 2.8.0. */
    @Test
    void listing_ofOddNames_isThatOfNix() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        NarWriter nar = new NarWriter(out);
        nar.startDirectory();
        for (String name : new String[] {
            ")",
            "a\"b",
            "back\\slash",
            "bs\bx",
            "cr\rx",
            "del\177x",
            "emoji\ud83d\ude00",
            "empty",
            "entry",
            "esc\033x",
            "ff\fx",
            "ln",
            "nl\nx",
            "slash-less<>&'",
            "sp ace",
            "tab\tx",
            "x",
            "zero",
            "\u00fcmlaut"
        }) {
            nar.entry(utf8(name));
            switch (name) {
                case "empty" -> {
                    nar.startDirectory();
                    nar.endDirectory();
                }
                case "ln" -> nar.symlink(utf8("tgt\n\"\\\001\u00e9"));
                case "zero" -> nar.regular(false, new byte[0]);
                default -> nar.regular(name.equals("x"), utf8(name));
            }
        }
        nar.endDirectory();
        nar.finish();
        assertThat(Sha256.hash(out.toByteArray()))
                .hasToString("sha256:0iigd3bns4h6z5g4j2b70p5amyd0v5n7fb2v7a2hpyr6ilvy07ij");
        assertThat(list(out.toByteArray())).isEqualTo("""
                        {"version":1,"root":{"type":"directory","entries":{\
                        ")":{"type":"regular","size":1,"narOffset":232},\
                        "a\\"b":{"type":"regular","size":3,"narOffset":424},\
                        "back\\\\slash":{"type":"regular","size":10,"narOffset":624},\
                        "bs\\u0008x":{"type":"regular","size":4,"narOffset":824},\
                        "cr\\rx":{"type":"regular","size":4,"narOffset":1016},\
                        "del\177x":{"type":"regular","size":5,"narOffset":1208},\
                        "emoji\ud83d\ude00":{"type":"regular","size":9,"narOffset":1408},\
                        "empty":{"type":"directory","entries":{}},\
                        "entry":{"type":"regular","size":5,"narOffset":1776},\
                        "esc\\u001bx":{"type":"regular","size":5,"narOffset":1968},\
                        "ff\\u000cx":{"type":"regular","size":4,"narOffset":2160},\
                        "ln":{"type":"symlink","target":"tgt\\n\\"\\\\\\u0001\u00e9"},\
                        "nl\\nx":{"type":"regular","size":4,"narOffset":2552},\
                        "slash-less<>&'":{"type":"regular","size":14,"narOffset":2752},\
                        "sp ace":{"type":"regular","size":6,"narOffset":2952},\
                        "tab\\tx":{"type":"regular","size":5,"narOffset":3144},\
                        "x":{"type":"regular","size":1,"executable":true,"narOffset":3368},\
                        "zero":{"type":"regular","size":0,"narOffset":3560},\
                        "\u00fcmlaut":{"type":"regular","size":7,"narOffset":3744}}}}""");
    }

    @Test
    void listing_ofAFile_isItsRoot() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        NarWriter nar = new NarWriter(out);
        nar.regular(false, utf8("x"));
        nar.finish();
        assertThat(list(out.toByteArray()))
                .isEqualTo("{\"version\":1,\"root\":{\"type\":\"regular\",\"size\":1,\"narOffset\":96}}");
    }

    @Test
    void listing_fedInAnyPieces_isTheSame() throws IOException {
        byte[] bytes = RandomNar.of(11).bytes(RandomNar.digests(11, 4));
        String whole = list(bytes);
        Random random = new Random(11);
        NarListing listing = new NarListing(NarListing.MAX_LISTING_BYTES);
        for (int from = 0; from < bytes.length; ) {
            int length = Math.min(random.nextInt(1, 5000), bytes.length - from);
            listing.feed(bytes, from, length);
            from += length;
        }
        assertThat(new String(listing.finish(), StandardCharsets.UTF_8)).isEqualTo(whole);
    }

    @Test
    void listing_nameNotUtf8_isRefused() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        NarWriter nar = new NarWriter(out);
        nar.startDirectory();
        nar.entry(new byte[] {'a', (byte) 0xff});
        nar.regular(false, utf8("x"));
        nar.endDirectory();
        nar.finish();
        assertThatThrownBy(() -> list(out.toByteArray()))
                .isInstanceOf(ListingException.class)
                .hasMessageContaining("not UTF-8");
    }

    @Test
    void listing_targetNotUtf8_isRefused() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        NarWriter nar = new NarWriter(out);
        nar.symlink(new byte[] {(byte) 0xc0, (byte) 0x80});
        nar.finish();
        assertThatThrownBy(() -> list(out.toByteArray()))
                .isInstanceOf(ListingException.class)
                .hasMessageContaining("not UTF-8");
    }

    @Test
    void listing_tooLong_isRefused() {
        byte[] bytes = RandomNar.of(12).bytes(RandomNar.digests(12, 4));
        NarListing listing = new NarListing(200);
        assertThatThrownBy(() -> listing.feed(bytes, 0, bytes.length))
                .isInstanceOf(ListingException.class)
                .hasMessageContaining("longer than 200 bytes");
    }

    @Test
    void listing_notANar_isRefused() {
        assertThatThrownBy(() -> list(utf8("no NAR at all, whatever its hash may be")))
                .isInstanceOf(ListingException.class)
                .hasMessageContaining("bad NAR at offset");
    }

    @Test
    void listing_truncated_isRefused() {
        byte[] bytes = RandomNar.of(13).bytes(RandomNar.digests(13, 1));
        NarListing listing = new NarListing(NarListing.MAX_LISTING_BYTES);
        assertThatThrownBy(() -> {
                    listing.feed(bytes, 0, bytes.length - 8);
                    listing.finish();
                })
                .isInstanceOf(ListingException.class);
    }

    private static String list(byte[] nar) throws IOException {
        NarListing listing = new NarListing(NarListing.MAX_LISTING_BYTES);
        listing.feed(nar, 0, nar.length);
        return new String(listing.finish(), StandardCharsets.UTF_8);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
