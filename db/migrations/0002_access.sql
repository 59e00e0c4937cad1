-- Why: invitations, registration, sessions and tokens of the console, the vault and the outbox of mails.
-- The version before can run beside it: it only adds.

-- The key, wrapped by the root key, that makes the hashes by which links, codes, sessions and tokens are found.
alter table installation add column lookup_key bytea;
grant update (lookup_key) on installation to everlink_app;

-- A personal, expiring request to register, or to sign in again (purpose 'reauth').
create table invitation (
  organization_id uuid not null references organization on delete cascade,
  invitation_id uuid not null,
  user_id uuid not null,
  purpose text not null default 'invitation' check (purpose in ('invitation', 'reauth')),
  actor text not null,
  -- Subject, message, sender name and reply address, sealed with the user's data key: words of people.
  texts bytea,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  started_at timestamptz,
  registered_at timestamptz,
  revoked_at timestamptz,
  primary key (organization_id, invitation_id),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('invitation');
create index invitation_user on invitation (organization_id, user_id, created_at desc);

-- Links and codes, many to one invitation: only HMAC-SHA256 of each is stored.
create table invitation_secret (
  organization_id uuid not null references organization on delete cascade,
  hash bytea not null primary key check (length(hash) = 32),
  invitation_id uuid not null,
  kind text not null check (kind in ('link', 'code')),
  -- The mail that carries it; null when an administrator copied it.
  mail_id uuid,
  created_at timestamptz not null default now(),
  foreign key (organization_id, invitation_id) references invitation on delete cascade
);
call isolate('invitation_secret');
create index invitation_secret_invitation on invitation_secret (organization_id, invitation_id);

-- One sign-in that was begun. State and browser are hashed; nonce and PKCE verifier are sealed.
create table registration_attempt (
  organization_id uuid not null references organization on delete cascade,
  attempt_id uuid not null,
  invitation_id uuid not null,
  user_id uuid not null,
  state_hash bytea not null unique check (length(state_hash) = 32),
  browser_hash bytea not null check (length(browser_hash) = 32),
  sealed bytea not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  finished_at timestamptz,
  -- 'registered' or the code of what went wrong
  outcome text,
  -- Who signed in instead of the invited one, sealed with the user's data key.
  signed_in_as bytea,
  primary key (organization_id, attempt_id),
  foreign key (organization_id, invitation_id) references invitation on delete cascade,
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('registration_attempt');
create index registration_attempt_user on registration_attempt (organization_id, user_id, created_at desc);

create table console_link (
  organization_id uuid not null references organization on delete cascade,
  hash bytea not null primary key check (length(hash) = 32),
  role text not null check (role in ('owner', 'administrator', 'helpdesk', 'auditor')),
  administrator_id uuid not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
call isolate('console_link');

create table session (
  organization_id uuid not null references organization on delete cascade,
  hash bytea not null primary key check (length(hash) = 32),
  role text not null check (role in ('owner', 'administrator', 'helpdesk', 'auditor')),
  administrator_id uuid not null,
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  expires_at timestamptz not null
);
call isolate('session');

create table api_token (
  organization_id uuid not null references organization on delete cascade,
  token_id uuid not null,
  hash bytea not null unique check (length(hash) = 32),
  name text not null check (length(name) between 1 and 100),
  role text not null check (role in ('owner', 'administrator', 'helpdesk', 'auditor')),
  created_by text not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz,
  primary key (organization_id, token_id)
);
call isolate('api_token');

-- Keys of one user, or of the organization (user_id null), wrapped by the root key. Gone with the user: what they
-- sealed is unreadable from then on.
create table vault_key (
  organization_id uuid not null references organization on delete cascade,
  user_id uuid,
  purpose text not null check (purpose in ('data', 'fingerprint')),
  wrapped bytea not null,
  created_at timestamptz not null default now(),
  unique nulls not distinct (organization_id, user_id, purpose),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('vault_key');

create table vault_entry (
  organization_id uuid not null references organization on delete cascade,
  user_id uuid,
  purpose text not null,
  entry_id text not null,
  -- Raised by every write; a writer names the version that it read. It begins with the time, so that an entry which
  -- was removed and made anew is at no version that an earlier reader may still hold.
  version bigint not null default (extract(epoch from clock_timestamp()) * 1000)::bigint,
  sealed bytea not null,
  updated_at timestamptz not null default now(),
  unique nulls not distinct (organization_id, user_id, purpose, entry_id),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('vault_entry');

-- Who may refresh a permission just now; expires by itself when its holder dies.
create table vault_lease (
  organization_id uuid not null references organization on delete cascade,
  user_id uuid not null,
  holder uuid not null,
  expires_at timestamptz not null,
  primary key (organization_id, user_id),
  foreign key (organization_id, user_id) references users on delete cascade
);
call isolate('vault_lease');

-- Every mail, before it is sent. No text, name, address or link: those are made at the moment of sending.
create table outbox (
  organization_id uuid not null references organization on delete cascade,
  mail_id uuid not null,
  user_id uuid not null,
  kind text not null check (kind in ('invitation', 'reauth', 'recovery')),
  invitation_id uuid,
  -- Code of the error table that the mail speaks of.
  reason text,
  dedupe_key text not null,
  message_id text not null,
  state text not null default 'queued' check (state in ('queued', 'sending', 'accepted', 'refused', 'uncertain', 'withdrawn')),
  problem text,
  attempts integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organization_id, mail_id),
  unique (organization_id, dedupe_key),
  foreign key (organization_id, user_id) references users on delete cascade,
  foreign key (organization_id, invitation_id) references invitation on delete cascade
);
call isolate('outbox');
create index outbox_invitation on outbox (organization_id, invitation_id, created_at desc);

-- A secret that comes from outside names its organization: these find it by hash, and tell nothing else.
create policy owner_finds on invitation_secret for select to current_user using (true);
create policy owner_finds on registration_attempt for select to current_user using (true);
create policy owner_finds on console_link for select to current_user using (true);
create policy owner_finds on session for select to current_user using (true);
create policy owner_finds on api_token for select to current_user using (true);

create function organization_of_secret(kind text, secret_hash bytea) returns uuid
  language sql stable security definer
  begin atomic
    select organization_id from invitation_secret where kind in ('link', 'code') and hash = secret_hash
    union all
    select organization_id from registration_attempt where kind = 'state' and state_hash = secret_hash
    union all
    select organization_id from console_link where kind = 'console-link' and hash = secret_hash
    union all
    select organization_id from session where kind = 'session' and hash = secret_hash
    union all
    select organization_id from api_token where kind = 'token' and hash = secret_hash
    limit 1;
  end;
revoke all on function organization_of_secret(text, bytea) from public;
grant execute on function organization_of_secret(text, bytea) to everlink_app;

-- The console's list sorts and ticks by these.
create index lifecycle_updated on lifecycle (organization_id, updated_at desc);
create index lifecycle_due on lifecycle (organization_id, next_due);
create index sync_status_succeeded on sync_status (organization_id, last_succeeded_at desc);
create index command_settled on command (organization_id, settled_at desc nulls last);

-- The one word that people see, worst first (core/lifecycle, shownState; a test compares the two).
create function shown_state(stage text, holds jsonb) returns text language sql immutable
  begin atomic
    select coalesce(
      (select word from unnest(array['erased', 'erasing', 'ended', 'disconnected', 'blocked', 'needs-reauth',
          'brake', 'preview', 'gate', 'paused']) with ordinality as worst(word, rank)
        where word = stage or holds @> jsonb_build_array(jsonb_build_object('code', word))
        order by rank limit 1),
      stage);
  end;
grant execute on function shown_state(text, jsonb) to everlink_app;
