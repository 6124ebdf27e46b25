CREATE TRIGGER t AFTER UPDATE ON [a;b] BEGIN UPDATE `c` SET d = CASE WHEN 1 THEN 2 END; SELECT end FROM t; END;
create rule r as on insert to t do (select 1; select 2);
