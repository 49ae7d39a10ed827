package dev.narsil.benchmarks.soak;

import dev.narsil.gateway.source.Compression;

/**
 * The file of a NAR as a client sent it, whose address the server must answer.
 *
 * @param number of the specimen
 * @param url where it was put
 */
record UploadedFile(long number, String url, Compression compression) {}
