package dev.carousel.training;

/**
 * How well a network does on a data set.
 *
 * @param examples targets that counted: sequences, or steps that are not masked
 * @param loss the mean over them; in nats for the cross-entropies
 * @param accuracy the share whose best score is right; NaN unless the head is softmax
 * @param top5 the share whose right class is among the five best scores; NaN unless the head is
 *     softmax
 */
public record Evaluation(long examples, double loss, double accuracy, double top5) {}
