package dev.narsil.gateway.cli;

import dev.narsil.blockstore.StoreException;
import dev.narsil.gateway.config.ConfigException;
import dev.narsil.gateway.control.ControlBusyException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what went wrong in one line, and which exit code that is. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {

    private static final String DISK_FULL = "No space left on device";
    private static final int MAX_CAUSES = 20;

    private final boolean debug;

    /** @param debug whether stack traces are wanted */
    Failures(boolean debug) {
        this.debug = debug;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
        Throwable cause = failure instanceof CommandLine.ExecutionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
        PrintWriter err = command.getErr();
        err.println("narsil: " + name(command) + oneLine(reason(cause)));
        if (debug) {
            cause.printStackTrace(err);
        }
        err.flush();
        return exitCode(cause);
    }

    @Override
    public int handleParseException(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("narsil: " + name(command) + oneLine(String.valueOf(failure.getMessage())));
        if (!UnmatchedArgumentException.printSuggestions(failure, err)) {
            err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        }
        err.flush();
        return ExitCode.USAGE;
    }

    /** The command as it was typed, without the program. */
    private static String name(CommandLine command) {
        String name = "";
        for (CommandLine c = command; c.getParent() != null; c = c.getParent()) {
            name = c.getCommandName() + (name.isEmpty() ? ": " : " ") + name;
        }
        return name;
    }

    static int exitCode(Throwable failure) {
        if (failure instanceof CommandException command) {
            return command.exitCode();
        }
        if (failure instanceof ConfigException) {
            return ExitCode.USAGE;
        }
        for (Throwable cause : causes(failure)) {
            if (cause instanceof StoreException store
                    && switch (store.kind()) {
                        case LOCKED, BUSY, FULL -> true;
                        case INCOMPATIBLE, ABSENT, CORRUPT, FAILED -> false;
                    }) {
                return ExitCode.TEMPORARY;
            }
            if (cause instanceof IOException
                    && String.valueOf(cause.getMessage()).contains(DISK_FULL)) {
                return ExitCode.TEMPORARY;
            }
            if (cause instanceof ControlBusyException) {
                return ExitCode.TEMPORARY;
            }
            if (cause instanceof LinkageError) {
                return ExitCode.UNAVAILABLE;
            }
        }
        return ExitCode.FAILED;
    }

    static String reason(Throwable failure) {
        return switch (failure) {
            case NoSuchFileException e -> e.getFile() + ": no such file or folder";
            case AccessDeniedException e -> e.getFile() + ": permission denied";
            case FileAlreadyExistsException e -> e.getFile() + ": is there already";
            case FileSystemException e when e.getReason() != null -> e.getFile() + ": " + e.getReason();
            case IOException e when e.getMessage() != null -> e.getMessage();
            case LinkageError e -> "a native library does not load: " + e.getMessage() + " (see 'narsil doctor')";
            default ->
                "unexpected " + failure.getClass().getSimpleName() + message(failure)
                        + "; this is a mistake in narsil, NARSIL_DEBUG=1 shows where";
        };
    }

    private static String message(Throwable failure) {
        return failure.getMessage() == null ? "" : " (" + failure.getMessage() + ")";
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s*\\R\\s*", " ");
    }

    private static Iterable<Throwable> causes(Throwable failure) {
        return () -> java.util.stream.Stream.<@Nullable Throwable>iterate(
                        failure, cause -> cause == null ? null : cause.getCause())
                .limit(MAX_CAUSES)
                .takeWhile(java.util.Objects::nonNull)
                .map(java.util.Objects::requireNonNull)
                .iterator();
    }
}
