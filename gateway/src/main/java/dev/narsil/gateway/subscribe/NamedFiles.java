package dev.narsil.gateway.subscribe;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile;
import dev.narsil.gateway.kubo.KuboClient;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Small files in IPFS that names of IPNS stand for. */
final class NamedFiles {

    /** Time for a name to be resolved: IPNS is slow. */
    private static final Duration RESOLVE_TIME = Duration.ofMinutes(2);

    /** Time for a block to come. */
    private static final Duration BLOCK_TIME = Duration.ofMinutes(1);

    /** Most blocks of a file: more than a list of paths needs. */
    private static final int MAX_BLOCKS = 1 << 14;

    private static final String PREFIX = "/ipfs/";

    private final @Nullable KuboClient kubo;

    /** Those that this daemon finds; none at all if it is null. */
    NamedFiles(@Nullable KuboClient kubo) {
        this.kubo = kubo;
    }

    /** Returns the path of the file a name stands for now, {@code /ipfs/<cid>}. */
    String resolve(String name) throws IOException {
        String path = kubo().network().resolveName(name, RESOLVE_TIME);
        var _ = cid(path);
        return path;
    }

    /** Returns the bytes of a file, whose blocks come one after the other, each as it is needed. */
    InputStream open(String path) throws IOException {
        return new FileStream(kubo(), cid(path));
    }

    private KuboClient kubo() throws IOException {
        if (kubo == null) {
            throw new IOException("names of IPNS take a Kubo daemon: serve with --ipfs-api");
        }
        return kubo;
    }

    private static Cid cid(String path) throws IOException {
        if (!path.startsWith(PREFIX)) {
            throw new IOException("the name stands for '" + path + "', not for a file in IPFS");
        }
        try {
            return Cid.parse(path.substring(PREFIX.length()));
        } catch (FormatException | IllegalArgumentException e) {
            throw new IOException("the name stands for '" + path + "': " + e.getMessage(), e);
        }
    }

    /** The bytes of a file. */
    private static final class FileStream extends InputStream {

        private final KuboClient kubo;
        private final Deque<Cid> open = new ArrayDeque<>();
        private byte[] block = {};
        private int position;
        private int blocks;

        FileStream(KuboClient kubo, Cid root) {
            this.kubo = kubo;
            open.add(root);
        }

        @Override
        public int read() throws IOException {
            return more() ? block[position++] & 0xff : -1;
        }

        @Override
        public int read(byte[] target, int off, int len) throws IOException {
            Objects.checkFromIndexSize(off, len, target.length);
            if (len == 0) {
                return 0;
            }
            if (!more()) {
                return -1;
            }
            int count = Math.min(len, block.length - position);
            System.arraycopy(block, position, target, off, count);
            position += count;
            return count;
        }

        private boolean more() throws IOException {
            while (position == block.length) {
                if (open.isEmpty()) {
                    return false;
                }
                if (++blocks > MAX_BLOCKS) {
                    throw new IOException("a file of more than " + MAX_BLOCKS + " blocks");
                }
                block = contents(open.pop());
                position = 0;
            }
            return true;
        }

        private byte[] contents(Cid cid) throws IOException {
            byte[] bytes = cid.isIdentity() ? cid.digest() : kubo.block(cid, false, BLOCK_TIME);
            return switch (cid.codec()) {
                case RAW -> bytes;
                case DAG_CBOR -> throw new IOException(cid + " is not a file");
                case DAG_PB -> {
                    UnixFsFile file = UnixFsFile.decode(bytes);
                    if (open.size() + file.children().size() > MAX_BLOCKS) {
                        throw new IOException("a file of more than " + MAX_BLOCKS + " blocks");
                    }
                    file.children().reversed().forEach(child -> open.push(child.cid()));
                    yield file.contents();
                }
            };
        }
    }
}
