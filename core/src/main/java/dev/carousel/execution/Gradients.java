package dev.carousel.execution;

/** Which gradients a pass computes, and so what of them it must keep. */
enum Gradients {
  /** None: there is no way back. */
  NONE,
  /** Those of the parameters; those of states last until the step before has been computed. */
  PARAMETERS,
  /** Those of every activation and state too. */
  ALL
}
