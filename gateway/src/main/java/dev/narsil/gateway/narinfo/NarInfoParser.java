package dev.narsil.gateway.narinfo;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one narinfo. Where Nix reads on past a line end (no colon in a line, or nothing after it) and so takes a line
 * for
 * something else, this says so instead. Where there is a URL of IPFS beside another one, the fields of a file that
 * follow it are its own, as {@code guix publish} writes them; else the last of each counts, as for Nix.
 */
final class NarInfoParser {

    private static final Set<String> OTHER_FILE_HASHES = Set.of("md5", "sha1", "sha512", "blake3");
    private static final int MAX_QUOTED = 80;

    private final StoreDir storeDir;
    private final List<String> signatures = new ArrayList<>();
    private final List<String> extraLines = new ArrayList<>();
    private final List<StorePath> references = new ArrayList<>();
    private int line;
    private @Nullable StorePath storePath;
    private final FileFields file = new FileFields();
    private FileFields ipfsFile = new FileFields();
    private FileFields current = file;
    private @Nullable Sha256 narHash;
    private @Nullable String narHashText;
    private long narSize;
    private @Nullable String deriver;
    private @Nullable String system;
    private @Nullable String contentAddress;

    /** What is said of one file. */
    private static final class FileFields {
        private String url = "";
        private String compression = "";
        private @Nullable String fileHash;
        private @Nullable Long fileSize;
    }

    NarInfoParser(StoreDir storeDir) {
        this.storeDir = storeDir;
    }

    NarInfo parse(String text) throws NarInfoException {
        int pos = 0;
        while (pos < text.length()) {
            line++;
            int end = text.indexOf('\n', pos);
            if (end < 0) {
                throw error("no line end");
            }
            checkCharacters(text, pos, end);
            int colon = text.indexOf(':', pos, end);
            if (colon < 0) {
                throw error(end == pos ? "empty" : "no ':'");
            }
            if (colon + 1 == end) {
                throw error("no space after ':', so that Nix takes the next line for the value");
            }
            field(text.substring(pos, colon), text.substring(colon + 2, end), text.substring(pos, end));
            pos = end + 1;
        }
        return narInfo();
    }

    private void field(String name, String value, String wholeLine) throws NarInfoException {
        try {
            switch (name) {
                case "StorePath" -> storePath = StorePath.parse(storeDir, withoutTrailingSlashes(value));
                case "URL" -> {
                    current = NarInfo.isInIpfs(value) ? nextIpfsFile() : file;
                    current.url = value;
                }
                case "Compression" -> current.compression = value;
                case "FileHash" -> current.fileHash = checkedFileHash(value);
                case "FileSize" -> current.fileSize = size(value);
                case "NarHash" -> {
                    Sha256 hash = Sha256.parse(value);
                    narHash = hash;
                    narHashText = value.equals(hash.toString()) ? null : value;
                }
                case "NarSize" -> narSize = size(value);
                case "References" -> readReferences(value);
                case "Deriver" -> {
                    if (!value.equals(NarInfo.UNKNOWN_DERIVER)) {
                        StorePath.parseBaseName(value);
                    }
                    deriver = value;
                }
                case "System" -> system = value;
                case "Sig" -> signatures.add(value);
                case "CA" -> {
                    if (contentAddress != null) {
                        throw error("a second CA");
                    }
                    contentAddress = value.isEmpty() ? null : value;
                }
                default -> extraLines.add(wholeLine);
            }
        } catch (IllegalArgumentException e) {
            throw error("bad " + name + " '" + abbreviate(value) + "': " + e.getMessage());
        }
    }

    private void readReferences(String value) throws NarInfoException {
        if (!references.isEmpty()) {
            throw error("extra References");
        }
        int pos = 0;
        while (pos < value.length()) {
            int space = value.indexOf(' ', pos);
            int end = space < 0 ? value.length() : space;
            if (end > pos) {
                references.add(StorePath.parseBaseName(value.substring(pos, end)));
            }
            pos = end + 1;
        }
    }

    private NarInfo narInfo() throws NarInfoException {
        if (storePath == null) {
            throw new NarInfoException(0, "StorePath missing");
        }
        Cid ipfsUrl = ipfsUrl();
        if (file.url.isEmpty()) {
            useIpfsFile(ipfsUrl);
        }
        if (narHash == null) {
            throw new NarInfoException(0, "NarHash missing");
        }
        if (narSize == 0) {
            throw new NarInfoException(0, "NarSize missing or zero");
        }
        PathInfo pathInfo = new PathInfo(
                storePath,
                narHash,
                narHashText,
                narSize,
                references,
                deriver,
                system,
                signatures,
                contentAddress,
                extraLines);
        return new NarInfo(
                pathInfo,
                file.url,
                file.compression.isEmpty() ? NarInfo.DEFAULT_COMPRESSION : file.compression,
                file.fileHash,
                file.fileSize,
                ipfsUrl);
    }

    /** Returns where the fields of another file in IPFS go: the first that is an uncompressed NAR is kept. */
    private FileFields nextIpfsFile() {
        FileFields next = new FileFields();
        if (ipfsUrl() == null) {
            ipfsFile = next;
        }
        return next;
    }

    /** Returns the CID in the URL of IPFS; null if there is none, or not one of an uncompressed NAR. */
    private @Nullable Cid ipfsUrl() {
        String said = ipfsFile.compression;
        String compression = said.isEmpty() && file.url.isEmpty() ? file.compression : said;
        if (ipfsFile.url.isEmpty() || !compression.equals(NarInfo.NO_COMPRESSION)) {
            return null;
        }
        try {
            Cid cid = Cid.parse(ipfsFile.url.substring(NarInfo.IPFS_SCHEME.length()));
            return NarCids.isNar(cid) ? cid : null;
        } catch (FormatException e) {
            return null;
        }
    }

    /** Takes what is said of the file in IPFS for what is said of the file, as there is no other. */
    private void useIpfsFile(@Nullable Cid ipfsUrl) throws NarInfoException {
        if (ipfsFile.url.isEmpty()) {
            throw new NarInfoException(0, "URL missing or empty");
        }
        if (ipfsUrl == null) {
            throw new NarInfoException(
                    0, "the only URL, '" + abbreviate(ipfsFile.url) + "', is not the CID of an uncompressed NAR");
        }
        file.url = NarInfo.IPFS_SCHEME + ipfsUrl;
        file.compression = NarInfo.NO_COMPRESSION;
        file.fileHash = ipfsFile.fileHash == null ? file.fileHash : ipfsFile.fileHash;
        file.fileSize = ipfsFile.fileSize == null ? file.fileSize : ipfsFile.fileSize;
    }

    private void checkCharacters(String text, int from, int to) throws NarInfoException {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7f || c > 0xff) {
                throw error((c == '\r' ? "a carriage return" : "character 0x" + Integer.toHexString(c)) + " at column "
                        + (i - from + 1));
            }
        }
    }

    private static String withoutTrailingSlashes(String path) {
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(0, end);
    }

    private static String checkedFileHash(String value) {
        int end = 0;
        while (end < value.length() && value.charAt(end) != ':' && value.charAt(end) != '-') {
            end++;
        }
        if (end == value.length() || !OTHER_FILE_HASHES.contains(value.substring(0, end))) {
            Sha256.parse(value);
        }
        return value;
    }

    private static long size(String value) {
        if (value.isEmpty() || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("not a decimal number");
        }
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("more than " + Long.MAX_VALUE, e);
        }
    }

    private NarInfoException error(String reason) {
        return new NarInfoException(line, reason);
    }

    private static String abbreviate(String value) {
        return value.length() <= MAX_QUOTED ? value : value.substring(0, MAX_QUOTED) + "...";
    }
}
