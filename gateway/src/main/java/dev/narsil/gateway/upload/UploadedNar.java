package dev.narsil.gateway.upload;

import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.hash.Sha256;

/** What was measured of the file of a NAR when it was uploaded. */
record UploadedNar(Sha256 narHash, long narSize, Compression compression) {}
