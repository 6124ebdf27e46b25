\restrict Ab1
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
COPY public.t (a, "b;") FROM stdin;
1	it's
\N	\\.
\.
\unrestrict Ab1
