package dev.narsil.gateway.cli;

import dev.narsil.gateway.control.CommandStreams;
import dev.narsil.gateway.control.Terminal;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;

/** One run of the program, from its command line to its exit code. */
final class Program {

    private static final int MIN_HELP_WIDTH = 60;
    private static final int MAX_HELP_WIDTH = 110;

    private Program() {}

    /** Runs a command line and returns the exit code. */
    static int run(List<String> arguments, Environment environment, CommandStreams streams) {
        NarsilCommand root = new NarsilCommand();
        CommandHost host = new LocalHost(arguments, root, environment, streams);
        CommandLine line = commandLine(root, host, streams, environment.terminal(), environment.debug());
        line.addSubcommand(ServeCommand.line(root, environment, streams));
        line.addSubcommand(new DoctorCommand(root, environment, streams));
        line.addSubcommand(new KeyCommand(environment, streams));
        line.addSubcommand(new ConfigCommand(root, environment, streams));
        CommandLine completion = new CommandLine(new AutoComplete.GenerateCompletion());
        completion.getCommandSpec().usageMessage().hidden(true);
        line.addSubcommand(completion);
        configure(line, host, streams, environment.terminal(), environment.debug());
        return line.execute(arguments.toArray(String[]::new));
    }

    /** Returns the command line of the commands about a store, which {@code host} runs. */
    static CommandLine commandLine(
            NarsilCommand root, CommandHost host, CommandStreams streams, Terminal terminal, boolean debug) {
        CommandLine line = new CommandLine(root);
        for (StoreCommand command : List.of(
                new ImportCommand(),
                new EstimateCommand(),
                new StatsCommand(),
                new VerifyCommand(),
                new GcCommand(),
                new PathInfoCommand(),
                new CatNarCommand())) {
            line.addSubcommand(command);
        }
        line.addSubcommand(new TokenCommand());
        line.addSubcommand(new IpfsCommand());
        line.addSubcommand(new SubscribeCommand());
        line.addSubcommand(new DonateCommand());
        configure(line, host, streams, terminal, debug);
        return line;
    }

    private static void configure(
            CommandLine line, CommandHost host, CommandStreams streams, Terminal terminal, boolean debug) {
        Failures failures = new Failures(debug);
        line.setExecutionStrategy(new StoreCommandExecution(host))
                .setExecutionExceptionHandler(failures)
                .setParameterExceptionHandler(failures)
                .setOut(writer(streams.out()))
                .setErr(writer(streams.err()))
                .setUsageHelpWidth(Math.clamp(terminal.width(), MIN_HELP_WIDTH, MAX_HELP_WIDTH))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    }

    private static PrintWriter writer(OutputStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }
}
