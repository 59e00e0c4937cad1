-- Why: an item that comes back may have given its stamp to another one, which is found by it.
-- The version before can run beside it: it does not look for stamps.
create index item_side_stamp on item_side (organization_id, user_id, kind, stamp) where stamp is not null;
