-- Why: a system says that something changed; whose cycle that concerns is woken, at most every 20 seconds.
-- The version before can run beside it: it only adds.

create table notified (
  organization_id uuid not null references organization on delete cascade,
  user_id uuid not null,
  -- kinds of which something was told since the user was woken last; empty: nothing waits
  kinds text[] not null,
  woken_at timestamptz,
  primary key (organization_id, user_id),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('notified');

-- A delete is told by the item's id alone.
create index item_side_in_crm on item_side (organization_id, ref) where side = 'crm';
