CREATE TABLE invoices (id bigint PRIMARY KEY, org_id bigint REFERENCES orgs (id));
CREATE INDEX invoices_org ON invoices (org_id);

	ALTER TABLE shop."Order" ADD COLUMN state text, ADD CONSTRAINT known FOREIGN KEY (state) REFERENCES states (code) ON DELETE CASCADE;
CREATE INDEX "50% größer, schneller" ON accounts (email);
ALTER TABLE accounts ALTER COLUMN email SET NOT NULL,
  ALTER age TYPE bigint;
