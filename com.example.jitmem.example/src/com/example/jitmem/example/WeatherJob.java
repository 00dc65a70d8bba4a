// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.Statistics;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.virtmem.VirtMemException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// The application: bnd's launcher calls it in the main thread and exits the JVM with the status it
/// returns.
///
/// The runtime is optional, so that its absence can be reported: with a mandatory reference this
/// service would be absent too, and the launcher would wait for it for ever.
@Component(property = "main.thread:Boolean=true")
public final class WeatherJob implements Callable<Integer> {
  private static final int EXIT_SAME = 0;
  private static final int EXIT_DIFFERENT = 1;
  private static final int EXIT_UNUSABLE = 2;

  /// The system property that tells the main class of the exported jar that the application has
  /// begun.
  private static final String STARTED = "com.example.jitmem.example.started";

  /// The system property with the seconds to wait for the runtime.
  private static final String SERVICE_SECONDS = "com.example.jitmem.example.service.seconds";

  private static final int DEFAULT_SERVICE_SECONDS = 10;

  private final String[] arguments;
  private final PrintStream out;
  private final PrintStream err;
  private @Nullable JitRuntime runtime;

  /// A job with the arguments of the command line.
  ///
  /// @param launcher the properties of the launcher's service
  @Activate
  public WeatherJob(
      @Reference(service = Object.class, target = "(launcher.arguments=*)")
          Map<String, Object> launcher) {
    this(
        (String[]) Objects.requireNonNull(launcher.get("launcher.arguments")),
        System.out,
        System.err);
  }

  WeatherJob(String[] arguments, PrintStream out, PrintStream err) {
    this.arguments = arguments.clone();
    this.out = out;
    this.err = err;
  }

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  synchronized void bindRuntime(JitRuntime service) {
    runtime = service;
    notifyAll();
  }

  synchronized void unbindRuntime(JitRuntime service) {
    if (service.equals(runtime)) {
      runtime = null;
    }
  }

  /// Does the job.
  ///
  /// @return 0 if machine code and plain Java agree, 1 if they do not, 2 if something that was
  ///     given, or the JVM, cannot be used
  /// @throws Exception if something unexpected happens
  @Override
  public Integer call() throws Exception {
    System.setProperty(STARTED, "true");
    try {
      return run(CommandLine.parse(arguments));
    } catch (InputException | VirtMemException e) {
      err.println("error: " + e.getMessage());
      return EXIT_UNUSABLE;
    } catch (OutOfMemoryError | StackOverflowError e) {
      // The table and the formulas are what takes memory here, and they were given by the user
      err.println("error: table or formulas are too large for this JVM: " + e);
      return EXIT_UNUSABLE;
    }
  }

  private int run(CommandLine commandLine) throws InputException, InterruptedException {
    if (commandLine.help()) {
      out.println(CommandLine.HELP);
      return EXIT_SAME;
    }
    List<Task> tasks = tasks(commandLine);
    CsvTable table = table(commandLine, tasks);
    JitRuntime service = awaitRuntime();

    Report report = new Report(out);
    String name = commandLine.file().map(Object::toString).orElse(WeatherTasks.TABLE);
    report.start(name, table.rowCount(), service.allocator().codeWriting());
    long differences = 0;
    Statistics before;
    try (Arena data = Arena.ofConfined();
        CodeGroup codes = service.allocator().openGroup()) {
      for (Task task : tasks) {
        CompiledFormula code = CompiledFormula.place(task.formula(), service, codes.arena());
        Columns columns = table.columns(task.formula().columns(), data);
        Evaluation evaluation = Evaluation.of(task, code, columns, data);
        report.evaluation(evaluation);
        differences += evaluation.differences();
      }
      before = service.allocator().statistics();
    }
    report.statistics(before, service.allocator().statistics());
    return differences == 0 ? EXIT_SAME : EXIT_DIFFERENT;
  }

  private static List<Task> tasks(CommandLine commandLine) throws InputException {
    if (commandLine.formulas().isEmpty()) {
      return WeatherTasks.tasks();
    }
    List<Task> tasks = new ArrayList<>();
    for (String formula : commandLine.formulas()) {
      tasks.add(Task.ofUser(formula));
    }
    return tasks;
  }

  private static CsvTable table(CommandLine commandLine, List<Task> tasks) throws InputException {
    Set<String> columns = new LinkedHashSet<>();
    tasks.forEach(task -> columns.addAll(task.formula().columns()));
    if (commandLine.file().isPresent()) {
      return CsvTable.read(commandLine.file().get(), columns);
    }
    try (InputStream in = WeatherJob.class.getResourceAsStream(WeatherTasks.TABLE)) {
      return CsvTable.read(Objects.requireNonNull(in), WeatherTasks.TABLE, columns);
    } catch (IOException e) {
      throw new InputException(WeatherTasks.TABLE + " cannot be read: " + e, e);
    }
  }

  private synchronized JitRuntime awaitRuntime() throws InputException, InterruptedException {
    int seconds = Integer.getInteger(SERVICE_SECONDS, DEFAULT_SERVICE_SECONDS);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (runtime == null) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new InputException(
            "there is no service %s after %d s: %s"
                .formatted(JitRuntime.class.getName(), seconds, likelyReason()));
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return runtime;
  }

  private static String likelyReason() {
    if (!WeatherJob.class.getModule().isNativeAccessEnabled()) {
      return "native access is denied; start java with --enable-native-access=ALL-UNNAMED";
    }
    return "is the bundle com.example.jitmem.impl there and started?"
        + " It says above what it was refused";
  }
}
