import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;

/** FlywayRunner JDBC_URL USER FOLDER TARGET migrate|validate|baseline|info [PLACEHOLDER=VALUE...] [@FLYWAY.CONF] */
public class FlywayRunner {
  public static void main(String[] arguments) throws Exception {
    var placeholders = new HashMap<String, String>();
    var properties = new Properties();
    for (String pair : Arrays.copyOfRange(arguments, 5, arguments.length)) {
      if (pair.startsWith("@")) {
        try (Reader file = Files.newBufferedReader(Path.of(pair.substring(1)))) {
          properties.load(file);
        }
        continue;
      }
      placeholders.put(pair.split("=", 2)[0], pair.split("=", 2)[1]);
    }
    Flyway flyway = Flyway.configure()
        .dataSource(arguments[0], arguments[1], "")
        .locations("filesystem:" + arguments[2])
        .target(arguments[3])
        .placeholders(placeholders)
        .configuration(properties)
        .load();
    switch (arguments[4]) {
      case "migrate" -> System.out.println("executed " + flyway.migrate().migrationsExecuted);
      case "validate" -> flyway.validate();
      case "baseline" -> flyway.baseline();
      case "info" -> {
        for (MigrationInfo info : flyway.info().all()) {
          System.out.println("info " + info.getScript() + " " + info.getState() + " " + info.getChecksum());
        }
      }
      default -> throw new IllegalArgumentException(arguments[4]);
    }
  }
}
