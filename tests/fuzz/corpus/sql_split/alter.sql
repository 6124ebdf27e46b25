alter table s.t add constraint f foreign key (a) references u not valid, drop column b cascade;
create index concurrently i on t (a); drop index concurrently s.i; vacuum full t;
with x as (delete from t returning *) select * from x, y for update; truncate a, b;
