package dev.narsil.gateway.source;

import java.io.InputStream;

/**
 * A file of which bytes can be read.
 *
 * @param in the bytes, to be closed
 * @param from offset of the first of them
 * @param version the state of the file they are of
 */
public record OpenFile(InputStream in, long from, FileVersion version) {}
