-- Why: how long an intent is open decides when its outcome can be looked up; the machines that sync runs on need not
-- agree about the time. The version before can run beside this one: the column fills itself.
alter table intent add column recorded_at timestamptz not null default clock_timestamp();
