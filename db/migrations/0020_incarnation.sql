-- Why: a store that came back from a backup, or was replaced: its item links are to be found again before they count.
-- The version before can run beside it: it does not know that anything is to be found again.

-- Tells an item from another one that was given its ref later; null where the system has no such mark.
alter table item_side add column born text collate "C";
alter table item_side add column unverified boolean not null default false;
create index item_side_unverified on item_side (organization_id, user_id, kind) where unverified;

-- What the store called itself when it was listed; null where it has no such word.
alter table sync_cursor add column incarnation text;
