package dev.narsil.rewrite.nar;

import static dev.narsil.rewrite.testing.NarTokens.directory;
import static dev.narsil.rewrite.testing.NarTokens.nar;
import static dev.narsil.rewrite.testing.NarTokens.nothing;
import static dev.narsil.rewrite.testing.NarTokens.regular;

import dev.narsil.rewrite.testing.NarTokens;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** NARs that real parsers disagree on, and what is right. Every refused one has a mark where the error is. */
final class NarCases {

    /** A case; the reason is empty if the NAR is good. */
    record Case(String name, NarTokens nar, String reason) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static final String NOT_A_NAR = "input doesn't look like a Nix archive";
    private static final String TOO_EARLY = "the NAR ends too early";
    private static final String TOO_LONG = "string is too long";
    private static final String PADDING = "non-zero padding";
    private static final String UNSORTED = "NAR directory is not sorted";
    private static final String BAD_TARGET = "NAR contains invalid symlink target";
    private static final String TOO_DEEP = "NAR directory nesting exceeds maximum depth of 64";
    private static final String TRAILING = "bytes after the end of the NAR";

    private final List<Case> cases = new ArrayList<>();

    private NarCases() {}

    static List<Case> all() {
        NarCases all = new NarCases();
        all.framing();
        all.names();
        all.nodes();
        all.regularFiles();
        all.symlinks();
        all.entries();
        all.depths();
        all.ends();
        return List.copyOf(all.cases);
    }

    private void refuse(String name, NarTokens nar, String reason) {
        cases.add(new Case(name, nar, reason));
    }

    private void accept(String name, NarTokens nar) {
        cases.add(new Case(name, nar, ""));
    }

    private void framing() {
        refuse("1 wrong magic", nothing().bad().str("nix-archive-2").file("x"), NOT_A_NAR);
        refuse("1 nothing", nothing().bad(), TOO_EARLY);
        refuse("1 magic only", nar().bad(), TOO_EARLY);
        refuse("1 half a magic", nothing().word(13).raw("nix-arch").bad(), TOO_EARLY);
        refuse(
                "2 magic length big endian",
                nothing().bad().raw(new byte[7]).raw((byte) 13).raw("nix-archive-1\0\0\0"),
                NOT_A_NAR);
        refuse(
                "3 padding of the magic",
                nothing().word(13).raw("nix-archive-1\0\0").bad().raw("x").file("x"),
                PADDING);
        refuse(
                "3 padding of a tag",
                nar().word(1).raw("(").bad().raw("\1\0\0\0\0\0\0").str("type"),
                PADDING);
        refuse(
                "3 last byte of the padding",
                nar().word(1).raw("(\0\0\0\0\0\0").bad().raw("\1").str("type"),
                PADDING);
        refuse(
                "4 padding of a name",
                directory().str("entry", "(", "name").word(1).raw("a\0\0").bad().raw("\1\0\0\0\0"),
                PADDING);
        refuse(
                "5 padding of contents",
                regular()
                        .str("contents")
                        .word(3)
                        .raw("abc")
                        .bad()
                        .raw("\1\0\0\0\0")
                        .str(")"),
                PADDING);
        refuse(
                "5 end of the padding of contents",
                regular()
                        .str("contents")
                        .word(3)
                        .raw("abc\0\0\0\0")
                        .bad()
                        .raw("\1")
                        .str(")"),
                PADDING);
        refuse(
                "6 ends in contents",
                regular().str("contents").word(1000).raw("abc").bad(),
                TOO_EARLY);
        refuse(
                "6 ends in padding",
                regular().str("contents").word(3).raw("abc\0\0").bad(),
                TOO_EARLY);
        refuse("6 ends before the last bracket", regular().str("contents", "x").bad(), TOO_EARLY);
        refuse(
                "6 ends in the last bracket",
                regular().str("contents", "x").word(1).raw(")\0\0\0\0\0\0").bad(),
                TOO_EARLY);
        refuse("6 ends in a length", nar().raw("\1\0\0").bad(), TOO_EARLY);
        refuse("7 tag of 2^63 bytes", nar().bad().word(Long.MIN_VALUE).raw("("), TOO_LONG);
        refuse(
                "7 tag whose padded length overflows",
                nar().bad().word(0xfffffffffffffff7L).raw("("),
                TOO_LONG);
        refuse("7 tag of 33 bytes", nar().bad().word(33).raw("("), TOO_LONG);
        refuse("7 tag of 32 bytes", nar().bad().str("x".repeat(32)), "expected tag '(', got '" + "x".repeat(32) + "'");
        refuse("8 contents of 2^63 bytes", regular().str("contents").bad().word(Long.MIN_VALUE), "file is too long");
        refuse("8 contents of 2^64 - 1 bytes", regular().str("contents").bad().word(-1), "file is too long");
        refuse("8 contents beyond 2^63", regular().str("contents").bad().word(Long.MAX_VALUE), "file is too long");
        refuse(
                "8 contents of 2^62 bytes",
                regular().str("contents").word(1L << 62).raw("abc").bad(),
                TOO_EARLY);
        refuse(
                "9 name of 2^31 bytes",
                directory().str("entry", "(", "name").bad().word(1L << 31).raw("abc"),
                TOO_LONG);
        refuse("46 xz", nothing().bad().raw("\u00fd7zXZ\0\0\4\u00e6\u00d6\u00b4F"), NOT_A_NAR);
        refuse("46 zstd", nothing().bad().raw("(\u00b5/\u00fd\4XA\0\0"), NOT_A_NAR);
        refuse("46 gzip", nothing().bad().raw("\37\u008b\b\0\0\0\0\0\0\3"), NOT_A_NAR);
    }

    private void names() {
        for (String name : List.of("", ".", "..", "a/b", "../evil", "/", "a\0b", "\0")) {
            refuse(
                    "10-13 name '" + name.replace("\0", "\\x00") + "'",
                    directory()
                            .str("entry", "(", "name")
                            .bad()
                            .str(name)
                            .str("node")
                            .file("")
                            .str(")", ")"),
                    "NAR contains invalid file name '" + name.replace("\0", "\\x00") + "'");
        }
        refuse(
                "14 name of 256 bytes",
                directory().str("entry", "(", "name").bad().str("a".repeat(256)),
                TOO_LONG);
        accept("15 name of 255 bytes", directory().entry("a".repeat(255)).str(")"));
        refuse(
                "16 name twice",
                directory().entry("a").str("entry", "(", "name").bad().str("a"),
                UNSORTED);
        refuse(
                "17 symlink, then directory of that name",
                directory()
                        .openEntry("a")
                        .symlink("/etc")
                        .str(")")
                        .str("entry", "(", "name")
                        .bad()
                        .str("a"),
                UNSORTED);
        refuse(
                "18 unsorted",
                directory().entry("b").str("entry", "(", "name").bad().str("a"),
                UNSORTED);
        refuse(
                "18 unsorted, a prefix",
                directory().entry("ab").str("entry", "(", "name").bad().str("a"),
                UNSORTED);
        refuse(
                "19 sorted by locale",
                directory().entry("a").str("entry", "(", "name").bad().str("B"),
                UNSORTED);
        refuse(
                "19 sorted by signed bytes",
                directory().entry("\u00e9").str("entry", "(", "name").bad().str("z"),
                UNSORTED);
        accept(
                "19 sorted by unsigned bytes",
                directory()
                        .entry("B")
                        .entry("a")
                        .entry("ab")
                        .entry("b")
                        .entry("\u00e9")
                        .str(")"));
        accept(
                "19 order starts anew in each directory",
                directory()
                        .openEntry("b")
                        .str("(", "type", "directory")
                        .entry("a")
                        .str(")", ")")
                        .entry("c")
                        .str(")"));
        refuse(
                "19 order goes on after a directory",
                directory()
                        .openEntry("b")
                        .str("(", "type", "directory")
                        .entry("z")
                        .str(")", ")")
                        .str("entry", "(", "name")
                        .bad()
                        .str("a"),
                UNSORTED);
        accept(
                "44 names of odd bytes",
                directory()
                        .entry("\1\n")
                        .entry(")")
                        .entry("...")
                        .entry("\\")
                        .entry("entry")
                        .entry("\u00ff\u00fe")
                        .str(")"));
        accept("45 case hack", directory().entry("a~nix~case~hack~1").str(")"));
    }

    private void nodes() {
        refuse("20 unknown type", nar().str("(", "type").bad().str("fifo", ")"), "unknown file type 'fifo'");
        refuse("20 empty type", nar().str("(", "type").bad().str("", ")"), "unknown file type ''");
        refuse("21 no type", nar().str("(").bad().str(")"), "expected tag 'type', got ')'");
        refuse("22 type twice", regular().bad().str("type", "regular"), "expected tag 'contents', got 'type'");
        refuse(
                "23 contents before type",
                nar().str("(").bad().str("contents", "x"),
                "expected tag 'type', got 'contents'");
        refuse("23 no bracket", nar().bad().str("type", "regular"), "expected tag '(', got 'type'");
        refuse("23 tag of odd bytes", nar().bad().str("\u00ff\n"), "expected tag '(', got '\\xff\\x0a'");
        accept("smallest NAR", directory().str(")"));
    }

    private void regularFiles() {
        accept("empty file", nar().file(""));
        accept("file of 1 byte", nar().file("x"));
        accept("file of 8 bytes", nar().file("12345678"));
        accept("file of 9 bytes", nar().file("123456789"));
        accept("executable", regular().str("executable", "", "contents", "x", ")"));
        accept(
                "contents that look like tags",
                nar().file(new String(nar().file("x").toBytes(), StandardCharsets.ISO_8859_1)));
        refuse("24 no contents", regular().bad().str(")"), "expected tag 'contents', got ')'");
        refuse(
                "24 executable without contents",
                regular().str("executable", "").bad().str(")"),
                "expected tag 'contents', got ')'");
        refuse(
                "25 contents twice",
                regular().str("contents", "x").bad().str("contents", "y", ")"),
                "expected tag ')', got 'contents'");
        refuse(
                "26 executable after contents",
                regular().str("contents", "x").bad().str("executable", "", ")"),
                "expected tag ')', got 'executable'");
        refuse(
                "27 executable twice",
                regular().str("executable", "").bad().str("executable", "", "contents", "x", ")"),
                "expected tag 'contents', got 'executable'");
        refuse(
                "28 executable with a value",
                regular().str("executable").bad().str("yes", "contents", "x", ")"),
                "executable marker has non-empty value");
        refuse(
                "28 executable with a long value",
                regular().str("executable").bad().str("y".repeat(33)),
                TOO_LONG);
    }

    private void symlinks() {
        refuse(
                "29 executable symlink",
                nar().str("(", "type", "symlink").bad().str("executable", "", "target", "x", ")"),
                "expected tag 'target', got 'executable'");
        refuse("30 no target", nar().str("(", "type", "symlink").bad().str(")"), "expected tag 'target', got ')'");
        refuse(
                "31 empty target",
                nar().str("(", "type", "symlink", "target").bad().str("", ")"),
                BAD_TARGET);
        refuse(
                "32 target with NUL",
                nar().str("(", "type", "symlink", "target").bad().str("a\0b", ")"),
                BAD_TARGET);
        refuse(
                "32a two targets",
                nar().str("(", "type", "symlink", "target", "a").bad().str("target", "b", ")"),
                "expected tag ')', got 'target'");
        refuse(
                "33 target of 4096 bytes",
                nar().str("(", "type", "symlink", "target").bad().str("a".repeat(4096)),
                TOO_LONG);
        accept("34 target of 4095 bytes", nar().symlink("a".repeat(4095)));
        accept("34 target of odd bytes", nar().symlink("../\n\u00ff//."));
    }

    private void entries() {
        refuse("35 no node", directory().str("entry", "(", "name", "a").bad().str(")"), "expected tag 'node', got ')'");
        refuse("36 no name", directory().str("entry", "(").bad().str("node"), "expected tag 'name', got 'node'");
        refuse("36 empty entry", directory().str("entry", "(").bad().str(")"), "expected tag 'name', got ')'");
        refuse(
                "37 two names",
                directory().str("entry", "(", "name", "a").bad().str("name", "b"),
                "expected tag 'node', got 'name'");
        refuse(
                "38 two nodes",
                directory().openEntry("a").file("").bad().str("node").file("").str(")", ")"),
                "expected tag ')', got 'node'");
        refuse(
                "39 unknown field",
                directory().openEntry("a").file("").bad().str("mtime", "0", ")", ")"),
                "expected tag ')', got 'mtime'");
        refuse("40 unknown tag", directory().bad().str("hardlink"), "expected tag 'entry' or ')', got 'hardlink'");
        refuse(
                "40 node in a directory",
                directory().bad().str("(", "type", "regular"),
                "expected tag 'entry' or ')', got '('");
        refuse("40 entry without bracket", directory().str("entry").bad().str("name"), "expected tag '(', got 'name'");
        accept(
                "many entries",
                directory()
                        .entry("a")
                        .openEntry("b")
                        .symlink("a")
                        .str(")")
                        .openEntry("c")
                        .str("(", "type", "directory")
                        .str(")", ")")
                        .entry("d")
                        .str(")"));
    }

    private void depths() {
        accept("41 node at depth 63", closed(open(63).file("x"), 63));
        accept("41 directory at depth 63", closed(open(63).str("(", "type", "directory", ")"), 63));
        refuse("41 node at depth 64", closed(open(64).bad().file("x"), 64), TOO_DEEP);
        refuse("41 node at depth 1000", closed(badBehind(64, 1000).file("x"), 1000), TOO_DEEP);
        refuse("42 node at depth 20000", closed(badBehind(64, 20_000).file("x"), 20_000), TOO_DEEP);
    }

    private void ends() {
        refuse("43 a byte behind", nar().file("x").bad().raw("x"), TRAILING);
        refuse("43 zeros behind", nar().file("x").bad().raw("\0\0\0\0\0\0\0\0"), TRAILING);
        refuse(
                "43 a second NAR behind",
                directory().str(")").bad().str("nix-archive-1").file("x"),
                TRAILING);
        refuse("43 a bracket too many", directory().str(")").bad().str(")"), TRAILING);
    }

    /** A NAR up to a node at {@code depth}. */
    private static NarTokens open(int depth) {
        return deeper(nar(), depth);
    }

    private static NarTokens badBehind(int bad, int depth) {
        return deeper(open(bad).bad(), depth - bad);
    }

    private static NarTokens deeper(NarTokens nar, int levels) {
        for (int i = 0; i < levels; i++) {
            nar.str("(", "type", "directory").openEntry("d");
        }
        return nar;
    }

    private static NarTokens closed(NarTokens nar, int depth) {
        for (int i = 0; i < depth; i++) {
            nar.str(")", ")");
        }
        return nar;
    }
}
