package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarReader;
import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.alias.Alias;
import dev.narsil.gateway.alias.AliasEncoder;
import dev.narsil.gateway.alias.AliasForm;
import dev.narsil.gateway.alias.Aliases;
import dev.narsil.gateway.alias.EncodedForm;
import dev.narsil.gateway.alias.Segments;
import dev.narsil.gateway.alias.StoredForm;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;

/** Finds the files that clients uploaded, which are made anew from the NARs in them. */
final class AliasFiles {

    private final NarStore store;
    private final StoreThreads storeThreads;
    private final EncoderThreads encoderThreads = new EncoderThreads();
    private final Aliases aliases;

    AliasFiles(NarStore store, StoreThreads storeThreads) {
        this.store = store;
        this.storeThreads = storeThreads;
        aliases = new Aliases(store, InstantSource.system());
    }

    /**
     * Returns the file that was uploaded with this hash.
     *
     * @param suffix what follows {@code .nar} in the name it is asked for by; it is that of its compression
     */
    Optional<NarFile> find(Sha256 fileHash, String suffix) throws IOException, InterruptedException {
        return storeThreads.call(() -> look(fileHash, suffix));
    }

    /** As {@link #find}, on a thread that may wait for the store. */
    Optional<NarFile> look(Sha256 fileHash, String suffix) throws IOException {
        return aliases.renew(fileHash)
                .map(Aliases.Renewed::alias)
                .filter(alias -> alias.compression().fileSuffix().equals(suffix))
                .map(alias -> new AliasFile(fileHash, alias));
    }

    private final class AliasFile implements NarFile {

        private final EntityTag tag;
        private final Alias alias;

        AliasFile(Sha256 fileHash, Alias alias) {
            this.tag = EntityTag.of(fileHash, alias);
            this.alias = alias;
        }

        @Override
        public long size() {
            return alias.length();
        }

        @Override
        public EntityTag tag() {
            return tag;
        }

        @Override
        public Optional<NarBody> open(long from, long length) throws IOException, InterruptedException {
            return switch (AliasForm.of(alias.compression())) {
                case StoredForm form -> openStored(form.segments(alias.narSize(), alias.crc32(), from, length), length);
                case EncodedForm form -> openEncoded(form, from, length);
            };
        }

        private Optional<NarBody> openStored(Segments segments, long length) throws IOException, InterruptedException {
            if (segments.narLength() == 0) {
                return Optional.of(new FramedBody(segments, null, length));
            }
            return openNar(segments.narFrom(), segments.narLength())
                    .map(reader -> new FramedBody(segments, reader, length));
        }

        /** The NAR is read as a whole, and so proven before the last bytes go out, only if they are asked for. */
        private Optional<NarBody> openEncoded(EncodedForm form, long from, long length)
                throws IOException, InterruptedException {
            EncoderThreads.Lease lease = encoderThreads.lease();
            Optional<NarBody> opened = Optional.empty();
            try {
                AliasEncoder encoder = new AliasEncoder(form, from, length);
                long first = from + length == alias.length() ? alias.narSize() : (alias.narSize() + 1) / 2;
                Optional<NarReader> reader = openNar(0, first);
                if (reader.isPresent()) {
                    opened = Optional.of(
                            new EncodedBody(lease, encoder, length, alias.narSize(), reader.get(), this::openRest));
                }
            } finally {
                if (opened.isEmpty()) {
                    lease.close();
                }
            }
            return opened;
        }

        private Optional<NarReader> openRest(long from) throws IOException, InterruptedException {
            return openNar(from, alias.narSize() - from);
        }

        private Optional<NarReader> openNar(long from, long length) throws IOException, InterruptedException {
            return storeThreads.call(() -> length == alias.narSize()
                    ? store.openNar(alias.narHash())
                    : store.openRange(alias.narHash(), from, length));
        }
    }
}
