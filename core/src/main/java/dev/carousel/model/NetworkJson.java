package dev.carousel.model;

import dev.carousel.network.Activation;
import dev.carousel.network.BiasInitializer;
import dev.carousel.network.Cell;
import dev.carousel.network.GateActivation;
import dev.carousel.network.Head;
import dev.carousel.network.Initializer;
import dev.carousel.network.Input;
import dev.carousel.network.Layer;
import dev.carousel.network.Network;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A network's description as JSON and back, equal. */
final class NetworkJson {
  private NetworkJson() {}

  static Map<String, Object> write(Network network) {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (network.input() instanceof Input.Features features) {
      fields.put("input", fields("type", "features", "size", features.size()));
    } else if (network.input() instanceof Input.Tokens tokens) {
      fields.put("input", fields("type", "tokens", "count", tokens.count()));
    }
    fields.put("layers", network.layers().stream().map(NetworkJson::write).toList());
    fields.put("head", JsonObject.choice(network.head()));
    return fields;
  }

  private static Map<String, Object> write(Layer layer) {
    if (layer instanceof Layer.Embedding embedding) {
      return fields(
          "type", "embedding",
          "size", embedding.size(),
          "initializer", write(embedding.initializer()));
    }
    if (layer instanceof Layer.Recurrent recurrent) {
      Map<String, Object> fields =
          fields(
              "type", "recurrent",
              "cell", write(recurrent.cell()),
              "hiddenSize", recurrent.hiddenSize(),
              "inputWeights", write(recurrent.inputWeights()),
              "recurrentWeights", write(recurrent.recurrentWeights()));
      return withBiases(fields, recurrent.biases());
    }
    if (layer instanceof Layer.Bidirectional both) {
      Map<String, Object> fields =
          fields(
              "type", "bidirectional",
              "cell", write(both.cell()),
              "hiddenSize", both.hiddenSize(),
              "merge", JsonObject.choice(both.merge()),
              "inputWeights", write(both.inputWeights()),
              "recurrentWeights", write(both.recurrentWeights()));
      return withBiases(fields, both.biases());
    }
    if (layer instanceof Layer.Dense dense) {
      return fields(
          "type", "dense",
          "size", dense.size(),
          "activation", JsonObject.choice(dense.activation()),
          "initializer", write(dense.initializer()));
    }
    if (layer instanceof Layer.Dropout dropout) {
      return fields("type", "dropout", "rate", dropout.rate());
    }
    return fields("type", "pool", "kind", JsonObject.choice(((Layer.Pool) layer).kind()));
  }

  private static Map<String, Object> write(Cell cell) {
    if (cell instanceof Cell.Elman elman) {
      return fields("type", "elman", "activation", JsonObject.choice(elman.activation()));
    }
    if (cell instanceof Cell.Lstm lstm) {
      return fields(
          "type", "lstm",
          "forgetBias", lstm.forgetBias(),
          "peepholes", lstm.peepholes(),
          "coupledInputForget", lstm.coupledInputForget(),
          "cellClip", lstm.cellClip(),
          "gateActivation", JsonObject.choice(lstm.gateActivation()));
    }
    return fields("type", "gru", "reset", JsonObject.choice(((Cell.Gru) cell).reset()));
  }

  private static Map<String, Object> write(Initializer initializer) {
    if (initializer instanceof Initializer.Uniform uniform) {
      return fields("type", "uniform", "bound", uniform.bound());
    }
    if (initializer instanceof Initializer.Constant constant) {
      return fields("type", "constant", "value", constant.value());
    }
    return fields("type", initializer instanceof Initializer.Glorot ? "glorot" : "orthogonal");
  }

  /** The usual start is not written, so that who knows no other reads the file too. */
  private static Map<String, Object> withBiases(
      Map<String, Object> fields, BiasInitializer biases) {
    if (biases instanceof BiasInitializer.Chrono chrono) {
      fields.put("biases", fields("type", "chrono", "longest", chrono.longest()));
    }
    return fields;
  }

  private static Map<String, Object> fields(Object... namesAndValues) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return fields;
  }

  /**
   * Reads a description.
   *
   * @throws ModelFormatException naming the field
   * @throws IllegalArgumentException if a value is out of range or the layers do not fit each other
   */
  static Network read(JsonObject fields) {
    JsonObject in = fields.object("input");
    Input input =
        switch (in.text("type")) {
          case "features" -> new Input.Features(in.integer("size"));
          case "tokens" -> new Input.Tokens(in.integer("count"));
          default -> throw unknown(in, "features or tokens");
        };
    in.end();
    List<Layer> layers = new ArrayList<>();
    for (JsonObject layer : fields.objects("layers")) {
      layers.add(layer(layer));
      layer.end();
    }
    Head head = fields.choice("head", Head.class);
    fields.end();
    return new Network(input, layers, head);
  }

  private static Layer layer(JsonObject fields) {
    return switch (fields.text("type")) {
      case "embedding" ->
          new Layer.Embedding(fields.integer("size"), initializer(fields, "initializer"));
      case "recurrent" ->
          new Layer.Recurrent(
              cell(fields.object("cell")),
              fields.integer("hiddenSize"),
              initializer(fields, "inputWeights"),
              initializer(fields, "recurrentWeights"),
              biases(fields));
      case "bidirectional" ->
          new Layer.Bidirectional(
              cell(fields.object("cell")),
              fields.integer("hiddenSize"),
              fields.choice("merge", Layer.Bidirectional.Merge.class),
              initializer(fields, "inputWeights"),
              initializer(fields, "recurrentWeights"),
              biases(fields));
      case "dense" ->
          new Layer.Dense(
              fields.integer("size"),
              fields.choice("activation", Activation.class),
              initializer(fields, "initializer"));
      case "dropout" -> new Layer.Dropout(fields.number("rate"));
      case "pool" -> new Layer.Pool(fields.choice("kind", Layer.Pool.Kind.class));
      default ->
          throw unknown(fields, "embedding, recurrent, bidirectional, dense, dropout or pool");
    };
  }

  private static Cell cell(JsonObject fields) {
    Cell cell =
        switch (fields.text("type")) {
          case "elman" -> new Cell.Elman(fields.choice("activation", Activation.class));
          case "lstm" ->
              new Cell.Lstm(
                  fields.number("forgetBias"),
                  fields.flag("peepholes"),
                  fields.flag("coupledInputForget"),
                  fields.number("cellClip"),
                  fields.choice("gateActivation", GateActivation.class));
          case "gru" -> new Cell.Gru(fields.choice("reset", Cell.Gru.Reset.class));
          default -> throw unknown(fields, "elman, lstm or gru");
        };
    fields.end();
    return cell;
  }

  private static BiasInitializer biases(JsonObject layer) {
    if (!layer.has("biases")) {
      return new BiasInitializer.Standard();
    }
    JsonObject fields = layer.object("biases");
    if (!fields.text("type").equals("chrono")) {
      throw unknown(fields, "chrono");
    }
    BiasInitializer biases = new BiasInitializer.Chrono(fields.integer("longest"));
    fields.end();
    return biases;
  }

  private static Initializer initializer(JsonObject parent, String name) {
    JsonObject fields = parent.object(name);
    Initializer initializer =
        switch (fields.text("type")) {
          case "uniform" -> new Initializer.Uniform(fields.number("bound"));
          case "glorot" -> new Initializer.Glorot();
          case "orthogonal" -> new Initializer.Orthogonal();
          case "constant" -> new Initializer.Constant(fields.number("value"));
          default -> throw unknown(fields, "uniform, glorot, orthogonal or constant");
        };
    fields.end();
    return initializer;
  }

  private static ModelFormatException unknown(JsonObject fields, String known) {
    return fields.error("type", known, "\"" + fields.text("type") + "\"");
  }
}
