-- Up Migration

-- Nullable and without a default, so that no row is written: it takes a moment on a table of any size.
alter table products
  add column description text,
  add column category text;

-- Down Migration

alter table products
  drop column description,
  drop column category;
