DROP TABLE tag;
UPDATE public.schema_migrations SET rolled_back_at = clock_timestamp() WHERE name = '20260103000000_tag.sql';
