package dev.narsil.gateway.upload;

import java.io.IOException;
import java.util.Optional;

/** What an {@link Upload} of one kind does, without the answers to what goes wrong. */
interface Step extends AutoCloseable {

    /** Looks whether the body is wanted; see {@link Upload#admit}. */
    Optional<Verdict> admit(long length) throws IOException;

    /** Takes the body; see {@link Upload#receive}. */
    Verdict receive(BodyPipe body) throws IOException;

    @Override
    default void close() {}
}
