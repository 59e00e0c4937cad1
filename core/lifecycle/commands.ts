/** What an administrator, a person or a policy may wish for a user (design §3). Each is a row and a signal by name. */
export const commandKinds = [
  "invite",
  "resend",
  "revoke",
  "register",
  "link",
  "unlink",
  "undoUnlink",
  "reauth",
  "pause",
  "resume",
  "syncNow",
  "settings",
  "switchBackend",
  "decide",
  "disconnect",
  "delete",
] as const;

export type CommandKind = (typeof commandKinds)[number];

/** What an operator may send from the Temporal Web UI as a bare signal; the workflow makes a row of it. */
export const bareCommandKinds = ["pause", "resume", "syncNow"] as const satisfies readonly CommandKind[];

export type BareCommandKind = (typeof bareCommandKinds)[number];
