"""Every type that PostgreSQL 15 and its contributed extensions let stand in a table, with the values at its ends.

ZOO lists (name, type, values); SETUP makes the types that somebody made. NULL is added to each. `values` are SQL
expressions, cast to the type."""

SETUP = r'''
CREATE SCHEMA zoo;
SET search_path = zoo, public;
CREATE EXTENSION citext SCHEMA public; CREATE EXTENSION hstore SCHEMA public; CREATE EXTENSION ltree SCHEMA public;
CREATE EXTENSION cube SCHEMA public; CREATE EXTENSION isn SCHEMA public; CREATE EXTENSION seg SCHEMA public;
CREATE TYPE mood AS ENUM ('sad', 'a "quoted", one', '', 'null', E'back\\slash', 'größe');
CREATE TYPE pair AS (a int, b text);
CREATE TYPE nest AS (p pair, ps pair[], m mood, r int4range);
CREATE TYPE floats AS RANGE (subtype = float8, multirange_type_name = many_floats);
CREATE TYPE words AS RANGE (subtype = text, collation = "C");
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN more_positive AS positive CHECK (VALUE > 1);
CREATE DOMAIN moody AS mood;
CREATE DOMAIN some_numbers AS int[] CHECK (array_length(VALUE, 1) < 9);
CREATE DOMAIN a_pair AS pair;
CREATE DOMAIN a_range AS int4range;
CREATE DOMAIN ranges AS int4multirange;
CREATE DOMAIN padded AS char(5);
CREATE DOMAIN price AS numeric(10,2);
CREATE DOMAIN any_number AS numeric;
CREATE DOMAIN document AS jsonb;
CREATE DOMAIN blob AS bytea;
CREATE DOMAIN moment AS timestamptz(3);
CREATE DOMAIN email AS citext;
-- Types in the server's own functions: text without a binary form, text with one, four bytes by value.
CREATE TYPE clam;
CREATE FUNCTION clam_in(cstring) RETURNS clam LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION clam_out(clam) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE clam (INPUT = clam_in, OUTPUT = clam_out, LIKE = text);
CREATE TYPE nut;
CREATE FUNCTION nut_in(cstring) RETURNS nut LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION nut_out(nut) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE FUNCTION nut_recv(internal) RETURNS nut LANGUAGE internal STABLE STRICT AS 'textrecv';
CREATE FUNCTION nut_send(nut) RETURNS bytea LANGUAGE internal STABLE STRICT AS 'textsend';
CREATE TYPE nut (INPUT = nut_in, OUTPUT = nut_out, RECEIVE = nut_recv, SEND = nut_send, LIKE = text);
CREATE TYPE tick;
CREATE FUNCTION tick_in(cstring) RETURNS tick LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION tick_out(tick) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE tick (INPUT = tick_in, OUTPUT = tick_out, LIKE = int4);
-- Casts to text that somebody wrote for people to read: they are not the value.
CREATE TYPE size AS ENUM ('s', 'm', 'l');
CREATE FUNCTION size_label(size) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'a size' $$;
CREATE CAST (size AS text) WITH FUNCTION size_label(size) AS ASSIGNMENT;
CREATE TYPE place AS (x int, y int);
CREATE FUNCTION place_label(place) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'somewhere' $$;
CREATE CAST (place AS text) WITH FUNCTION place_label(place) AS IMPLICIT;
CREATE DOMAIN some_size AS size;
CREATE TABLE named (a int, "B b" mood, c text[]);
ALTER TABLE named DROP COLUMN a;
CREATE TABLE "Odd Table" (id int);
CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT 2 * $1';
CREATE FUNCTION twice(text) RETURNS text LANGUAGE sql AS 'SELECT $1 || $1';
CREATE OPERATOR <<<< (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl);
CREATE TEXT SEARCH CONFIGURATION "Plain" (COPY = simple);
CREATE TEXT SEARCH DICTIONARY plain (TEMPLATE = simple);
CREATE COLLATION "Mine" (provider = libc, locale = 'C');
'''

SPECIAL_FLOATS = ["'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "0"]
ALL_BYTES = "(SELECT decode(string_agg(lpad(to_hex(n), 2, '0'), '' ORDER BY n), 'hex') FROM generate_series(0, 255) n)"
ALL_CHARACTERS = "(SELECT string_agg(chr(n), '' ORDER BY n) FROM generate_series(1, 65535) n WHERE n NOT BETWEEN 55296 AND 57343)"
MEBIBYTE = "repeat(E'0123456789abcde\\n', 65536)"

ZOO = [
    # --- numbers
    ("bool", "boolean", ["true", "false"]),
    ("int2", "smallint", ["-32768", "32767", "0"]),
    ("int4", "integer", ["-2147483648", "2147483647"]),
    ("int8", "bigint", ["-9223372036854775808", "9223372036854775807"]),
    ("float4", "real", [*SPECIAL_FLOATS, "'1.17549435e-38'", "'1e-45'", "'3.4028235e38'", "'0.1'"]),
    ("float8", "double precision", [*SPECIAL_FLOATS, "'5e-324'", "'2.2250738585072014e-308'", "'1.7976931348623157e308'", "'0.1'"]),
    ("numeric", "numeric", ["'NaN'", "'Infinity'", "'-Infinity'", "0", "0.00", "1.10", "-0.000", "1e-1000",
                            "(repeat('9', 131072) || '.' || repeat('9', 16383))", "('-1' || repeat('0', 131071))",
                            "('0.' || repeat('0', 16382) || '1')", "10000", "99990000", "0.0001", "99999999999999999998", "99999999999999999999"]),
    ("numeric_4_2", "numeric(4,2)", ["99.99", "-99.99", "0.01", "0"]),
    ("numeric_nan", "numeric(4,2)", ["'NaN'", "1.50"]),
    ("numeric_38_0", "numeric(38,0)", ["repeat('9', 38)", "'-' || repeat('9', 38)"]),
    ("numeric_38_38", "numeric(38,38)", ["'0.' || repeat('9', 38)", "'-0.' || repeat('0', 37) || '1'"]),
    ("numeric_39_0", "numeric(39,0)", ["repeat('9', 39)"]),
    ("numeric_1000_500", "numeric(1000,500)", ["repeat('9', 500) || '.' || repeat('9', 500)", "1"]),
    ("numeric_negative_scale", "numeric(3,-5)", ["99900000", "-12300000", "0"]),
    ("numeric_all_scale", "numeric(3,9)", ["0.000000999", "0"]),
    ("money", "money", ["'-92233720368547758.08'", "'92233720368547758.07'", "'0.01'", "'-0.01'"]),
    ("oid", "oid", ["0", "4294967295", "1259"]),
    # --- text
    ("text", "text", ["''", "' '", r"E'\\N'", r"E'\\.'", r"E'a\tb\nc\rd\\e\bf\vg\fh\x7f'", "'NULL'", "'\"'", ALL_CHARACTERS, MEBIBYTE,
                      "'é' || U&'e\\0301'", "U&'\\+01F600'", "U&'\\FEFF'"]),
    ("varchar", "varchar(9)", ["''", "'  x  '", "'ünïcödé'"]),
    ("varchar_any", "varchar", ["''", "'x '"]),
    ("char", "char(5)", ["''", "'ab'", "'ab   '", "'äöüßé'"]),
    ("char_1", "char", ["''", "'x'"]),
    ("bpchar_any", "bpchar", ["''", "'x  '"]),
    ("char_single", '"char"', ["''", "'x'", r"'\200'", r"'\377'", r"'\\'", "','", "' '"]),
    ("name", "name", ["''", "repeat('n', 63)", "'a \"b\"'"]),
    ("citext", "public.citext", ["''", "'CaSe'", "'case'"]),
    ("xml", "xml", ["''", "'text only'", "'<a b=\"c\">&amp;<!-- c --></a>'", "'<?xml version=\"1.0\" encoding=\"UTF-8\"?><é/>'",
                    "'<?xml version=\"1.1\" standalone=\"yes\"?><a/>'", "'<!DOCTYPE a><a/>'", "'<a/><b/>'", "' <a/>'"]),
    ("bytea", "bytea", ["''", ALL_BYTES, r"'\x00'", r"'\x5c5c78'", "decode(repeat('00ff', 524288), 'hex')"]),
    ("bit", "bit(5)", ["B'00000'", "B'11111'", "B'10101'"]),
    ("bit_1", "bit", ["B'0'", "B'1'"]),
    ("varbit", "varbit", ["B''", "B'1'", "B'101010101'", "repeat('10', 40000)::varbit"]),
    ("varbit_9", "varbit(9)", ["B''", "B'101010101'"]),
    # --- time
    ("date", "date", ["'4713-11-24 BC'", "'5874897-12-31'", "'infinity'", "'-infinity'", "'0001-12-31 BC'", "'0001-01-01'", "'1970-01-01'"]),
    ("time", "time", ["'00:00'", "'23:59:59.999999'"]),
    ("time_24", "time", ["'24:00:00'", "'23:59:59.999999'"]),
    ("time_0", "time(0)", ["'23:59:59.9'", "'12:00'"]),
    ("timetz", "timetz", ["'00:00+15:59'", "'24:00:00-15:59'", "'23:59:59.999999+05:30:15'", "'12:00+00'"]),
    ("timetz_3", "timetz(3)", ["'12:34:56.7891-08'"]),
    ("timestamp", "timestamp", ["'4713-11-24 00:00:00 BC'", "'294246-12-31 23:59:59.999999'", "'infinity'", "'-infinity'",
                                "'1969-12-31 23:59:59.999999'", "'2000-02-29 00:00:00.000001'"]),
    ("timestamp_last", "timestamp", ["'294276-12-31 23:59:59.999999'", "'2020-01-01'", "'infinity'"]),
    ("timestamp_0", "timestamp(0)", ["'2020-01-01 00:00:00.6'"]),
    ("timestamptz", "timestamptz", ["'4713-11-24 00:00:00+00 BC'", "'294246-12-31 23:59:59.999999+00'", "'infinity'", "'-infinity'",
                                    "'2020-01-01 00:00:00+05:30'"]),
    ("timestamptz_last", "timestamptz", ["'294276-12-31 23:59:59.999999+00'", "'-infinity'"]),
    ("interval", "interval", ["'178000000 years'", "'-178000000 years'", "'-1 mon +3 days -04:05:06.789'", "'0'", "'1 year -1 mon'",
                              "'2147483647 days'", "'-2147483648 days'", "'2562047788:00:54.775807'", "'-2562047788:00:54.775807'",
                              "'00:00:00.000001'", "'-00:00:00.000001'", "'1 day -1 second'", "'-1 day +1 second'", "'2147483647 months'",
                              "'-2147483648 months'", "interval '-2562047788:00:54.775807' - interval '1 microsecond'"]),
    ("interval_ym", "interval year to month", ["'3 years 4 months'"]),
    ("interval_s3", "interval second(3)", ["'1.23456'"]),
    # --- places, networks, identifiers
    ("point", "point", ["'(1.5,-0)'", "'(NaN,Infinity)'", "'(5e-324,-1.7976931348623157e308)'", "'(0.1,0.2)'"]),
    ("line", "line", ["'{1,-1,0}'", "'{0.1,2,-0.3}'"]),
    ("lseg", "lseg", ["'[(0,0),(0.1,-0)]'"]),
    ("box", "box", ["'(0,0),(1,1)'", "'(-0,NaN),(Infinity,0.1)'"]),
    ("path", "path", ["'[(0,0),(1,1)]'", "'((0,0),(1,1))'"]),
    ("polygon", "polygon", ["'((0,0),(0,1),(1,0.1))'", "'((0,0))'"]),
    ("circle", "circle", ["'<(0,0),0>'", "'<(0.1,-0),1e308>'"]),
    ("inet", "inet", ["'10.0.0.1/8'", "'10.0.0.1'", "'::1'", "'::ffff:1.2.3.4/96'", "'2001:db8::/0'", "'0.0.0.0/0'"]),
    ("cidr", "cidr", ["'10.0.0.0/8'", "'::/0'", "'1.2.3.4'", "'0.0.0.0/0'"]),
    ("macaddr", "macaddr", ["'08:00:2b:01:02:03'", "'ff:ff:ff:ff:ff:ff'", "'00:00:00:00:00:00'"]),
    ("macaddr8", "macaddr8", ["'08:00:2b:01:02:03:04:05'", "'ff:ff:ff:ff:ff:ff:ff:ff'"]),
    ("uuid", "uuid", ["'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"]),
    ("pg_lsn", "pg_lsn", ["'0/0'", "'FFFFFFFF/FFFFFFFF'", "'16/B374D848'"]),
    ("xid", "xid", ["'0'", "'4294967295'"]), ("xid8", "xid8", ["'0'", "'18446744073709551615'"]), ("cid", "cid", ["'7'"]),
    ("tid", "tid", ["'(0,0)'", "'(4294967295,65535)'"]),
    ("pg_snapshot", "pg_snapshot", ["'1:1:'", "'10:20:10,14,15'"]),
    ("txid_snapshot", "txid_snapshot", ["'1:1:'", "'10:20:10,14,15'"]),
    ("int2vector", "int2vector", ["''", "'1 2 -3'"]), ("oidvector", "oidvector", ["''", "'23 4294967295'"]),
    ("refcursor", "refcursor", ["''", "'a cursor'"]),
    ("aclitem", "aclitem", ["'postgres=r*w/postgres'", "'=r/postgres'"]), ("aclitems", "aclitem[]", ["'{postgres=r/postgres}'"]),
    # --- names of objects: written by name, whatever numbers they have in the target
    ("regclass", "regclass", ["'pg_class'", "'zoo.named'", "'zoo.\"Odd Table\"'", "'-'"]),
    ("regclasses", "regclass[]", ["ARRAY['zoo.named', 'pg_class']::regclass[]"]),
    ("regtype", "regtype", ["'integer[]'", "'zoo.mood'", "'zoo.pair[]'", "'\"char\"'", "'timestamp with time zone'", "'-'"]),
    ("regproc", "regproc", ["'now'", "'zoo.size_label'"]),
    ("regprocedure", "regprocedure", ["'zoo.twice(int)'", "'zoo.twice(text)'", "'abs(bigint)'"]),
    ("regoper", "regoper", ["'zoo.<<<<'"]), ("regoperator", "regoperator", ["'zoo.<<<<(int,int)'", "'+(int,int)'"]),
    ("regnamespace", "regnamespace", ["'zoo'", "'pg_catalog'"]), ("regrole", "regrole", ["'postgres'"]),
    ("regconfig", "regconfig", ["'english'", "'zoo.\"Plain\"'"]), ("regdictionary", "regdictionary", ["'zoo.plain'", "'simple'"]),
    ("regcollation", "regcollation", ["'\"C\"'", "'zoo.\"Mine\"'"]),
    # --- documents and search
    ("json", "json", ["E'{\"a\" : 1.0,\\n \"a\":2}'", "'null'", "'1e1000'", r"""'"\u0000\ud83d\ude00"'""", "'[]'"]),
    ("jsonb", "jsonb", ["'{\"b\": 1.10, \"a\": [null]}'", "'null'", "'\"\"'", "('[' || repeat('9', 5000) || '.5]')", "'{}'"]),
    ("jsonpath", "jsonpath", ["'$'", "'strict $.a[*] ? (@ > 1).b.type()'", "'$.\"a b\"[last to 2]'", "'$.a like_regex \"^x\" flag \"i\"'"]),
    ("tsvector", "tsvector", ["''", "'''it''''s'':1A,16383 b:2C \"x\" ''a b'''", r"'''back\\slash'''", "to_tsvector('english', 'The fat cats sat')"]),
    ("tsquery", "tsquery", ["''", "'a & !b | c:*AB'", "'a <-> b <3> (c | d)'", "'!!a'", "'''it''''s'' & ''a b'''", "plainto_tsquery('english', 'fat cats')"]),
    # --- arrays
    ("ints", "integer[]", ["'{}'", "'[0:2]={1,NULL,3}'", "'{{1,2},{3,4}}'", "'[-5:-4][3:3]={{1},{2}}'", "'{NULL}'"]),
    ("texts", "text[]", [r"E'{\"a\\\\\\\\b\",NULL,\"NULL\",\"\",\"null\",\"{}\",\"a,b\",\" x \"}'", "ARRAY[E'a\\tb\\n\"c\"']", "ARRAY[" + MEBIBYTE + "]"]),
    ("varchars", "varchar(3)[]", ["'{abc,\"\"}'"]), ("chars", "char(3)[]", ["'{a,\"b  \"}'"]),
    ("numerics", "numeric[]", ["'{NaN,1.10,-Infinity,0.00}'"]), ("numerics_4_1", "numeric(4,1)[]", ["'{1.5}'"]),
    ("floats8", "float8[]", ["'{NaN,-0,5e-324,0.1,Infinity}'"]), ("floats4", "real[]", ["'{1e-45,0.1,-0}'"]),
    ("byteas", "bytea[]", ["ARRAY['\\x00'::bytea, '', NULL]"]), ("bools", "bool[]", ["'{t,NULL,f}'"]),
    ("dates", "date[]", ["'{infinity,4713-11-24 BC}'"]), ("intervals", "interval[]", ["ARRAY['1 mon -1 day'::interval]"]),
    ("timestamps", "timestamptz[]", ["'{infinity,\"294276-12-31 23:59:59.999999+00\"}'"]),
    ("boxes", "box[]", ["'{(0,0),(1,1);(2,2),(3,3)}'"]), ("jsonbs", "jsonb[]", ["ARRAY['{\"a\": \"b,c\"}'::jsonb, 'null', NULL]"]),
    ("moods", "mood[]", ["'{sad,\"a \\\"quoted\\\", one\",NULL,\"\"}'", "'{}'"]),
    ("pairs", "pair[]", ["ARRAY[(1,'x,\"y')::pair, NULL, (NULL,NULL)]"]), ("domains", "positive[]", ["'{1,NULL}'"]),
    ("ranges", "int4range[]", ["'{\"[1,5)\",empty,NULL}'"]), ("moneys", "money[]", ["'{1.23}'"]), ("xmls", "xml[]", ["ARRAY['<a/>'::xml, 'b']"]),
    ("inets", "inet[]", ["'{10.0.0.1/8,::1}'"]), ("uuids", "uuid[]", ["ARRAY[gen_random_uuid()]"]), ("hstores", "hstore[]", ["ARRAY['a=>b'::hstore]"]),
    ("citexts", "citext[]", ["'{Ab,\"\"}'"]), ("names", "name[]", ["'{a}'"]), ("single_chars", '"char"[]', [r"ARRAY['x', '\200', '']::" + '"char"[]']),
    # --- ranges
    ("int4range", "int4range", ["'empty'", "'(,)'", "'[1,5)'", "'(,5]'", "'[-2147483648,2147483647)'"]),
    ("int8range", "int8range", ["'[1,9223372036854775807)'"]), ("numrange", "numrange", ["'[1.10,Infinity)'", "'(0.00,]'", "'[NaN,NaN]'"]),
    ("daterange", "daterange", ["'[4713-11-24 BC,infinity)'"]), ("tsrange", "tsrange", ["'[2020-01-01 00:00:00.000001,infinity]'"]),
    ("tstzrange", "tstzrange", ["'(-infinity,2020-01-01 00:00+05:30]'"]),
    ("int4multirange", "int4multirange", ["'{}'", "'{[1,3),[5,7)}'", "'{(,)}'"]), ("nummultirange", "nummultirange", ["'{[1.10,2.0),(3,)}'"]),
    ("int8multirange", "int8multirange", ["'{[1,2)}'"]), ("datemultirange", "datemultirange", ["'{[2020-01-01,infinity)}'"]),
    ("tsmultirange", "tsmultirange", ["'{[2020-01-01,2020-01-02)}'"]), ("tstzmultirange", "tstzmultirange", ["'{[2020-01-01,2020-01-02)}'"]),
    ("range_own", "floats", ["'[-0,NaN)'", "'[0.1,Infinity]'", "'empty'"]), ("multirange_own", "many_floats", ["'{[0.1,0.2]}'"]),
    ("range_words", "words", [r"""'["a,b","c\"d\\"]'""", "'[\"\",]'"]),
    # --- made by somebody
    ("enum", "mood", ["'sad'", "'a \"quoted\", one'", "''", "'null'", r"E'back\\slash'", "'größe'"]),
    ("composite", "pair", ["(1, E'x,\"y\\\\\\n')", "(NULL, NULL)", "(1, '')", "(NULL, 'NULL')"]),
    ("nested", "nest", ["((1, 'a(b'), ARRAY[(2, '{')::pair], 'sad', '[1,2)')", "(NULL, '{}', NULL, 'empty')"]),
    ("row_of_table", "named", ["ROW('sad', '{a,NULL}')"]),
    ("domain", "positive", ["1"]), ("domain_domain", "more_positive", ["2"]), ("domain_enum", "moody", ["'sad'"]),
    ("domain_array", "some_numbers", ["'{1,NULL}'", "'[3:3]={1}'"]), ("domain_composite", "a_pair", ["(1,'x')::pair"]),
    ("domain_range", "a_range", ["'[1,2)'"]), ("domain_multirange", "ranges", ["'{[1,2)}'"]), ("domain_char", "padded", ["'ab'", "''"]),
    ("domain_numeric", "price", ["1.5", "'NaN'"]), ("domain_any_numeric", "any_number", ["1.50", "'Infinity'"]),
    ("domain_jsonb", "document", ["'{}'"]), ("domain_bytea", "blob", [r"'\x00'"]), ("domain_time", "moment", ["'2020-01-01 00:00:00.1239+00'"]),
    ("domain_citext", "email", ["'A@b'"]), ("domain_cast", "some_size", ["'s'::size"]),
    ("clam", "clam", ["''", "'a b'", r"E'\\N'"]), ("clams", "clam[]", ["'{a,NULL,\"\"}'"]), ("nut", "nut", ["'x'", "''"]), ("nuts", "nut[]", ["'{x}'"]),
    ("tick", "tick", ["'-2147483648'", "'7'"]),
    ("enum_cast", "size", ["'s'", "'l'"]), ("enums_cast", "size[]", ["'{s,m}'"]),
    ("composite_cast", "place", ["(1,2)", "(NULL,NULL)"]),
    # --- extensions
    ("hstore", "hstore", ["''", "'\"a b\"=>NULL, c=>\"d\\\"e\", \"\"=>\"NULL\"'"]),
    ("ltree", "ltree", ["''", "'Top.Sub.x_1'"]), ("lquery", "lquery", ["'Top.*{1,2}.!a|b@'"]), ("ltxtquery", "ltxtquery", ["'Europe & Russia*@ & !Moscow'"]),
    ("cube", "cube", ["'(1,2,3)'", "'(0.1,-0),(5e-324,1e308)'"]), ("seg", "seg", ["'1'", "'1.0 .. 2.50'", "'<3'", "'~4'", "'.. 5'"]),
    ("isbn13", "isbn13", ["'978-0-393-04002-9'"]), ("ean13", "ean13", ["'4719512002889'"]), ("issn", "issn", ["'1436-4522'"]),
]
