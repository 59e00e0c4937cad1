-- Why: a link may end with what Everlink made on one side removed there; shown first, and undone until it begins.
-- The version before can run beside it: it does not know these tables, and whoever waits for a removal waits for the new one.

alter table command drop constraint command_kind_check;
alter table command add constraint command_kind_check check (kind in ('invite', 'resend', 'revoke', 'register', 'link',
  'unlink', 'undoUnlink', 'reauth', 'pause', 'resume', 'syncNow', 'settings', 'decide', 'switchBackend', 'disconnect',
  'delete'));

-- A plan as it was shown, and the removal that follows when somebody decides for it. It never changes once it is made.
create table removal (
  organization_id uuid not null references organization on delete cascade,
  removal_id uuid not null,
  user_id uuid not null,
  side text not null check (side in ('crm', 'mailbox')),
  -- of the link that it is about
  generation integer not null,
  created_at timestamptz not null default now(),
  -- null while it is being made
  made_at timestamptz,
  problem text,
  -- [{kind, stays, samples}]: counts by reason and a few samples (row, operation, time), no content
  kinds jsonb not null default '[]',
  primary key (organization_id, removal_id),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('removal');
create index removal_user on removal (organization_id, user_id, created_at desc);

-- Exactly what it removes. Not of the item link: the outcome outlives it.
create table removal_item (
  organization_id uuid not null references organization on delete cascade,
  removal_id uuid not null,
  item_link_id uuid not null,
  user_id uuid not null,
  kind text not null check (kind in ('appointment', 'task', 'contact')),
  -- removed, or why it stayed
  outcome text,
  primary key (organization_id, removal_id, item_link_id),
  foreign key (organization_id, removal_id) references removal on delete cascade
);
call isolate('removal_item');
create index removal_item_left on removal_item (organization_id, removal_id, kind) where outcome is null;

create or replace function shown_state(stage text, holds jsonb) returns text language sql immutable
  begin atomic
    select coalesce(
      (select word from unnest(array['erased', 'erasing', 'ended', 'disconnected', 'blocked', 'needs-reauth',
          'removal', 'brake', 'preview', 'gate', 'paused']) with ordinality as worst(word, rank)
        where word = stage or holds @> jsonb_build_array(jsonb_build_object('code', word))
        order by rank limit 1),
      stage);
  end;
