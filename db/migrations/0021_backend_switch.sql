-- Why: a living mailbox may go over from EWS to Microsoft Graph, and back.
-- The version before can run beside it: it goes on with the protocol that the mailbox has.

-- The protocol that the mailbox is to have; null when it has it. The next cycle carries it out.
alter table mailbox add column wanted_backend text check (wanted_backend in ('ews', 'graph'));

alter table command drop constraint command_kind_check;
alter table command add constraint command_kind_check check (kind in ('invite', 'resend', 'revoke', 'register', 'link',
  'unlink', 'reauth', 'pause', 'resume', 'syncNow', 'settings', 'decide', 'switchBackend', 'disconnect', 'delete'));
