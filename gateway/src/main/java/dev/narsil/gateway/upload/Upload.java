package dev.narsil.gateway.upload;

import java.util.Optional;

/**
 * One upload, in the two phases of the protocol (rules 13 and 14). For one thread, which may wait and call native code.
 */
public interface Upload extends AutoCloseable {

    /** A length that the client does not tell. */
    long UNKNOWN_LENGTH = -1;

    /**
     * Looks whether the body is wanted.
     *
     * @param length bytes of the body, or {@link #UNKNOWN_LENGTH}
     * @return the answer if the body is not wanted, also because there is nothing more to do
     */
    Optional<Verdict> admit(long length) throws BodyLostException;

    /**
     * Takes the body and returns when what it holds is stored for good, or is not going to be.
     *
     * @throws BodyLostException if the body ends early; then nothing of it stays
     */
    Verdict receive(BodyPipe body) throws BodyLostException;

    /** Gives back what {@link #admit} took. */
    @Override
    void close();
}
