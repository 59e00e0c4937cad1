import type { SandboxContext } from "../context.ts";
import { FolderStore } from "./folders.ts";
import { ItemStore } from "./store.ts";
import { SwitchBoard } from "./switches.ts";

/** What the whole server shares between calls. */
export interface Server {
  context: SandboxContext;
  items: ItemStore;
  folders: FolderStore;
  switches: SwitchBoard;
}

const servers = new WeakMap<SandboxContext, Server>();

/** The one mailbox server of a sandbox: EWS and Graph are two languages spoken by it. */
export function mailboxServer(context: SandboxContext): Server {
  let server = servers.get(context);
  if (!server) {
    const items = new ItemStore(context.db);
    server = { context, items, folders: new FolderStore(items), switches: new SwitchBoard(context.db) };
    servers.set(context, server);
  }
  return server;
}
