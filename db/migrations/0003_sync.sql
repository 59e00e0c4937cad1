-- Why: what sync remembers of each item, without content: ids, keyed hashes, intents, cursors, findings, the brake.
-- The version before can run beside it: it does not know these tables.

-- The identity of one item on both sides.
create table item_link (
  organization_id uuid not null references organization on delete cascade,
  item_link_id uuid not null,
  user_id uuid not null,
  kind text not null check (kind in ('appointment', 'task', 'contact')),
  -- stamp of the item that Everlink makes for this link
  key text collate "C" not null,
  revision integer not null,
  state text not null check (state in ('new', 'single', 'linked', 'untouched', 'deleted')),
  reason text,
  masked boolean not null,
  -- {field: keyed hash}: what both sides last had in common
  agreed jsonb not null,
  pending boolean not null,
  not_before timestamptz,
  attempts integer not null,
  held text check (held in ('crm', 'mailbox')),
  rewrites integer not null,
  rewrites_since timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organization_id, item_link_id),
  unique (organization_id, user_id, kind, key),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('item_link');
create index item_link_pending on item_link (organization_id, user_id, kind, not_before) where pending;
create index item_link_new on item_link (organization_id, user_id, kind) where state = 'new';
create index item_link_held on item_link (organization_id, user_id, kind) where held is not null;
create index item_link_tombstone on item_link (organization_id, updated_at) where state = 'deleted';

-- One side of it. Refs, versions and UIDs are the systems' own: compared byte by byte.
create table item_side (
  organization_id uuid not null references organization on delete cascade,
  item_link_id uuid not null,
  side text not null check (side in ('crm', 'mailbox')),
  user_id uuid not null,
  kind text not null,
  ref text collate "C" not null,
  version text collate "C" not null,
  uid text collate "C",
  stamp text collate "C",
  -- {field: keyed hash}: this side's own values whose changes have all been handled
  base jsonb not null,
  -- known to lie outside of the window: absence from a listing means nothing
  out boolean not null,
  -- no stored cursor has passed it yet: its delete might not be told
  unconfirmed boolean not null default false,
  -- the last listing that spanned slices and told it
  listed integer not null default 0,
  primary key (organization_id, item_link_id, side),
  unique (organization_id, user_id, kind, side, ref),
  foreign key (organization_id, item_link_id) references item_link on delete cascade
);
call isolate('item_side');
create index item_side_unconfirmed on item_side (organization_id, user_id, kind) where unconfirmed;
create index item_side_uid on item_side (organization_id, user_id, kind, side, uid) where uid is not null;

-- A remote write, recorded before it is made. Holds hashes of what it writes, never the values: they are read again
-- from the source. One intent per revision of a link, one outcome per intent.
create table intent (
  organization_id uuid not null references organization on delete cascade,
  intent_id uuid not null,
  user_id uuid not null,
  item_link_id uuid not null,
  target text not null check (target in ('crm', 'mailbox')),
  operation text not null check (operation in ('create', 'update', 'delete')),
  link_revision integer not null,
  row smallint not null,
  fields text[] not null,
  key text collate "C" not null,
  source jsonb not null,
  expected jsonb not null,
  narrow jsonb not null,
  masked boolean not null,
  counted boolean not null,
  at timestamptz not null,
  outcome text check (outcome in ('applied', 'adopted', 'refused', 'not-applied')),
  settled_at timestamptz,
  primary key (organization_id, intent_id),
  unique (organization_id, item_link_id, target, operation, link_revision),
  -- not of the link: the ledger outlives it
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('intent');
create index intent_open on intent (organization_id, user_id) where outcome is null;
create index intent_settled on intent (organization_id, settled_at);

-- How far each side was read. A new generation of the user's link starts from nothing.
create table sync_cursor (
  organization_id uuid not null references organization on delete cascade,
  user_id uuid not null,
  kind text not null,
  side text not null check (side in ('crm', 'mailbox')),
  generation integer not null,
  -- null: to be listed from nothing
  cursor text,
  listing integer not null,
  open boolean not null,
  -- the listing replaces a cursor that was lost
  thorough boolean not null,
  window_from text not null,
  window_to text not null,
  updated_at timestamptz not null default now(),
  primary key (organization_id, user_id, kind, side),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('sync_cursor');

-- Which account stands behind a side, as a hash: another one means other items.
create table sync_account (
  organization_id uuid not null references organization on delete cascade,
  user_id uuid not null,
  kind text not null,
  side text not null check (side in ('crm', 'mailbox')),
  account text not null,
  primary key (organization_id, user_id, kind, side),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('sync_account');

create table finding (
  organization_id uuid not null references organization on delete cascade,
  user_id uuid not null,
  item_link_id uuid not null,
  code text not null,
  row smallint not null,
  fields text[] not null,
  since timestamptz not null,
  primary key (organization_id, item_link_id, code),
  foreign key (organization_id, item_link_id) references item_link on delete cascade
);
call isolate('finding');
create index finding_user on finding (organization_id, user_id, since desc);

-- An item's "why": row of the decision table, field names, no values. Kept for three months.
create table item_event (
  organization_id uuid not null references organization on delete cascade,
  event_id bigint generated always as identity,
  user_id uuid not null,
  item_link_id uuid not null,
  at timestamptz not null,
  row smallint not null,
  action text not null,
  target text check (target in ('crm', 'mailbox')),
  fields text[] not null,
  primary key (organization_id, event_id),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('item_event');
create index item_event_user on item_event (organization_id, user_id, event_id desc);
create index item_event_at on item_event (organization_id, at);

-- Losers of conflicts, sealed with the user's data key.
create table conflict_archive (
  organization_id uuid not null references organization on delete cascade,
  archive_id bigint generated always as identity,
  user_id uuid not null,
  item_link_id uuid not null,
  at timestamptz not null,
  side text not null check (side in ('crm', 'mailbox')),
  row smallint not null,
  fields text[] not null,
  sealed text not null,
  primary key (organization_id, archive_id),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('conflict_archive');
create index conflict_archive_user on conflict_archive (organization_id, user_id, archive_id desc);

-- Destructive writes that were made; the brake counts the last 24 hours.
create table brake_entry (
  organization_id uuid not null references organization on delete cascade,
  intent_id uuid not null,
  user_id uuid not null,
  kind text not null,
  target text not null check (target in ('crm', 'mailbox')),
  at timestamptz not null,
  primary key (organization_id, intent_id),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('brake_entry');
create index brake_entry_at on brake_entry (organization_id, user_id, kind, at);

-- Destructive writes that wait for a person; plan_hash names the held links.
create table brake_hold (
  organization_id uuid not null references organization on delete cascade,
  user_id uuid not null,
  kind text not null,
  target text not null check (target in ('crm', 'mailbox')),
  plan_hash text not null,
  count integer not null,
  since timestamptz not null,
  choice text check (choice in ('apply', 'restore')),
  expires_at timestamptz,
  primary key (organization_id, user_id, kind, target),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('brake_hold');

create table sync_hour (
  organization_id uuid not null references organization on delete cascade,
  user_id uuid not null,
  hour timestamptz not null,
  slices integer not null default 0,
  read_crm integer not null default 0,
  read_mailbox integer not null default 0,
  created_crm integer not null default 0,
  created_mailbox integer not null default 0,
  updated_crm integer not null default 0,
  updated_mailbox integer not null default 0,
  deleted_crm integer not null default 0,
  deleted_mailbox integer not null default 0,
  calls_crm integer not null default 0,
  calls_mailbox integer not null default 0,
  adopted integer not null default 0,
  conflicts integer not null default 0,
  findings integer not null default 0,
  parked integer not null default 0,
  held integer not null default 0,
  primary key (organization_id, user_id, hour),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('sync_hour');
create index sync_hour_at on sync_hour (organization_id, hour);
