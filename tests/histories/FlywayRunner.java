import java.util.Arrays;
import java.util.HashMap;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;

/** FlywayRunner JDBC_URL USER FOLDER TARGET migrate|validate|baseline|info [PLACEHOLDER=VALUE...] */
public class FlywayRunner {
  public static void main(String[] arguments) {
    var placeholders = new HashMap<String, String>();
    for (String pair : Arrays.copyOfRange(arguments, 5, arguments.length)) {
      placeholders.put(pair.split("=", 2)[0], pair.split("=", 2)[1]);
    }
    Flyway flyway = Flyway.configure()
        .dataSource(arguments[0], arguments[1], "")
        .locations("filesystem:" + arguments[2])
        .target(arguments[3])
        .placeholders(placeholders)
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
