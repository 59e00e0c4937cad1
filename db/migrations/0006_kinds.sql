-- Why: settings, counts and problems per kind of item.
-- The version before can not run beside it: it would count hours without a kind.

-- The settings under which the listing was made (planningText); null: made before this was noted.
alter table sync_cursor add column settings text;

alter table sync_hour add column kind text not null default 'appointment';
alter table sync_hour alter column kind drop default;
alter table sync_hour drop constraint sync_hour_pkey;
alter table sync_hour add primary key (organization_id, user_id, hour, kind);

-- {task: {problem, since}}: the kinds that did not come to a good end in the last cycle.
alter table sync_status add column problems jsonb not null default '{}';
