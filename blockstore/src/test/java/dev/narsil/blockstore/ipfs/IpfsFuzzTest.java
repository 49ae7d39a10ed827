package dev.narsil.blockstore.ipfs;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.car.CarBlock;
import dev.narsil.blockstore.ipfs.car.CarReader;
import dev.narsil.blockstore.ipfs.car.CarWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.dagcbor.CborTree;
import dev.narsil.blockstore.ipfs.unixfs.PbNode;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Any bytes against the decoders. */
class IpfsFuzzTest {

    @FuzzTest
    void cidText_anyCharacters_areRefusedOrPrintedBack(byte[] data) {
        String text = new String(data, StandardCharsets.ISO_8859_1);
        try {
            assertThat(Cid.parse(text)).hasToString(text);
        } catch (FormatException e) {
            assertThat(e).hasMessageStartingWith("CID is corrupt");
        }
    }

    @FuzzTest
    void cid_anyBytes_isRefusedOrEncodesBack(byte[] data) {
        try {
            Cid cid = Cid.decode(data);
            assertThat(cid.bytes()).isEqualTo(data);
            assertThat(Cid.parse(cid.toString())).isEqualTo(cid);
        } catch (FormatException e) {
            assertThat(e).hasMessageStartingWith("CID is corrupt");
        }
    }

    @FuzzTest
    void dagPb_anyBytes_isRefusedOrEncodesBack(byte[] data) {
        try {
            assertThat(PbNode.decode(data).encode()).isEqualTo(data);
        } catch (FormatException e) {
            assertThat(e).hasMessageStartingWith("dag-pb node is corrupt");
        }
    }

    @FuzzTest
    void unixFs_anyBytes_isRefusedOrComesBack(byte[] data) throws FormatException {
        UnixFsFile file;
        try {
            file = UnixFsFile.decode(data);
        } catch (FormatException e) {
            assertThat(e.getMessage()).containsAnyOf("dag-pb node is corrupt", "UnixFS file is corrupt");
            return;
        }
        // empty names and empty contents may have been there
        UnixFsFile again = UnixFsFile.decode(file.encode());
        assertThat(again.children()).isEqualTo(file.children());
        assertThat(again.contents()).isEqualTo(file.contents());
        assertThat(file.size()).isNotNegative();
    }

    @FuzzTest
    void dagCbor_anyBytes_isRefusedOrEncodesBack(byte[] data) {
        try {
            assertThat(CborTree.write(CborTree.read(data))).isEqualTo(data);
        } catch (FormatException e) {
            assertThat(e).hasMessageStartingWith("value is corrupt");
        }
    }

    @FuzzTest
    void manifest_anyBytes_isRefusedOrEncodesBack(byte[] data) {
        try {
            assertThat(Manifest.decode(data).encode()).isEqualTo(data);
        } catch (FormatException e) {
            assertThat(e).hasMessageStartingWith("manifest is ");
        }
    }

    @FuzzTest
    void car_anyBytes_isRefusedOrEncodesBack(byte[] data) throws IOException {
        List<Cid> roots;
        List<CarBlock> blocks = new ArrayList<>();
        try {
            CarReader reader = new CarReader(new ByteArrayInputStream(data));
            roots = reader.roots();
            for (CarBlock block = reader.next(); block != null; block = reader.next()) {
                blocks.add(block);
            }
        } catch (FormatException e) {
            assertThat(e.getMessage()).contains("CAR");
            return;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CarWriter writer = new CarWriter(out, roots);
        for (CarBlock block : blocks) {
            writer.block(block.cid(), block.bytes(), 0, block.bytes().length);
        }
        if (blocks.stream().noneMatch(block -> block.cid().isIdentity())) {
            assertThat(out.toByteArray()).isEqualTo(data);
        } else {
            assertThat(out.size()).isLessThan(data.length);
        }
    }
}
