/**
 * {@code .ls} listings: the tree of a NAR as JSON, byte for byte as Nix 2.8 writes it with {@code write-nar-listing=1}.
 *
 * <pre>
 * listing   = {"version":1,"root":node}
 * node      = {"type":"regular","size":N[,"executable":true],"narOffset":N}
 *           | {"type":"symlink","target":"..."}
 *           | {"type":"directory","entries":{["name":node{,"name":node}]}}
 * </pre>
 *
 * There is no white space. {@code narOffset} is where the contents start in the NAR. Entries stand in the order of the
 * NAR, which is that of the raw bytes of their names. In strings {@code "} and {@code \} follow a backslash, line feed,
 * carriage return and tab are {@code \n \r \t}, other bytes below 0x20 are a backslash, {@code u00} and two lower-case
 * hex digits, and everything else stands as it is (Nix 2.8 {@code src/libutil/json.cc}, {@code
 * src/libstore/nar-accessor.cc}).
 */
@NullMarked
package dev.narsil.gateway.listing;

import org.jspecify.annotations.NullMarked;
