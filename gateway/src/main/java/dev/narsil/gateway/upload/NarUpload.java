package dev.narsil.gateway.upload;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.IngestedNar;
import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarMismatchException;
import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.alias.AliasForm;
import dev.narsil.gateway.alias.AliasMeter;
import dev.narsil.gateway.alias.Aliases;
import dev.narsil.gateway.alias.EncodedForm;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.source.DecoderMemory;
import dev.narsil.gateway.upload.UploadMemory.Share;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.nar.NarException;
import dev.narsil.rewrite.nar.NarParser;
import dev.narsil.rewrite.nar.NarVisitor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.security.DigestInputStream;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The upload of the file of a NAR, under the hash of that file. */
final class NarUpload implements Step {

    /** What cutting, stripping and packing a NAR takes of memory. */
    static final int INGEST_MIB = 4;

    /** What measuring the file that is served takes where it must be encoded. */
    private static final int ENCODER_MIB = 6;

    private static final int BUFFER_BYTES = 64 << 10;
    private static final String BROTLI_SUFFIX = ".br";

    private final Uploads uploads;
    private final NarStore store;
    private final UploadOptions options;
    private final Sha256 fileHash;
    private final String suffix;
    private long length;
    private UploadDisk.@Nullable Room room;
    private boolean admitted;

    /**
     * An upload of {@code nar/<fileHash>.nar<suffix>}.
     *
     * @param suffix such as {@code .xz}, or empty
     */
    NarUpload(Uploads uploads, Sha256 fileHash, String suffix) {
        this.uploads = uploads;
        this.store = uploads.store();
        this.options = uploads.options();
        this.fileHash = fileHash;
        this.suffix = suffix;
    }

    @Override
    public Optional<Verdict> admit(long announced) throws IOException {
        length = announced;
        if (uploads.find(fileHash).isPresent()) {
            uploads.counters().narsHere.increment();
            return Optional.of(Verdict.STORED);
        }
        if (length > options.maxNarBytes()) {
            return Optional.of(Verdict.tooLarge("NARs of more than " + options.maxNarBytes() + " bytes are not taken"));
        }
        room = uploads.reserve(length);
        admitted = uploads.admitNar();
        return admitted ? Optional.empty() : Optional.of(Verdict.busy("too many uploads at a time"));
    }

    @Override
    public Verdict receive(BodyPipe body) throws IOException {
        byte[] first = body.readNBytes(DecoderMemory.FIRST_BYTES);
        Compression compression = compression(first);
        DecoderMemory decoder = DecoderMemory.of(compression, first);
        int mib = INGEST_MIB + decoder.mib() + encoderMib(compression);
        InputStream whole = new SequenceInputStream(new ByteArrayInputStream(first), body);
        try (Share share = uploads.narMemory().whileItArrives(mib, whole)) {
            return store(body, share, decoder);
        }
    }

    private Compression compression(byte[] first) throws RefusedException {
        if (suffix.equals(BROTLI_SUFFIX)) {
            return Compression.BR;
        }
        return Compression.detect(first, first.length)
                .orElseThrow(() -> new RefusedException(
                        Verdict.malformed("neither a NAR nor one compressed in a way that is known: it begins with "
                                + HexFormat.of().formatHex(first, 0, Math.min(8, first.length)))));
    }

    private static int encoderMib(Compression compression) {
        return AliasForm.of(compression) instanceof EncodedForm ? ENCODER_MIB : 0;
    }

    private Verdict store(BodyPipe body, Share share, DecoderMemory decoder) throws IOException {
        Compression compression = decoder.compression();
        DigestInputStream file = new DigestInputStream(share.body(), Sha256.newDigest());
        try (NarIngest ingest = store.ingest(options.maxNarBytes());
                AliasMeter meter = new AliasMeter(compression);
                InputStream decoded = Judged.open(body, file, "bad " + compression + " file", decoder::decode)) {
            take(decoded, ingest, meter, () -> giveRoomBack(body, share));
            if (file.read() >= 0) {
                return Verdict.malformed("bytes after the end of the " + compression + " file");
            }
            Sha256 received = Sha256.finish(file.getMessageDigest());
            if (!received.equals(fileHash)) {
                return Verdict.malformed("the file hashes to " + received + ", its name says " + fileHash);
            }
            IngestedNar nar = ingest.finish();
            keep(nar, meter, compression, body.received());
        } catch (NarMismatchException e) {
            return Verdict.tooLarge(String.valueOf(e.getMessage()));
        }
        uploads.counters().narsStored.increment();
        return Verdict.STORED;
    }

    private void take(InputStream nar, NarIngest ingest, AliasMeter meter, Runnable onward) throws IOException {
        NarParser parser = new NarParser(new NarVisitor() {});
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            for (int n = nar.read(buffer); n >= 0; n = nar.read(buffer)) {
                if (!options.allowNonCanonical()) {
                    parser.feed(buffer, 0, n);
                }
                ingest.write(buffer, 0, n);
                meter.write(buffer, 0, n);
                onward.run();
            }
            if (!options.allowNonCanonical()) {
                parser.finish();
            }
        } catch (NarException e) {
            throw new RefusedException(Verdict.malformed(String.valueOf(e.getMessage())));
        }
    }

    /** What has arrived takes room itself; what lies in a file is still to be stored beside that. */
    private void giveRoomBack(BodyPipe body, Share share) {
        if (room != null && !share.isSpooled()) {
            room.shrinkTo(Math.max(0, length - body.received()));
        }
    }

    private void keep(IngestedNar nar, AliasMeter meter, Compression compression, long fileSize) throws IOException {
        Instant now = Instant.now();
        List<Entry> alias = compression == Compression.NONE
                ? List.of()
                : List.of(Aliases.entry(fileHash, meter.finish(nar.narHash(), fileSize, now)));
        Durable.await(store, store.keep(nar.narHash(), now, alias));
    }

    @Override
    public void close() {
        if (room != null) {
            room.close();
        }
        if (admitted) {
            admitted = false;
            uploads.narEnded();
        }
    }
}
