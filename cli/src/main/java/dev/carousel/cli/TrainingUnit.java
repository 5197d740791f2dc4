package dev.carousel.cli;

/**
 * What a training counts: the sequences, or the characters of its tracks.
 *
 * @param plural its name
 * @param perStep how many one step of the trainer's own count is
 * @param perSequence how many one sequence is
 */
record TrainingUnit(String plural, long perStep, long perSequence) {
  static final TrainingUnit SEQUENCES = new TrainingUnit("sequences", 1, 1);

  /** Characters of {@code tracks} tracks of one length. */
  static TrainingUnit characters(long tracks, long length) {
    return new TrainingUnit("characters", tracks, length);
  }

  boolean isSequences() {
    return equals(SEQUENCES);
  }
}
