\restrict Ab1
SET standard_conforming_strings = on;
SELECT pg_catalog.set_co@fig('search_path', '', false);
COPY public.t op(a, "b;") FROM stdin;
1	it's
\N	\\.
\.
\unrestrict Ab1
