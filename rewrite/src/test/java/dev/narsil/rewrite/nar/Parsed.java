package dev.narsil.rewrite.nar;

import dev.narsil.rewrite.testing.Splits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** All that a parser says of a NAR: the events, and where and why it was refused, or -1. */
record Parsed(List<String> events, long badOffset, String reason) {

    /** How a NAR is fed. */
    interface Feeding {
        void feed(Splits.Feed<NarException> feed) throws NarException;
    }

    static Parsed whole(byte[] nar) {
        return of(feed -> feed.feed(nar, 0, nar.length));
    }

    static Parsed of(Feeding feeding) {
        List<String> events = new ArrayList<>();
        NarParser parser = new NarParser(new Recorder(events));
        try {
            feeding.feed(parser::feed);
            parser.finish();
        } catch (NarException e) {
            return new Parsed(events, e.offset(), e.reason());
        }
        return new Parsed(events, -1, "");
    }

    /** Writes down the events. */
    private record Recorder(List<String> events) implements NarVisitor {

        @Override
        public void directory(byte[] name) {
            events.add("directory " + text(name));
        }

        @Override
        public void endDirectory() {
            events.add("end");
        }

        @Override
        public void regular(byte[] name, boolean executable, long size, long contentsOffset) {
            events.add((executable ? "executable " : "regular ") + text(name) + " " + size + "@" + contentsOffset);
        }

        @Override
        public void symlink(byte[] name, byte[] target) {
            events.add("symlink " + text(name) + " -> " + text(target));
        }

        private static String text(byte[] bytes) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }
}
