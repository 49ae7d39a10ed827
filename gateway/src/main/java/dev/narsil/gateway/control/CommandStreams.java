package dev.narsil.gateway.control;

import java.io.InputStream;
import java.io.OutputStream;

/**
 * The standard streams of a command, wherever its user is. Writing blocks while the user's side does not take the bytes.
 *
 * @param in standard input, asked for only when it is read
 * @param out standard output, unbuffered
 * @param err standard error, unbuffered
 * @param cancellation told when the user goes away
 */
public record CommandStreams(InputStream in, OutputStream out, OutputStream err, Cancellation cancellation) {}
