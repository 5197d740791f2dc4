package dev.carousel.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is said when the command line is wrong: the option, what it expects, what came. */
final class Refusal {
  private Refusal() {}

  /** A refusal in the words of a command. */
  static ParameterException of(CommandSpec command, String message) {
    return new ParameterException(command.commandLine(), message);
  }

  /**
   * Checks a whole number.
   *
   * @throws ParameterException if it is outside [low, high]
   */
  static void unlessBetween(CommandSpec command, String option, long low, long high, long got) {
    if (got < low || got > high) {
      throw of(
          command,
          String.format(Locale.ROOT, "%s: expected %,d to %,d, got %,d", option, low, high, got));
    }
  }

  /**
   * Checks a number.
   *
   * @param range in words
   * @throws ParameterException if {@code fits} is false
   */
  static void unless(boolean fits, CommandSpec command, String option, String range, Object got) {
    if (!fits) {
      throw of(command, option + ": expected " + range + ", got " + got);
    }
  }

  /**
   * A path of the command line.
   *
   * @throws TypeConversionException if it is empty, or the locale cannot say it
   */
  static Path path(String value) {
    if (value.isEmpty()) {
      throw new TypeConversionException("expected a path, got an empty one");
    }
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      if (!e.getReason().startsWith("Malformed input")) {
        throw new TypeConversionException("expected a path, got " + value + ": " + e.getReason());
      }
      throw new TypeConversionException(
          "expected a path in the locale's encoding ("
              + Texts.encoding()
              + "), got others' characters; set LC_ALL=C.UTF-8");
    }
  }

  /** The line for an error of the command line. */
  static String describe(ParameterException e) {
    ArgSpec argument = e.getArgSpec();
    if (e instanceof OverwrittenOptionException twice
        && twice.getOverwritten() instanceof OptionSpec option) {
      return option.longestName() + ": expected once, got it again";
    }
    boolean path = argument != null && List.of(argument.auxiliaryTypes()).contains(Path.class);
    if (argument != null && path && e.getCause() instanceof TypeConversionException) {
      return name(argument) + ": " + e.getCause().getMessage();
    }
    String value = e.getValue();
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()) {
      String got = ", got " + unmatched.getUnmatched().get(0);
      List<String> commands =
          e.getCommandLine().getSubcommands().values().stream()
              .map(command -> command.getCommandSpec().name())
              .distinct()
              .toList();
      return here(e)
          + ": expected "
          + (commands.isEmpty() ? "no more arguments" : choice(commands))
          + got;
    }
    if (e instanceof MissingParameterException missing && !missing.getMissing().isEmpty()) {
      ArgSpec first = missing.getMissing().get(0);
      String place = first instanceof OptionSpec option ? option.longestName() : here(e);
      return place + ": expected " + first.paramLabel() + ", got nothing";
    }
    if (e instanceof UnmatchedArgumentException unmatched && unmatched.isUnknownOption()) {
      String option = unmatched.getUnmatched().get(0).replaceFirst("=.*", "");
      String others = commandsWith(e.getCommandLine(), option);
      if (!others.isEmpty()) {
        return option + ": not an option of " + here(e) + " but of " + others;
      }
    }
    if (argument != null && value != null && !argument.typeInfo().isMultiValue()) {
      String name = name(argument);
      Class<?> type = argument.type();
      if (type.isEnum()) {
        List<String> names =
            Arrays.stream(type.getEnumConstants())
                .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT))
                .toList();
        return name + ": expected " + choice(names) + ", got " + value;
      }
      if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
        return name + ": expected a whole number, got " + value;
      }
      if (type == double.class || type == Double.class || type == float.class) {
        return name + ": expected a number, got " + value;
      }
    }
    return String.valueOf(e.getMessage());
  }

  private static String here(ParameterException e) {
    return e.getCommandLine().getCommandSpec().qualifiedName();
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }

  /** {@code a, b or c}. */
  static String choice(List<String> names) {
    int last = names.size() - 1;
    return last < 1
        ? String.join("", names)
        : String.join(", ", names.subList(0, last)) + " or " + names.get(last);
  }

  private static String commandsWith(CommandLine command, String option) {
    CommandLine parent = command.getParent();
    if (parent == null) {
      return "";
    }
    return parent.getSubcommands().values().stream()
        .map(CommandLine::getCommandSpec)
        .filter(spec -> spec.findOption(option) != null)
        .map(CommandSpec::qualifiedName)
        .distinct()
        .collect(Collectors.joining(", "));
  }
}
