-- Up Migration

-- An index may be one page behind its cursor, and a takeover goes back there. Workers of the version before do not write it:
-- what they leave is older than it has to be, and null until a later version has moved the cursor once.
alter table trifold.consumers add column page_window bigint;
comment on column trifold.consumers.page_window is 'The window at which the last page began: this one and those behind it are kept, so that an index which lacks the page can be written again.';

-- Down Migration

alter table trifold.consumers drop column page_window;
