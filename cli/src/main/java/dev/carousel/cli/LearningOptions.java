package dev.carousel.cli;

import dev.carousel.training.Adagrad;
import dev.carousel.training.Adam;
import dev.carousel.training.Clipping;
import dev.carousel.training.Optimizer;
import dev.carousel.training.Penalty;
import dev.carousel.training.RmsProp;
import dev.carousel.training.Schedule;
import dev.carousel.training.Sgd;
import dev.carousel.training.Trainer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** How a network learns. */
final class LearningOptions {
  private static final int MANY = 1_000_000;
  private static final double ADAMW_DECAY = 0.01;
  private static final double MOMENTUM = 0.9;

  /** The optimizers, and how much larger than Adam's their learning rate is by default. */
  enum OptimizerName {
    SGD(100),
    MOMENTUM(10),
    NESTEROV(10),
    RMSPROP(1),
    ADAGRAD(10),
    ADAM(1),
    ADAMW(1);

    final int rateFactor;

    OptimizerName(int rateFactor) {
      this.rateFactor = rateFactor;
    }
  }

  /** The schedules of the learning rate. */
  enum ScheduleName {
    CONSTANT,
    STEP,
    EXPONENTIAL,
    COSINE,
    PLATEAU
  }

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Passes over the training part; default: ${DEFAULT-VALUE}.")
  private int epochs;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Sequences (train text: tracks) of one update; default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      description =
          "Learning rate; default: ${DEFAULT-VALUE} for adam, adamw and rmsprop, 10 times that for"
              + " momentum, nesterov and adagrad, 100 times for sgd.")
  private double rate;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      defaultValue = "adam",
      description =
          "sgd, momentum (0.9), nesterov (0.9), rmsprop (decay 0.99), adagrad, adam or adamw (beta"
              + " 0.9 and 0.999); default: ${DEFAULT-VALUE}.")
  private OptimizerName optimizer = OptimizerName.ADAM;

  @Option(
      names = "--weight-decay",
      paramLabel = "RATE",
      description =
          "Weight decay; adamw: decoupled from the gradient, default 0.01; else an L2 penalty,"
              + " default 0.")
  private @Nullable Double weightDecay;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      defaultValue = "constant",
      description =
          "What the learning rate does: constant; step (half after each fourth of the epochs);"
              + " exponential (to 1 %% at the end); cosine (5 %% warm-up, to 1 %% at the end);"
              + " plateau (half after 2 epochs without a better validation loss); default:"
              + " ${DEFAULT-VALUE}.")
  private ScheduleName schedule = ScheduleName.CONSTANT;

  @Option(
      names = "--clip-norm",
      paramLabel = "NORM",
      defaultValue = "0",
      description =
          "Largest norm of all gradients together, 0 for any; default: ${DEFAULT-VALUE}, or none"
              + " with --clip-value.")
  private double clipNorm;

  @Option(
      names = "--clip-value",
      paramLabel = "VALUE",
      description = "Largest value of a gradient's element; default: any.")
  private @Nullable Double clipValue;

  @Option(
      names = "--patience",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Stop after N epochs without a better validation loss and keep the best, 0 for never;"
              + " default: ${DEFAULT-VALUE}.")
  private int patience;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "What everything random comes from: first weights, order, dropout, split; default:"
              + " ${DEFAULT-VALUE}.")
  private long seed;

  private boolean rateGiven;
  private boolean normGiven;

  void check(CommandSpec command) {
    var parsed = command.commandLine().getParseResult();
    rateGiven = parsed.hasMatchedOption("--lr");
    normGiven = parsed.hasMatchedOption("--clip-norm");
    Refusal.unlessBetween(command, "--epochs", 1, MANY, epochs);
    Refusal.unlessBetween(command, "--batch", 1, MANY, batch);
    Refusal.unlessBetween(command, "--patience", 0, MANY, patience);
    Refusal.unless(
        (float) rate > 0 && rate <= MANY, command, "--lr", "a number from 1e-45 to 1e6", rate);
    if (weightDecay != null) {
      Refusal.unless(
          weightDecay >= 0 && weightDecay <= MANY,
          command,
          "--weight-decay",
          "a number from 0 to 1e6",
          weightDecay);
    }
    Refusal.unless(
        clipNorm == 0 || (float) clipNorm > 0 && clipNorm <= Float.MAX_VALUE,
        command,
        "--clip-norm",
        "0 or a number from 1e-45 to 3.4e38",
        clipNorm);
    if (clipValue != null) {
      Refusal.unless(
          clipValue.floatValue() > 0 && clipValue <= Float.MAX_VALUE,
          command,
          "--clip-value",
          "a number from 1e-45 to 3.4e38",
          clipValue);
      Refusal.unless(
          !normGiven, command, "--clip-norm", "either --clip-norm or --clip-value", "both");
    }
  }

  int epochs() {
    return epochs;
  }

  int batch() {
    return batch;
  }

  long seed() {
    return seed;
  }

  /** Whether the validation part decides when to stop or how fast to learn. */
  boolean needsValidation() {
    return patience > 0 || schedule == ScheduleName.PLATEAU;
  }

  int patience() {
    return patience;
  }

  /** Sets up a trainer. */
  void apply(Trainer trainer) {
    double decay = weightDecay != null ? weightDecay : adamW() ? ADAMW_DECAY : 0;
    trainer
        .optimizer(optimizer(decay))
        .penalty(adamW() ? Penalty.NONE : new Penalty(0f, (float) decay))
        .schedule(schedule())
        .clip(clipping())
        .epochs(epochs)
        .batchSize(batch)
        .seed(seed);
    if (patience > 0) {
      trainer.earlyStopping(patience);
    }
  }

  private boolean adamW() {
    return optimizer == OptimizerName.ADAMW;
  }

  private Optimizer optimizer(double decay) {
    double eta = rateGiven ? rate : rate * optimizer.rateFactor;
    return switch (optimizer) {
      case SGD -> Sgd.withLearningRate(eta);
      case MOMENTUM -> Sgd.withLearningRate(eta).withMomentum(MOMENTUM);
      case NESTEROV -> Sgd.withLearningRate(eta).withMomentum(MOMENTUM).withNesterov();
      case RMSPROP -> RmsProp.withLearningRate(eta);
      case ADAGRAD -> Adagrad.withLearningRate(eta);
      case ADAM -> Adam.withLearningRate(eta);
      case ADAMW -> Adam.withLearningRate(eta).withWeightDecay(decay);
    };
  }

  private Schedule schedule() {
    return switch (schedule) {
      case CONSTANT -> new Schedule.Constant();
      case STEP -> new Schedule.Step(Math.max(1, epochs / 4), 0.5);
      case EXPONENTIAL -> new Schedule.Exponential(StrictMath.pow(0.01, 1.0 / epochs));
      case COSINE -> new Schedule.Cosine(0.05, 0.01);
      case PLATEAU -> new Schedule.ReduceOnPlateau(0.5, 2);
    };
  }

  private Clipping clipping() {
    if (clipValue != null) {
      return new Clipping.Value(clipValue.floatValue());
    }
    return clipNorm > 0 ? new Clipping.GlobalNorm((float) clipNorm) : new Clipping.None();
  }
}
