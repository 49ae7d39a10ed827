package dev.narsil.blockstore.ipfs.cid;

/** What the bytes of a block are. */
public enum Codec {
    /** Just bytes. */
    RAW(0x55, "raw"),
    /** A node of a UnixFS file or directory. */
    DAG_PB(0x70, "dag-pb"),
    /** A value in canonical CBOR with links. */
    DAG_CBOR(0x71, "dag-cbor");

    private final int code;
    private final String label;

    Codec(int code, String label) {
        this.code = code;
        this.label = label;
    }

    /** Its number in the table of multicodecs. */
    public int code() {
        return code;
    }

    @Override
    public String toString() {
        return label;
    }
}
