-- Why: people decide about single items; what they have dismissed stays dismissed as long as nothing changes.
-- The version before can run beside it: it only adds.

alter table command drop constraint command_kind_check;
alter table command add constraint command_kind_check check (kind in ('invite', 'resend', 'revoke', 'register',
  'link', 'unlink', 'reauth', 'pause', 'resume', 'syncNow', 'settings', 'decide', 'disconnect', 'delete'));

-- {kind, side, state} or {kind, archiveId}: what a person decided and no slice has carried out yet.
alter table item_link add column choice jsonb;

-- {crm, mailbox}: digests of what each side held when the finding was told.
alter table finding add column state jsonb not null default '{}';
alter table finding add column dismissed_at timestamptz;

-- Who decided; null for what sync did by itself.
alter table item_event add column actor text;
create index item_event_item on item_event (organization_id, item_link_id, event_id desc);

-- Of what was archived before this was noted nothing is known: it is shown to nobody.
alter table conflict_archive add column private boolean not null default true;
create index conflict_archive_item on conflict_archive (organization_id, item_link_id, archive_id desc);

create index item_link_listed on item_link (organization_id, user_id, updated_at desc, item_link_id);

-- Values of one item, read live from both systems for one person who asked, sealed with the user's data key. It is
-- taken away with the answer; what nobody fetched ends after two minutes.
create table item_look (
  organization_id uuid not null references organization on delete cascade,
  look_id uuid not null,
  user_id uuid not null,
  item_link_id uuid not null,
  -- null until it was read
  sealed text,
  problem text,
  made_at timestamptz not null default now(),
  primary key (organization_id, look_id),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('item_look');
