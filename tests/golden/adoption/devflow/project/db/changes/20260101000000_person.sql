CREATE TABLE person (id int);
