-- Why: what else the state machine of a user keeps (pending mails, retries, the live invitation); erased associates.
-- The version before can run beside it: it only adds.

-- {mailboxId, invitation, duties, trouble}: ids, codes and times only. next_due is when the next cycle is planned.
alter table lifecycle add column course jsonb not null default '{}';

-- Associates whose user was erased: their names are not fetched from SuperOffice again unless somebody invites them
-- anew. SuperOffice's number and nothing else.
create table erased_associate (
  organization_id uuid not null references organization on delete cascade,
  associate_id integer not null,
  erased_at timestamptz not null default now(),
  primary key (organization_id, associate_id)
);
call isolate('erased_associate');

create index erasure_open on erasure (organization_id, requested_at) where completed_at is null;
