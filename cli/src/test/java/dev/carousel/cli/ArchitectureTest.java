package dev.carousel.cli;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The arrows of the design: data flows one way, and none points back. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          // The tests of core come in an archive of their own.
          .withImportOption(location -> !location.contains("tests.jar"))
          .importPackages("dev.carousel");

  @Test
  void packagesHaveNoCycle() {
    slices().matching("dev.carousel.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void arrowsPointOneWay() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("dev.carousel..")
        .layer("data")
        .definedBy("dev.carousel.data..")
        .layer("kernel")
        .definedBy("dev.carousel.kernel..")
        .layer("network")
        .definedBy("dev.carousel.network..")
        .layer("cell")
        .definedBy("dev.carousel.cell..")
        .layer("execution")
        .definedBy("dev.carousel.execution..")
        .layer("model")
        .definedBy("dev.carousel.model..")
        .layer("training")
        .definedBy("dev.carousel.training..")
        .layer("inference")
        .definedBy("dev.carousel.inference..")
        .layer("insight")
        .definedBy("dev.carousel.insight..")
        .layer("vector kernel")
        .definedBy("dev.carousel.kernels..")
        .layer("command line")
        .definedBy("dev.carousel.cli..")
        .optionalLayer("testkit")
        .definedBy("dev.carousel.testkit..")
        .whereLayer("command line")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("vector kernel")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("training")
        .mayOnlyBeAccessedByLayers("insight", "command line")
        .whereLayer("inference")
        .mayOnlyBeAccessedByLayers("insight", "command line")
        .whereLayer("insight")
        .mayOnlyBeAccessedByLayers("command line")
        .whereLayer("data")
        .mayNotAccessAnyLayer()
        .whereLayer("kernel")
        .mayNotAccessAnyLayer()
        .whereLayer("network")
        .mayOnlyAccessLayers("kernel")
        .whereLayer("cell")
        .mayOnlyAccessLayers("kernel", "network")
        .whereLayer("execution")
        .mayOnlyAccessLayers("data", "kernel", "network", "cell")
        .whereLayer("model")
        .mayOnlyAccessLayers("data", "network")
        .check(CLASSES);
  }
}
