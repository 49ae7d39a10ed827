package dev.narsil.gateway.upload;

import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.hash.Sha256;

/**
 * What was measured of the file of a NAR when it was uploaded.
 *
 * @param fileSize length of the file in bytes, as it came
 */
record UploadedNar(Sha256 narHash, long narSize, Compression compression, long fileSize) {}
