package dev.narsil.blockstore.pack;

import dev.narsil.rewrite.hash.Sha256;
import java.util.List;

/**
 * A pack ready to be stored, with what an index needs to know of it.
 *
 * @param bytes the encoded pack
 * @param ids the ids of its blocks, in order
 * @param lengths the lengths of its blocks, in order
 */
@SuppressWarnings("ArrayRecordComponent")
public record EncodedPack(byte[] bytes, List<Sha256> ids, int[] lengths) {}
