package dev.narsil.blockstore.ipfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Blocks by their CID, as a node of IPFS has them, which takes all that it has not. */
final class BlockMap implements NarDag.Visitor {

    private final Map<Cid, byte[]> blocks = new LinkedHashMap<>();

    @Override
    public boolean wants(Cid cid) {
        assertThat(cid.isIdentity()).isFalse();
        return !blocks.containsKey(cid);
    }

    @Override
    public void block(Cid cid, byte[] buffer, int off, int length) {
        assertThat(cid.isOf(buffer, off, length)).as("%s", cid).isTrue();
        assertThat(blocks.put(cid, Arrays.copyOfRange(buffer, off, off + length)))
                .as("given before: %s", cid)
                .isNull();
    }

    void add(Cid cid, byte[] block) {
        block(cid, block, 0, block.length);
    }

    byte[] get(Cid cid) {
        return Objects.requireNonNull(blocks.get(cid), cid::toString);
    }

    /** The blocks in the order they came. */
    Map<Cid, byte[]> blocks() {
        return blocks;
    }

    long count(Codec codec) {
        return blocks.keySet().stream().filter(cid -> cid.codec() == codec).count();
    }

    /** Returns a file, as {@code ipfs cat} does, and checks all that its nodes say of their children. */
    byte[] cat(Cid root) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        cat(root, out);
        return out.toByteArray();
    }

    /** Appends a file and returns its Tsize. */
    private long cat(Cid cid, ByteArrayOutputStream out) throws IOException {
        byte[] block = cid.isIdentity() ? cid.digest() : get(cid);
        if (cid.codec() == Codec.RAW) {
            out.writeBytes(block);
            return block.length;
        }
        UnixFsFile file = UnixFsFile.decode(block);
        assertThat(file.children()).hasSizeLessThanOrEqualTo(NarDag.MAX_LINKS);
        assertThat(file.contents()).isEmpty();
        long tsize = block.length;
        for (UnixFsFile.Child child : file.children()) {
            int before = out.size();
            assertThat(cat(child.cid(), out)).isEqualTo(child.tsize());
            assertThat(out.size() - before).isEqualTo(child.size());
            tsize += child.tsize();
        }
        return tsize;
    }
}
