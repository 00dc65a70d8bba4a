// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.JitAllocatorFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A copy of this build elsewhere, which takes part as another one.
class OtherBuildTest {
  private static final String API = "com.example.jitmem.api";
  private static final String IMPLEMENTATION = "com.example.jitmem.impl";

  @TempDir private Path checkout;
  private Path api = Path.of("");
  private Path implementation = Path.of("");

  @BeforeEach
  void copyBundles() throws IOException {
    Class<?> provider =
        ServiceLoader.load(JitAllocatorFactory.class).stream().findFirst().orElseThrow().type();
    api = copy(JitAllocatorFactory.class, API);
    implementation = copy(provider, IMPLEMENTATION);
  }

  private Path copy(Class<?> type, String module) throws IOException {
    Path target = Files.createDirectories(checkout.resolve(module).resolve("target"));
    return Files.copy(bundle(type), target.resolve(module + "-1.2.3.jar"));
  }

  private static Path bundle(Class<?> type) {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath());
  }

  @Test
  void itRunsWithItsOwnBundlesAndNoneOfOurs() throws Exception {
    Options options =
        Options.parse(new String[] {"--peers", "jitmem", "--against", checkout.toString()});
    List<Peer> peers = new Peers(options, System.out).find();
    assertThat(peers).extracting(Peer::name).containsExactly(Peer.JITMEM, Peer.AGAINST);

    List<String> builds = new ArrayList<>();
    for (Peer peer : peers) {
      try (WorkerProcess process = new WorkerProcess(peer)) {
        builds.add(process.ask("build"));
      }
    }
    assertThat(builds).last().isEqualTo(api.toUri().toURL() + ";" + implementation.toUri().toURL());
    assertThat(builds).first().asString().doesNotContain(checkout.toString());
    assertThat(options.against().orElseThrow().classPath())
        .contains("jmh-core")
        .doesNotContain(bundle(JitAllocatorFactory.class).toString());
  }

  @Test
  void itIsNamedInTheReportAndNeverTheRecord() throws Exception {
    Options options =
        Options.parse(new String[] {"--peers", "jitmem", "--against", implementation.toString()});
    Peer other = new Peers(options, System.out).find().getLast();
    assertThat(other.origin()).isEqualTo(implementation.toString());
    assertThat(options.columns()).endsWith(Peer.MIMALLOC, Peer.AGAINST);
    assertThat(Options.parse(new String[] {"--against", checkout.toString()}).isComplete())
        .isFalse();
  }

  @Test
  void aJarHasItsApiBesideItOrInTheFolderOfTheApi() throws IOException {
    assertThat(OtherBuild.find(implementation)).isEqualTo(new OtherBuild(api, implementation));
    Path beside = Files.move(api, implementation.resolveSibling(api.getFileName()));
    assertThat(OtherBuild.find(implementation)).isEqualTo(new OtherBuild(beside, implementation));
    Files.delete(beside);
    assertThatThrownBy(() -> OtherBuild.find(implementation))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(beside.toString());
  }

  @Test
  void aCheckoutWithoutItsBundleIsToldHowToBuildIt() throws IOException {
    Files.delete(implementation);
    assertThatThrownBy(() -> OtherBuild.find(checkout))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("mvn clean package");
  }
}
