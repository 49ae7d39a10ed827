/**
 * The control protocol: how a command reaches the process that owns a data directory. That process listens on the Unix
 * socket {@code control.sock} (mode 0600) in the directory; the owner of the socket file is all the authorisation there is.
 *
 * <h2>Bytes</h2>
 *
 * Integers are big-endian. Both sides first send a greeting of 8 bytes:
 *
 * <pre>
 *   greeting  = magic version
 *   magic     = "NARSIL"                 6 bytes
 *   version   = u16                      {@link dev.narsil.gateway.control.Greeting#VERSION}
 * </pre>
 *
 * A side that reads another magic closes the connection; one that reads another version says so and closes it. After the
 * greeting each side sends frames:
 *
 * <pre>
 *   frame     = type length payload
 *   type      = u8
 *   length    = u32                      of the payload, at most the bound of the type
 * </pre>
 *
 * <table>
 *   <caption>Frames</caption>
 *   <tr><th>type</th><th>from</th><th>name</th><th>payload</th><th>most bytes</th></tr>
 *   <tr><td>1</td><td>client</td><td>REQUEST</td><td>request, below; the first frame, sent once</td><td>4 MiB</td></tr>
 *   <tr><td>2</td><td>client</td><td>INPUT</td><td>bytes of standard input, answer to one INPUT_WANTED; empty: its end</td>
 *       <td>64 KiB</td></tr>
 *   <tr><td>3</td><td>server</td><td>OUTPUT</td><td>bytes for standard output</td><td>64 KiB</td></tr>
 *   <tr><td>4</td><td>server</td><td>ERROR</td><td>bytes for standard error</td><td>64 KiB</td></tr>
 *   <tr><td>5</td><td>server</td><td>INPUT_WANTED</td><td>none; one at a time</td><td>0</td></tr>
 *   <tr><td>6</td><td>server</td><td>EXIT</td><td>exit code, u8; the last frame</td><td>1</td></tr>
 * </table>
 *
 * <pre>
 *   request   = terminal width folder count string*
 *   terminal  = u8                       bit 0: output is a terminal, bit 1: error is one, bit 2: colour is welcome
 *   width     = u16                      columns of the terminal
 *   folder    = string                   the client's working directory, absolute
 *   count     = u32                      of arguments, at most 65,536
 *   string    = u32 UTF-8                length in bytes, then strict UTF-8
 * </pre>
 *
 * A connection carries one command. The client ends it by closing the connection, which cancels the command. Neither side
 * holds more than one frame, so a client that reads slowly slows the command down.
 *
 * <h2>History</h2>
 *
 * Version 1: as described.
 */
@NullMarked
package dev.narsil.gateway.control;

import org.jspecify.annotations.NullMarked;
