select E'a\';b', U&'\0041', $$x$$, a$b$, 'a'
'b' /* ; /* ; */ */;
select 1 \gset
select 2\;select 3