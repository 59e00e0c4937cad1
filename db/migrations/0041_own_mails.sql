-- Why: two people who had to sign in again since the same millisecond shared a key, and the second was never mailed.
-- The version before can run beside it: a mail that it cannot put into the outbox is tried again until the new one does.
alter table outbox add constraint outbox_key unique (organization_id, user_id, dedupe_key);
alter table outbox drop constraint outbox_organization_id_dedupe_key_key;
