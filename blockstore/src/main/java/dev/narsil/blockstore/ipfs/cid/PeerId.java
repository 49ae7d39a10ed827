package dev.narsil.blockstore.ipfs.cid;

import dev.narsil.blockstore.codec.ByteWriter;
import dev.narsil.rewrite.hash.Sha256;

/**
 * The name of a peer of libp2p.
 *
 * @param text base58 of the multihash of its public key, such as {@code 12D3KooW…}
 */
public record PeerId(String text) {

    private static final int KEY_TYPE_FIELD = 0x08;
    private static final int ED25519 = 1;
    private static final int KEY_FIELD = 0x12;
    private static final int MESSAGE_BYTES = 4 + Sha256.BYTES;

    /** Base58 of the zero byte that the multihash begins with, which is the code of identity. */
    private static final String ZERO = "1";

    /**
     * Returns the name of a peer that has no key, as it is asked by HTTP and proves nothing about itself: of the form
     * of an Ed25519 key's, made of {@code seed}.
     */
    public static PeerId ofNobody(Sha256 seed) {
        byte[] message = new ByteWriter()
                .u8(MESSAGE_BYTES)
                .u8(KEY_TYPE_FIELD)
                .u8(ED25519)
                .u8(KEY_FIELD)
                .u8(Sha256.BYTES)
                .bytes(seed.bytes())
                .toByteArray();
        return new PeerId(ZERO + Base58.encode(message));
    }
}
