CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE plpgsql AS $body$
BEGIN
  RETURN a; -- $$ ;
END $body$;
create function g() returns int begin atomic select case when true then 1 end; select x.end from x; end;
