/**
 * What clients put into a cache: NARs, narinfos and small files, without the HTTP side.
 *
 * <p>An {@link dev.narsil.gateway.upload.Upload} has two phases: it is admitted by its name and length, and then it is received,
 * from a {@link dev.narsil.gateway.upload.BodyPipe} and on a thread that may wait. A NAR is decoded, parsed, cut and stored
 * while it arrives, or for want of memory once it has arrived on the disk; nothing of it is kept but blocks, and nothing is visible
 * before all of it was found right and is durable. Its narinfo comes later, is compared with what was measured then, and makes the
 * path visible.
 *
 * <h2>Objects, version 1</h2>
 *
 * <p>The small files are records of {@link dev.narsil.blockstore.codec} in the table OBJECT. The key is the path below the root of the
 * cache, without percent codes, in ASCII.
 *
 * <pre>
 *   object     kind 'O'
 *     varint   length n in bytes, at most 64 MiB
 *     32       SHA-256
 *     frames   of 262144 bytes each, the last one of what is left: ceil(n / 262144) times
 *       varint length
 *              one zstd frame that says how many bytes come out
 * </pre>
 *
 * <h2>History</h2>
 *
 * <p>Version 1: first.
 */
@NullMarked
package dev.narsil.gateway.upload;

import org.jspecify.annotations.NullMarked;
