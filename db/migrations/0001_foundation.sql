-- Why: organizations, users, their lifecycle and commands; row-level security from the first day.
-- The version before: none.

-- The application signs in as the owner and at once becomes this role, which owns nothing.
do $$ begin
  if not exists (select from pg_roles where rolname = 'everlink_app') then
    create role everlink_app nologin nobypassrls;
  end if;
  execute format('grant everlink_app to %I', current_user);
  execute format('grant usage on schema %I to everlink_app', current_schema());
end $$;

-- Null unless a transaction named its organization (db/client.ts): then every policy below refuses every row.
create function current_organization() returns uuid language sql stable
  return nullif(current_setting('everlink.organization', true), '')::uuid;

-- Closes a table: rows of the named organization only, for the owner too.
create procedure isolate(target regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy organization_isolation on %s using (organization_id = current_organization()) with check (organization_id = current_organization())', target);
  execute format('grant select, insert, update, delete on %s to everlink_app', target);
end $$;

create table installation (
  singleton boolean primary key default true check (singleton),
  mode text not null check (mode in ('sandbox', 'production')),
  created_at timestamptz not null default now()
);
grant select, insert on installation to everlink_app;

create table organization (
  organization_id uuid primary key,
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null check (length(name) between 1 and 200),
  settings jsonb not null default '{}',
  created_at timestamptz not null default now()
);
call isolate('organization');

-- The only way to see across organizations: their ids, nothing else. Workers need it to relay and reconcile.
create policy owner_lists on organization for select to current_user using (true);
create function organization_ids() returns setof uuid language sql stable security definer
  begin atomic select organization_id from organization order by created_at, organization_id; end;
revoke all on function organization_ids() from public;
grant execute on function organization_ids() to everlink_app;

create table connection (
  organization_id uuid not null references organization on delete cascade,
  connection_id uuid not null,
  kind text not null check (kind in ('microsoft', 'superoffice', 'mail')),
  -- Addresses and ids of the system; never a secret: those are in the vault under purpose 'connection'.
  configuration jsonb not null,
  created_at timestamptz not null default now(),
  primary key (organization_id, connection_id)
);
call isolate('connection');

-- Names and addresses in clear: here and nowhere else.
create table directory (
  organization_id uuid not null references organization on delete cascade,
  kind text not null check (kind in ('associate', 'mailbox', 'administrator')),
  -- associate number, mailbox id, administrator id
  ref text not null,
  name text not null default '',
  address text not null default '',
  updated_at timestamptz not null default now(),
  primary key (organization_id, kind, ref)
);
call isolate('directory');
create index directory_address on directory (organization_id, lower(address));

create table associate (
  organization_id uuid not null references organization on delete cascade,
  associate_id integer not null,
  connection_id uuid not null,
  retired boolean not null default false,
  seen_at timestamptz not null default now(),
  primary key (organization_id, associate_id)
);
call isolate('associate');

create table users (
  organization_id uuid not null references organization on delete cascade,
  user_id uuid not null,
  associate_id integer not null,
  created_at timestamptz not null default now(),
  primary key (organization_id, user_id),
  unique (organization_id, associate_id)
);
call isolate('users');

-- A mailbox that somebody registered: tid + oid are its identity for ever (microsoft.md §3).
create table mailbox (
  organization_id uuid not null references organization on delete cascade,
  mailbox_id uuid not null,
  user_id uuid not null,
  connection_id uuid not null,
  tenant_id uuid not null,
  object_id uuid not null,
  backend text not null default 'ews' check (backend in ('ews', 'graph')),
  registered_at timestamptz not null default now(),
  primary key (organization_id, mailbox_id),
  unique (organization_id, tenant_id, object_id),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('mailbox');

create table link (
  organization_id uuid not null references organization on delete cascade,
  user_id uuid not null,
  mailbox_id uuid not null,
  generation integer not null default 1,
  settings jsonb not null default '{}',
  linked_at timestamptz not null default now(),
  primary key (organization_id, user_id),
  unique (organization_id, mailbox_id),
  foreign key (organization_id, user_id) references users on delete cascade,
  foreign key (organization_id, mailbox_id) references mailbox on delete cascade
);
call isolate('link');

-- The authority on where a user is in life; the workflow commits every transition here by compare-and-set on seq.
create table lifecycle (
  organization_id uuid not null references organization on delete cascade,
  user_id uuid not null,
  stage text not null check (stage in
    ('invited', 'registered', 'linked', 'syncing', 'disconnected', 'erasing', 'erased', 'ended')),
  -- [{code, actor, since, problem, clearedBy}]
  holds jsonb not null default '[]',
  seq bigint not null default 0,
  fence bigint not null default 0,
  link_generation integer not null default 0,
  next_due timestamptz,
  updated_at timestamptz not null default now(),
  primary key (organization_id, user_id),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('lifecycle');
create index lifecycle_stage on lifecycle (organization_id, stage);

-- What the last cycles did; read by the console. Counters only.
create table sync_status (
  organization_id uuid not null references organization on delete cascade,
  user_id uuid not null,
  last_started_at timestamptz,
  last_succeeded_at timestamptz,
  last_problem text,
  problem_since timestamptz,
  cycles bigint not null default 0,
  primary key (organization_id, user_id),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('sync_status');

create table command (
  organization_id uuid not null references organization on delete cascade,
  command_id uuid not null,
  -- insertion order; the workflow reduces pending rows in this order
  position bigint generated always as identity,
  user_id uuid not null,
  actor text not null,
  kind text not null check (kind in ('invite', 'resend', 'revoke', 'register', 'link', 'unlink', 'reauth',
    'pause', 'resume', 'syncNow', 'settings', 'disconnect', 'delete')),
  body jsonb not null default '{}',
  expected_generation integer,
  created_at timestamptz not null default now(),
  delivered_at timestamptz,
  settled_at timestamptz,
  outcome jsonb,
  primary key (organization_id, command_id),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('command');
create index command_pending on command (organization_id, user_id, position) where settled_at is null;
create index command_undelivered on command (organization_id, created_at) where delivered_at is null;

-- Who did what. Ids and codes only; insert-only for the application.
create table audit (
  organization_id uuid not null references organization on delete cascade,
  audit_id bigint generated always as identity,
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  subject text not null,
  detail jsonb not null default '{}',
  primary key (organization_id, audit_id)
);
call isolate('audit');
revoke update, delete on audit from everlink_app;

-- What happened to one user, as the person's page tells it. Codes and counters only.
create table timeline (
  organization_id uuid not null references organization on delete cascade,
  entry_id bigint generated always as identity,
  user_id uuid not null,
  at timestamptz not null default now(),
  kind text not null,
  detail jsonb not null default '{}',
  primary key (organization_id, entry_id),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('timeline');
create index timeline_user on timeline (organization_id, user_id, entry_id desc);

-- Erased users: random ids only. Replayed over a restored backup before workers start.
create table erasure (
  organization_id uuid not null references organization on delete cascade,
  user_id uuid not null,
  requested_at timestamptz not null default now(),
  completed_at timestamptz,
  receipt jsonb,
  primary key (organization_id, user_id)
);
call isolate('erasure');
revoke delete on erasure from everlink_app;
