import java.nio.file.Path;
import java.sql.DriverManager;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Liquibase;
import liquibase.database.Database;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.DirectoryResourceAccessor;

/** LiquibaseRunner JDBC_URL USER FOLDER CHANGELOG update COUNT|rollback COUNT|validate|status [NAME=VALUE...] */
public class LiquibaseRunner {
  public static void main(String[] arguments) throws Exception {
    try (var connection = DriverManager.getConnection(arguments[0], arguments[1], "");
        var accessor = new DirectoryResourceAccessor(Path.of(arguments[2]))) {
      Database database =
          DatabaseFactory.getInstance().findCorrectDatabaseImplementation(new JdbcConnection(connection));
      var liquibase = new Liquibase(arguments[3], accessor, database);
      for (String argument : arguments) {
        if (argument.contains("=") && !argument.startsWith("jdbc:")) {
          liquibase.setChangeLogParameter(argument.split("=", 2)[0], argument.split("=", 2)[1]);
        }
      }
      switch (arguments[4]) {
        case "update" -> liquibase.update(Integer.parseInt(arguments[5]), "");
        case "rollback" -> liquibase.rollback(Integer.parseInt(arguments[5]), "");
        case "validate" -> liquibase.validate();
        case "status" -> {
          for (var set : liquibase.listUnrunChangeSets(new Contexts(), new LabelExpression())) {
            System.out.println("unrun " + set.getId());
          }
        }
        default -> throw new IllegalArgumentException(arguments[4]);
      }
    }
  }
}
