package dev.narsil.gateway.alias;

/** Nothing: the file is the NAR. */
final class NoFraming implements Framing {

    @Override
    public byte[] head(long narSize) {
        return new byte[0];
    }

    @Override
    public int headerLength() {
        return 0;
    }

    @Override
    public byte[] header(boolean first, boolean last, int size) {
        return new byte[0];
    }

    @Override
    public byte[] tail(long narSize, long chunks, int crc32) {
        return new byte[0];
    }
}
