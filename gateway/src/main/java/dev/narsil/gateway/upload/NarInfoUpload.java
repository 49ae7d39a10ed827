package dev.narsil.gateway.upload;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.NarInfoException;
import dev.narsil.gateway.narinfo.Signature;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The upload of a narinfo, whose NAR must be here. */
final class NarInfoUpload implements Step {

    /** How long bringing a NAR may take; a client waits 300 s for an answer (protocol 4.7). */
    static final Duration MAX_BRING = Duration.ofMinutes(4);

    /** What the text of a narinfo takes that is read and parsed. */
    private static final int TEXT_MIB = 3 * (NarInfo.MAX_BYTES >> 20);

    private static final Pattern URL = Pattern.compile("nar/([0-9a-z]{52})\\.nar(?:\\.[0-9a-z]+)?");

    /** What Nix prints: the hash in base 32, base 16 or base 64. */
    private static final Pattern CONTENT_ADDRESS = Pattern.compile(
            "(?:text:sha256|fixed:(?:r:|git:)?(?:md5|sha1|sha256|sha512|blake3)):[0-9A-Za-z+/=]{22,128}");

    private final Uploads uploads;
    private final Digest digest;
    private final List<String> contentEncoding;
    private ContentCodings codings = ContentCodings.PLAIN;
    private long length = Upload.UNKNOWN_LENGTH;
    private UploadDisk.@Nullable Room room;

    NarInfoUpload(Uploads uploads, Digest digest, List<String> contentEncoding) {
        this.uploads = uploads;
        this.digest = digest;
        this.contentEncoding = contentEncoding;
    }

    @Override
    public Optional<Verdict> admit(long announced) throws IOException {
        length = announced;
        codings = ContentCodings.parse(contentEncoding);
        if (length > NarInfo.MAX_BYTES) {
            return Optional.of(Verdict.tooLarge("narinfos of more than " + NarInfo.MAX_BYTES + " bytes are not taken"));
        }
        room = uploads.reserve(length);
        return Optional.empty();
    }

    @Override
    public Verdict receive(BodyPipe body) throws IOException {
        byte[] text = new SmallBody(uploads.smallMemory(), codings, TEXT_MIB).read(body, length, NarInfoUpload::text);
        try {
            NarInfo narInfo = NarInfo.parse(uploads.store().storeDir(), text);
            checkWords(narInfo.pathInfo());
            check(narInfo);
            uploads.publisher().publish(narInfo.pathInfo());
        } catch (NarInfoException e) {
            return Verdict.malformed(String.valueOf(e.getMessage()));
        }
        uploads.counters().pathsStored.increment();
        return Verdict.STORED;
    }

    private static byte[] text(InputStream in) throws IOException {
        byte[] text = in.readNBytes(NarInfo.MAX_BYTES + 1);
        if (text.length > NarInfo.MAX_BYTES) {
            throw new RefusedException(
                    Verdict.tooLarge("narinfos of more than " + NarInfo.MAX_BYTES + " bytes are not taken"));
        }
        return text;
    }

    /** Refuses what no client could make anything of, and what would stay with the path for ever. */
    private static void checkWords(PathInfo info) throws RefusedException {
        for (String signature : info.signatures()) {
            try {
                var _ = Signature.parse(signature);
            } catch (IllegalArgumentException e) {
                throw malformed("bad Sig: " + e.getMessage());
            }
        }
        String contentAddress = info.contentAddress();
        if (contentAddress != null && !CONTENT_ADDRESS.matcher(contentAddress).matches()) {
            throw malformed("bad CA: it is text:sha256:<hash> or fixed:[r:|git:]<algorithm>:<hash>");
        }
    }

    /** Compares all that the narinfo says of its NAR with what was measured when that came. */
    private void check(NarInfo narInfo) throws IOException {
        if (!narInfo.storePath().digest().equals(digest)) {
            throw malformed("its StorePath is " + narInfo.storePath() + ", its own name is " + digest);
        }
        Sha256 fileHash = fileHash(narInfo.url());
        UploadedNar nar = nar(fileHash, narInfo);
        if (!nar.narHash().equals(narInfo.pathInfo().narHash())) {
            throw malformed("its NarHash is " + narInfo.pathInfo().narHash() + ", that of " + narInfo.url() + " is "
                    + nar.narHash());
        }
        if (nar.narSize() != narInfo.pathInfo().narSize()) {
            throw malformed(
                    "its NarSize is " + narInfo.pathInfo().narSize() + ", the NAR has " + nar.narSize() + " bytes");
        }
        if (!nar.compression().toString().equals(narInfo.compression())) {
            throw malformed("its Compression is " + narInfo.compression() + ", that of " + narInfo.url() + " is "
                    + nar.compression());
        }
        if (narInfo.fileSha256().isPresent() && !narInfo.fileSha256().get().equals(fileHash)) {
            throw malformed("its FileHash is " + narInfo.fileHash() + ", its URL " + narInfo.url());
        }
        Long fileSize = narInfo.fileSize();
        if (fileSize != null && fileSize != nar.fileSize()) {
            throw malformed("its FileSize is " + fileSize + ", the file has " + nar.fileSize() + " bytes");
        }
    }

    /** Returns what is known of the NAR, which is brought from an upstream if it is offered as the file of that name. */
    private UploadedNar nar(Sha256 fileHash, NarInfo narInfo) throws IOException {
        Optional<UploadedNar> here = uploads.find(fileHash);
        if (here.isEmpty() && fileHash.equals(narInfo.pathInfo().narHash()) && bring(fileHash)) {
            here = uploads.find(fileHash);
        }
        return here.orElseThrow(() -> malformed("its NAR is not here, upload " + narInfo.url() + " first"));
    }

    private boolean bring(Sha256 narHash) throws IOException {
        try {
            return uploads.supply().bring(narHash, MAX_BRING);
        } catch (IOException e) {
            throw new RefusedException(
                    Verdict.notPossible("the NAR cannot be brought from where it is, try again: " + e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BodyLostException("the server closes");
        }
    }

    private static Sha256 fileHash(String url) throws RefusedException {
        Matcher matcher = URL.matcher(url);
        if (!matcher.matches()) {
            throw malformed("its URL is not that of a NAR here, nar/<FileHash>.nar and a suffix: " + url);
        }
        try {
            return Sha256.parseBase32(matcher.group(1));
        } catch (IllegalArgumentException e) {
            throw malformed("its URL has no hash: " + e.getMessage());
        }
    }

    private static RefusedException malformed(String text) {
        return new RefusedException(Verdict.malformed("narinfo refused: " + text));
    }

    @Override
    public void close() {
        if (room != null) {
            room.close();
        }
    }
}
