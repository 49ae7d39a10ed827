package dev.narsil.gateway.narinfo;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a binary cache says of a store path, and of the file that holds its NAR.
 *
 * @param pathInfo what is said of the path
 * @param url where the file is, usually relative to the root of the cache; {@code ipfs://<CID>} if it is in IPFS only;
 *     never empty
 * @param compression how the file is compressed, as given; {@code bzip2} where the narinfo does not say
 * @param fileHash the value of {@code FileHash}, verbatim, or null
 * @param fileSize length of the file in bytes, or null
 * @param ipfsUrl the CID in a URL {@code ipfs://<CID>} of the uncompressed NAR, as {@code guix publish --ipfs-api} has
 *     it beside those of other files; null if there is none
 */
public record NarInfo(
        PathInfo pathInfo,
        String url,
        String compression,
        @Nullable String fileHash,
        @Nullable Long fileSize,
        @Nullable Cid ipfsUrl) {

    /** Longest narinfo that is read, in bytes. The longest real ones have some thousand references: 300 KiB. */
    public static final int MAX_BYTES = 2 << 20;

    /** What {@code Compression} means when it is missing or empty. */
    static final String DEFAULT_COMPRESSION = "bzip2";

    /** What {@code Deriver} says when there is none. */
    static final String UNKNOWN_DERIVER = "unknown-deriver";

    static final String NO_COMPRESSION = "none";

    /** What a URL in IPFS begins with. */
    static final String IPFS_SCHEME = "ipfs://";

    /** One of a file of which nothing is said to be in IPFS. */
    public NarInfo(
            PathInfo pathInfo, String url, String compression, @Nullable String fileHash, @Nullable Long fileSize) {
        this(pathInfo, url, compression, fileHash, fileSize, null);
    }

    /**
     * Reads a narinfo of a store in {@code storeDir}.
     *
     * @throws NarInfoException if it is longer than {@link #MAX_BYTES}, or Nix would call it corrupt
     */
    public static NarInfo parse(StoreDir storeDir, byte[] text) throws NarInfoException {
        if (text.length > MAX_BYTES) {
            throw new NarInfoException(0, "more than " + MAX_BYTES + " bytes");
        }
        return new NarInfoParser(storeDir).parse(new String(text, StandardCharsets.ISO_8859_1));
    }

    /**
     * As {@link #parse(StoreDir, byte[])}, from characters that stand for bytes.
     *
     * @throws NarInfoException also if a character is not one of ISO 8859-1
     */
    public static NarInfo parse(StoreDir storeDir, String text) throws NarInfoException {
        if (text.length() > MAX_BYTES) {
            throw new NarInfoException(0, "more than " + MAX_BYTES + " bytes");
        }
        return new NarInfoParser(storeDir).parse(text);
    }

    /** Returns the narinfo Narsil serves for a path: its NAR as it is, named after its hash. */
    public static NarInfo of(PathInfo pathInfo) {
        Sha256 narHash = pathInfo.narHash();
        return new NarInfo(
                pathInfo, "nar/" + narHash.toBase32() + ".nar", NO_COMPRESSION, narHash.toString(), pathInfo.narSize());
    }

    /** Returns the narinfo of a path of which nothing is known but that its NAR is in IPFS. */
    public static NarInfo inIpfs(PathInfo pathInfo, NarCids cids) {
        Sha256 narHash = pathInfo.narHash();
        return new NarInfo(
                        pathInfo,
                        IPFS_SCHEME + cids.nar(),
                        NO_COMPRESSION,
                        narHash.toString(),
                        pathInfo.narSize(),
                        cids.nar())
                .withCids(cids);
    }

    /** Returns this with other CIDs, or some, in the field that tells them. */
    public NarInfo withCids(NarCids cids) {
        List<String> lines = new ArrayList<>(pathInfo.extraLines());
        lines.removeIf(NarCids::isLine);
        lines.add(cids.line());
        PathInfo told = new PathInfo(
                pathInfo.path(),
                pathInfo.narHash(),
                pathInfo.narHashText(),
                pathInfo.narSize(),
                pathInfo.references(),
                pathInfo.deriver(),
                pathInfo.system(),
                pathInfo.signatures(),
                pathInfo.contentAddress(),
                lines);
        return new NarInfo(told, url, compression, fileHash, fileSize, ipfsUrl);
    }

    /**
     * Returns the CIDs that the field {@value NarCids#FIELD} tells, a hint; empty if it is not there, there twice, or
     * malformed.
     */
    public Optional<NarCids> cids() {
        List<String> lines =
                pathInfo.extraLines().stream().filter(NarCids::isLine).toList();
        return lines.size() == 1 ? NarCids.ofLine(lines.getFirst()) : Optional.empty();
    }

    /** Tells whether there is a file on a web server. */
    public boolean hasFile() {
        return !isInIpfs(url);
    }

    static boolean isInIpfs(String url) {
        return url.startsWith(IPFS_SCHEME);
    }

    /** Returns the path this is about. */
    public StorePath storePath() {
        return pathInfo.path();
    }

    /**
     * Returns {@code FileHash} as a SHA-256; empty where it is missing or of another algorithm, which cannot be
     * verified.
     */
    public Optional<Sha256> fileSha256() {
        return fileHash != null && fileHash.startsWith("sha256")
                ? Optional.of(Sha256.parse(fileHash))
                : Optional.empty();
    }

    /** Returns the derivation that made the path; empty for none and for {@code unknown-deriver}. */
    public Optional<StorePath> deriver() {
        String deriver = pathInfo.deriver();
        return deriver == null || deriver.equals(UNKNOWN_DERIVER)
                ? Optional.empty()
                : Optional.of(StorePath.parseBaseName(deriver));
    }

    /**
     * Returns the text of this narinfo in the order Nix writes it. Its characters are bytes: encode it as ISO 8859-1.
     */
    public String print(StoreDir storeDir) {
        StringBuilder text = new StringBuilder(512);
        field(text, "StorePath", pathInfo.path().in(storeDir));
        if (ipfsUrl != null && hasFile()) {
            // Nix takes the last URL
            field(text, "URL", IPFS_SCHEME + ipfsUrl);
            field(text, "Compression", NO_COMPRESSION);
        }
        field(text, "URL", url);
        field(text, "Compression", compression);
        field(text, "FileHash", fileHash);
        field(text, "FileSize", fileSize);
        String narHashText = pathInfo.narHashText();
        field(text, "NarHash", narHashText == null ? pathInfo.narHash() : narHashText);
        field(text, "NarSize", pathInfo.narSize());
        text.append("References: ");
        for (int i = 0; i < pathInfo.references().size(); i++) {
            text.append(i == 0 ? "" : " ").append(pathInfo.references().get(i).baseName());
        }
        text.append('\n');
        field(text, "Deriver", pathInfo.deriver());
        field(text, "System", pathInfo.system());
        for (String signature : pathInfo.signatures()) {
            field(text, "Sig", signature);
        }
        field(text, "CA", pathInfo.contentAddress());
        for (String line : pathInfo.extraLines()) {
            text.append(line).append('\n');
        }
        return text.toString();
    }

    /** Returns the bytes of {@link #print}. */
    public byte[] printBytes(StoreDir storeDir) {
        return print(storeDir).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void field(StringBuilder text, String name, @Nullable Object value) {
        if (value != null) {
            text.append(name).append(": ").append(value).append('\n');
        }
    }
}
