import { settingsOn } from "../database.ts";
import type { DatabaseSync } from "node:sqlite";

/**
 * Behaviours of Graph that no document settles, each with what is known about it; a client must work with every
 * position. `POST /control/graph` and tests turn them.
 */
export interface GraphSwitches {
  /**
   * calendarView/delta tells changed items outside the window as `@removed`; this says whether also those that were
   * created there since (microsoftgraph/microsoft-graph-docs#6599, microsoft-graph-docs-contrib#4258).
   */
  removedOutsideWindow: boolean;
  /** A deleted occurrence has no sign of its own in a delta answer (found by experiment, microsoft-graph-docs PR 4501). */
  deletedOccurrences: "silent" | "removed";
  /**
   * Occurrences in a delta answer carry id, type, start, end and seriesMasterId only (microsoft-graph-docs#7632), or
   * everything.
   */
  deltaOccurrences: "slim" | "full";
  /** Whether a delta answer tells a series' master before its occurrences; the reference's example has none. */
  deltaMasters: boolean;
  /**
   * A delta round tells the last changes of the round before once more: "Your application should be prepared for
   * replays" (delta-query-overview), which come when they come.
   */
  deltaReplays: boolean;
  /** How a delta token that is no longer known is refused; the overview of delta queries names 410 and 40x. */
  lostToken: "410 syncStateNotFound" | "410 resyncRequired" | "400 syncStateNotFound";
  /**
   * Which changes of a meeting mail its attendees: of what they see, or any. The reference says that an update of the
   * attendees alone mails the new ones, and nothing about the rest.
   */
  updateMails: "sharedFields" | "always";
  /** If-Match on updates and deletes: honoured, or taken without a look; no page of the Outlook resources promises it. */
  ifMatch: "honoured" | "ignored";
  /** Whether an event that lies in Deleted Items still answers to its immutable id. */
  binnedByImmutableId: "gone" | "found";
  /**
   * A `transactionId` whose event was deleted since: a new event, or `ErrorDuplicateTransactionId`. No document says
   * how long one lives; while the event lives, the same content gets it again (alcionai/corso#2490).
   */
  deletedTransaction: "new event" | "refused";
  /** Whether `Prefer: IdType` reaches tasks; outlook-immutable-id does not list todoTask. */
  immutableTaskIds: boolean;
  /**
   * Tasks are answered with their linkedResources unasked: so in the example of "List tasks", not so in the one of
   * "Get todoTask"; `$expand` gets them in any case.
   */
  linkedResourcesUnasked: boolean;
  /** Calls at once by one application on one mailbox; Microsoft documents 4. */
  mailboxConcurrency: number;
  /** Retry-After of throttling answers, in seconds; `null`: without the header, as seen in the wild. */
  retryAfterSeconds: number | null;
}

export const DEFAULT_SWITCHES: GraphSwitches = {
  removedOutsideWindow: true,
  deletedOccurrences: "silent",
  deltaOccurrences: "slim",
  deltaMasters: true,
  deltaReplays: false,
  lostToken: "410 syncStateNotFound",
  updateMails: "sharedFields",
  ifMatch: "honoured",
  binnedByImmutableId: "gone",
  deletedTransaction: "new event",
  immutableTaskIds: false,
  linkedResourcesUnasked: false,
  mailboxConcurrency: 4,
  retryAfterSeconds: 1,
};

const positions: Partial<Record<keyof GraphSwitches, readonly unknown[]>> = {
  deletedOccurrences: ["silent", "removed"],
  deltaOccurrences: ["slim", "full"],
  lostToken: ["410 syncStateNotFound", "410 resyncRequired", "400 syncStateNotFound"],
  updateMails: ["sharedFields", "always"],
  ifMatch: ["honoured", "ignored"],
  binnedByImmutableId: ["gone", "found"],
  deletedTransaction: ["new event", "refused"],
};

function fits(name: keyof GraphSwitches, value: unknown): boolean {
  if (name === "retryAfterSeconds") return value === null || Number.isInteger(value);
  if (name === "mailboxConcurrency") return Number.isInteger(value) && Number(value) > 0;
  return positions[name]?.includes(value) ?? typeof value === typeof DEFAULT_SWITCHES[name];
}

const SETTING = "graph.switches";
const EPOCH = "graph.deltaEpoch";

/** The switches of one Graph, and the life of its delta tokens; both outlive a restart. */
export class GraphSwitchBoard {
  readonly #settings: ReturnType<typeof settingsOn>;
  #now: GraphSwitches;

  constructor(db: DatabaseSync) {
    this.#settings = settingsOn(db);
    const turned = this.#settings.get(SETTING) ?? "{}";
    this.#now = { ...DEFAULT_SWITCHES, ...(JSON.parse(turned) as Partial<GraphSwitches>) };
  }

  get now(): Readonly<GraphSwitches> {
    return this.#now;
  }

  /** Delta tokens of an earlier epoch are no longer known. */
  get epoch(): number {
    return Number(this.#settings.get(EPOCH) ?? 1);
  }

  /**
   * @param settings  switches, and `forgetDeltaTokens: true`
   * @throws Error that names every unknown switch and every position that does not exist; nothing is turned then
   */
  turn(settings: Record<string, unknown>): GraphSwitches {
    const { forgetDeltaTokens, ...switches } = settings;
    const mistakes = Object.entries(switches).flatMap(([name, value]) => {
      if (!Object.hasOwn(DEFAULT_SWITCHES, name)) return [`no switch is called ${name}`];
      return fits(name as keyof GraphSwitches, value) ? [] : [`${name} cannot be ${JSON.stringify(value)}`];
    });
    if (forgetDeltaTokens !== undefined && forgetDeltaTokens !== true)
      mistakes.push("forgetDeltaTokens can be true only");
    if (mistakes.length > 0) throw new Error(`Graph switches: ${mistakes.join("; ")}`);
    this.#now = { ...this.#now, ...switches };
    this.#settings.set(SETTING, JSON.stringify(this.#now));
    if (forgetDeltaTokens) this.#settings.set(EPOCH, String(this.epoch + 1));
    return this.#now;
  }

  clear(): void {
    this.#settings.remove(SETTING);
    this.#now = { ...DEFAULT_SWITCHES };
  }
}
