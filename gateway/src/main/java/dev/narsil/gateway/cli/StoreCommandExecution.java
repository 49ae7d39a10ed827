package dev.narsil.gateway.cli;

import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/** Has {@code host} run the commands about a store, and picocli the others. */
record StoreCommandExecution(CommandHost host) implements IExecutionStrategy {

    private static final IExecutionStrategy OTHERS = new RunLast();

    @Override
    public int execute(ParseResult parsed) {
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        if (!(last.commandSpec().userObject() instanceof StoreCommand command)) {
            return OTHERS.execute(parsed);
        }
        Integer helped = CommandLine.executeHelpRequest(parsed);
        return helped != null ? helped : run(command, last.commandSpec().commandLine());
    }

    private int run(StoreCommand command, CommandLine line) {
        try {
            command.check();
            return host.run(command);
        } catch (ParameterException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new ExecutionException(line, "the command failed", e);
        }
    }
}
