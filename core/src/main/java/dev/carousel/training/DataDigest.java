package dev.carousel.training;

import dev.carousel.data.Sequences;
import dev.carousel.data.Targets;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A SHA-256 digest of data sets as the trainer sees them: lengths, inputs and targets, bit by bit.
 */
final class DataDigest {
  private final MessageDigest digest;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);

  DataDigest() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  DataDigest add(Sequences data) {
    put(data.size());
    float[] vector = new float[data.hasTokens() ? 0 : data.inputSize()];
    for (int i = 0; i < data.size(); i++) {
      put(data.length(i));
      for (int t = 0; t < data.length(i); t++) {
        if (data.hasTokens()) {
          put(data.token(i, t));
        } else {
          data.copyFeatures(i, t, vector, 0);
          for (float value : vector) {
            put(Float.floatToIntBits(value));
          }
        }
      }
    }
    addTargets(data.targets());
    return this;
  }

  private void addTargets(Targets targets) {
    if (targets instanceof Targets.Classes classes) {
      addAll(classes.perSequence());
    } else if (targets instanceof Targets.StepClasses classes) {
      addAll(classes.perStep());
    } else if (targets instanceof Targets.Values values) {
      addAll(values.perSequence());
    } else if (targets instanceof Targets.StepValues values) {
      addAll(values.perStep());
      addAll(values.mask());
    }
  }

  private void addAll(int[] values) {
    for (int value : values) {
      put(value);
    }
  }

  private void addAll(float[] values) {
    for (float value : values) {
      put(Float.floatToIntBits(value));
    }
  }

  private void put(int value) {
    if (!buffer.hasRemaining()) {
      digest.update(buffer.flip());
      buffer.clear();
    }
    buffer.putInt(value);
  }

  String hex() {
    digest.update(buffer.flip());
    return HexFormat.of().formatHex(digest.digest());
  }
}
