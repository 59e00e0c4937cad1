import { gzipSync, gunzipSync } from "node:zlib";
import type { ItemChange } from "../exchange/store.ts";
import { badRequest, GraphError } from "./errors.ts";
import type { GraphRequest } from "./request.ts";

type Entity = Record<string, unknown>;

/**
 * Where a client stands in the changes of one folder. One round brings everything after `since` up to `until`, newest
 * item first, in pages that end at row `below`; `until` 0 is between rounds.
 */
export interface DeltaState {
  epoch: number;
  replica: string;
  folder: number;
  since: number;
  until: number;
  below: number;
  /** Members of the first request that every later one repeats. */
  window?: { from: number; to: number };
  query?: Record<string, string>;
}

const NO_ROW = Number.MAX_SAFE_INTEGER;
const DEFAULT_PAGE = 10;

/** So many changes of the mailbox are told twice when replays are on. */
const REPLAYED = 2;

const write = (state: DeltaState): string => gzipSync(JSON.stringify(state)).toString("base64url");

function read(text: string): DeltaState | undefined {
  try {
    return JSON.parse(
      gunzipSync(Buffer.from(text, "base64url"), { maxOutputLength: 4096 }).toString(),
    ) as DeltaState;
  } catch {
    return undefined;
  }
}

/** The first request of a round starts anew; a later one is found by its token. */
export function deltaState(
  request: GraphRequest,
  folder: number,
  begin: () => Partial<DeltaState>,
): DeltaState {
  const token = request.query("$skiptoken") ?? request.query("$deltatoken");
  const { owner, replica } = request.call.mailbox();
  if (token === undefined || token === "") {
    const latest = request.raw.url.searchParams.get("$deltatoken") === "latest";
    const since = latest ? request.call.items.sequence(owner) : 0;
    return { epoch: request.epoch, replica, folder, since, until: 0, below: NO_ROW, ...begin() };
  }
  const state = read(token);
  if (!state) throw badRequest("ErrorInvalidUrlQuery", "The token of the delta query is malformed.");
  if (state.epoch !== request.epoch || state.replica !== replica || state.folder !== folder)
    throw lost(request, state);
  request.remembered = state.query ?? {};
  return state;
}

/** @see https://learn.microsoft.com/graph/delta-query-overview (Synchronization reset) */
function lost(request: GraphRequest, { window }: DeltaState): GraphError {
  const [status, code] = request.switches.lostToken.split(" ");
  const anew = new URL(request.base + request.raw.url.pathname);
  if (window) {
    anew.searchParams.set("startDateTime", new Date(window.from).toISOString());
    anew.searchParams.set("endDateTime", new Date(window.to).toISOString());
  }
  anew.searchParams.set("$deltatoken", "");
  return new GraphError(
    Number(status),
    code ?? "",
    "The sync state generation is not found; a full synchronization is required.",
    status === "410" ? { location: anew.toString() } : {},
  );
}

/**
 * One page: changes are told until it is full; what one item brings (a series and its occurrences) stays together
 * (microsoft-graph-docs PR 4501).
 */
export function deltaPage(
  request: GraphRequest,
  state: DeltaState,
  type: string,
  tell: (change: ItemChange) => Entity[],
): Entity {
  const { items, emptyListing } = request.call;
  const answer: Entity = { "@odata.context": request.context(`${type}/$delta`), value: [] };
  if (emptyListing)
    return { ...answer, ...link(request, "$deltatoken", { ...state, until: 0, below: NO_ROW }) };
  const until = state.until === 0 ? items.sequence(request.call.mailbox().owner) : state.until;
  const size = request.prefer.pageSize ?? DEFAULT_PAGE;
  const value: Entity[] = [];
  let below = state.below;
  for (;;) {
    const limit = 256;
    const changes = items.changes(state.folder, state.since, below, limit);
    for (const change of changes) {
      below = change.row;
      value.push(...tell(change));
      if (value.length >= size) {
        const next = { ...state, until, below };
        return { ...answer, value, ...link(request, "$skiptoken", next) };
      }
    }
    if (changes.length < limit) break;
  }
  const since = request.switches.deltaReplays ? Math.max(0, until - REPLAYED) : until;
  const next = { ...state, since, until: 0, below: NO_ROW };
  return { ...answer, value, ...link(request, "$deltatoken", next) };
}

function link(request: GraphRequest, name: "$skiptoken" | "$deltatoken", state: DeltaState): Entity {
  const url = `${request.base}${request.raw.url.pathname}?${name}=${write(state)}`;
  return { [name === "$skiptoken" ? "@odata.nextLink" : "@odata.deltaLink"]: url };
}

export const removed = (id: string, type: string): Entity => ({
  "@odata.type": `#microsoft.graph.${type}`,
  id,
  "@removed": { reason: "deleted" },
});

/** What the first request of a delta asks for and all later ones repeat. */
export function queryToRemember(request: GraphRequest): Pick<DeltaState, "query"> {
  const names = ["select", "expand"].filter((name) => request.query(name) !== undefined);
  return { query: Object.fromEntries(names.map((name) => [name, request.query(name) ?? ""])) };
}

/** @throws GraphError 400 for what a change tracking query does not take */
export function refuseParameters(request: GraphRequest, names: readonly string[]): void {
  for (const name of names) {
    if (request.query(name) === undefined) continue;
    throw badRequest(
      "ErrorInvalidUrlQuery",
      `The following parameters are not supported with change tracking: '${name}'.`,
    );
  }
}
