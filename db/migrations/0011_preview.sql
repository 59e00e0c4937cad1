-- Why: what a first sync would do, for somebody to look at before it does.
-- The version before can run beside it: it does not know this table.

-- The latest plan of each kind; counts and a few samples (row, operation, time), no content.
create table preview (
  organization_id uuid not null references organization on delete cascade,
  user_id uuid not null,
  kind text not null check (kind in ('appointment', 'task', 'contact')),
  -- of the link that it is about
  generation integer not null,
  plan jsonb not null,
  made_at timestamptz not null default now(),
  primary key (organization_id, user_id, kind),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('preview');
