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
        configure(line, streams, environment.terminal(), environment.debug());
        return line.execute(arguments.toArray(String[]::new));
    }

    /** Returns the command line of the commands about a store, which {@code host} runs. */
    static CommandLine commandLine(
            NarsilCommand root, CommandHost host, CommandStreams streams, Terminal terminal, boolean debug) {
        CommandLine line = new CommandLine(root);
        for (StoreCommand command : List.of(
                new ImportCommand(host),
                new EstimateCommand(host),
                new StatsCommand(host),
                new VerifyCommand(host),
                new GcCommand(host),
                new PathInfoCommand(host),
                new CatNarCommand(host))) {
            line.addSubcommand(command);
        }
        line.addSubcommand(TokenCommand.line(host));
        line.addSubcommand(IpfsCommand.line(host));
        line.addSubcommand(SubscribeCommand.line(host));
        line.addSubcommand(DonateCommand.line(host));
        configure(line, streams, terminal, debug);
        return line;
    }

    private static void configure(CommandLine line, CommandStreams streams, Terminal terminal, boolean debug) {
        Failures failures = new Failures(debug);
        line.setExecutionExceptionHandler(failures)
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
