package dev.narsil.gateway.cli;

import dev.narsil.gateway.control.Cancellation;
import dev.narsil.gateway.control.CommandStreams;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Where the program starts. */
public final class Main {

    /** How long a command may take to end after SIGINT or SIGTERM; above what a server may be told to take. */
    private static final long STOP_SECONDS = 1500;

    private Main() {}

    /** Runs the command line and exits. A signal cancels the command and waits until it has ended in order. */
    public static void main(String[] arguments) {
        Cancellation cancellation = new Cancellation();
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(cancellation, ended), "narsil-stop"));
        CommandStreams streams = new CommandStreams(
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                cancellation);
        int code;
        try {
            code = Program.run(List.of(arguments), Environment.ofProcess(), streams);
        } finally {
            ended.countDown();
        }
        System.exit(code);
    }

    private static void stop(Cancellation cancellation, CountDownLatch ended) {
        cancellation.cancel();
        try {
            boolean _ = ended.await(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
