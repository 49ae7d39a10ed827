/**
 * narinfos, and the signatures under them.
 *
 * <p>A narinfo is lines of {@code Name: value}, each ended by one {@code \n}, at most
 * {@value dev.narsil.gateway.narinfo.NarInfo#MAX_BYTES} bytes. It is read as Nix reads it (all versions,
 * {@code src/libstore/nar-info.cc}): the name ends at the first colon and the value starts two characters after it.
 * Bytes are
 * characters of ISO 8859-1, so that lines this program does not know survive byte for byte; control characters are
 * refused.
 *
 * <p>Written is {@code StorePath, URL, Compression, FileHash, FileSize, NarHash, NarSize, References, Deriver, System,
 * Sig...,
 * CA}, as Nix does, then the unknown lines as they came. {@code References} is always there, with its space.
 *
 * <p>What a path is called in IPFS may be told in two ways, neither of which a signature covers: by the field {@code
 * X-Narsil-Cid: <manifest> <root of the NAR>}, and by a URL {@code ipfs://<root>} with {@code Compression: none}. The
 * latter may stand beside another URL, each followed by the fields of its own file, as {@code guix publish --ipfs-api}
 * has it; it is printed before the other, as Nix takes the last.
 *
 * <p>A signature is Ed25519 over {@code 1;<StorePath>;sha256:<nix-base32 of NarHash>;<NarSize>;<full references joined
 * by ','>}.
 * Keys are {@code <name>:<base64>}: 32 bytes of a public key, or the 32 bytes of a seed and the 32 of its public key.
 */
@NullMarked
package dev.narsil.gateway.narinfo;

import org.jspecify.annotations.NullMarked;
