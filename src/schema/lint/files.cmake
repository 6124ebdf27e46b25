# What `godwit db lint` is made of.
set(SCHEMA_LINT_SOURCES
  lint/allow.cpp lint/lint.cpp lint/look.cpp lint/migrations.cpp lint/scene.cpp lint/live/live_tables.cpp
  lint/checks/check_columns.cpp lint/checks/check_compatibility.cpp lint/checks/check_constraints.cpp
  lint/checks/check_data.cpp lint/checks/check_design.cpp lint/checks/check_indexes.cpp lint/checks/check_script.cpp
  lint/checks/check_sqlite.cpp lint/checks/check_transaction.cpp lint/checks/tree_parts.cpp
  lint/rules/column_rules.cpp lint/rules/compatibility_rules.cpp lint/rules/constraint_rules.cpp
  lint/rules/data_rules.cpp lint/rules/design_rules.cpp lint/rules/history_rules.cpp lint/rules/index_rules.cpp
  lint/rules/rule.cpp lint/rules/script_rules.cpp lint/rules/transaction_rules.cpp)
set(SCHEMA_LINT_TESTS lint/docs_test.cpp lint/lint_test.cpp lint/rules_test.cpp)
