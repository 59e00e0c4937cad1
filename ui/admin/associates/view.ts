import type { StateWord as StateWordSchema } from "../../../api/contract/user.ts";
import type { z } from "@hono/zod-openapi";

export type StateWord = z.infer<typeof StateWordSchema>;
export type SortKey = "name" | "address" | "state" | "lastSync" | "nextSync";
export type Order = "asc" | "desc";

/** What the URL says about the home page. Absent means the default, so that the plain address stays plain. */
export interface HomeSearch {
  /** Part of a name or address. */
  q?: string;
  /** States separated by commas. */
  state?: string;
  problem?: "any";
  sort?: SortKey;
  order?: Order;
  /** The person whose drawer is open: a user's id, or `a` and the associate's number while not invited. */
  person?: string;
  /** What of the person is shown, where it is not the overview; and which of the items. */
  tab?: "items";
  item?: string;
}

/** What decides which rows come, and in which order. */
export interface ListView {
  search: string;
  states: readonly StateWord[];
  problem: boolean;
  sort: SortKey;
  order: Order;
}

/** In the order in which they are shown: what needs someone first, then the way from invitation to syncing. */
export const stateOrder = [
  "syncing",
  "needs-reauth",
  "blocked",
  "removal",
  "brake",
  "gate",
  "preview",
  "paused",
  "linked",
  "registered",
  "invited",
  "ended",
  "disconnected",
  "erasing",
  "erased",
  "not-invited",
] as const satisfies readonly StateWord[];

const sortKeys = ["name", "address", "state", "lastSync", "nextSync"] as const satisfies readonly SortKey[];

/** Anything may stand in an address; what is not understood is left out and never breaks the page. */
export function parseSearch(raw: Record<string, unknown>): HomeSearch {
  const q = textOf(raw["q"]).slice(0, 200);
  const states = statesOf(textOf(raw["state"]));
  const sort = sortKeys.find((key) => key === raw["sort"]);
  const person = textOf(raw["person"]);
  return {
    ...(q ? { q } : {}),
    ...(states.length > 0 ? { state: states.join(",") } : {}),
    ...(raw["problem"] === "any" ? { problem: "any" as const } : {}),
    ...(sort && sort !== "name" ? { sort } : {}),
    ...(raw["order"] === "desc" ? { order: "desc" as const } : {}),
    ...(/^(a\d{1,10}|[0-9a-f-]{36})$/i.test(person) ? { person, ...placeIn(raw) } : {}),
  };
}

/** Where in the person's drawer. */
function placeIn(raw: Record<string, unknown>): Pick<HomeSearch, "tab" | "item"> {
  if (raw["tab"] !== "items") return {};
  const item = textOf(raw["item"]);
  return { tab: "items", ...(/^[0-9a-f-]{36}$/i.test(item) ? { item } : {}) };
}

// The router reads `?q=123` as a number.
function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
}

function statesOf(text: string): StateWord[] {
  const named = new Set(text.split(","));
  return stateOrder.filter((state) => named.has(state));
}

export function viewOf(search: HomeSearch): ListView {
  return {
    search: search.q ?? "",
    states: statesOf(search.state ?? ""),
    problem: search.problem === "any",
    sort: search.sort ?? "name",
    order: search.order ?? "asc",
  };
}

/** The query of `GET /associates`. */
export function toQuery(view: ListView) {
  return {
    sort: view.sort,
    order: view.order,
    ...(view.search ? { search: view.search } : {}),
    ...(view.states.length > 0 ? { state: view.states.join(",") } : {}),
    ...(view.problem ? { problem: "any" as const } : {}),
  };
}

export function isFiltered(view: ListView): boolean {
  return view.search !== "" || view.states.length > 0 || view.problem;
}

/** A click on a column's head: the same column turns round, another one begins ascending, times with the latest. */
export function sortBy(view: ListView, key: SortKey): Pick<HomeSearch, "sort" | "order"> {
  const first: Order = key === "lastSync" ? "desc" : "asc";
  const turned: Order = view.order === "asc" ? "desc" : "asc";
  return parseSearch({ sort: key, order: view.sort === key ? turned : first });
}

/** A click on a count. With `add`, the state joins or leaves those already chosen. */
export function chooseState(view: ListView, state: StateWord, add: boolean): Pick<HomeSearch, "state"> {
  const chosen = new Set(view.states);
  if (!add) return chosen.size === 1 && chosen.has(state) ? {} : { state };
  if (!chosen.delete(state)) chosen.add(state);
  return parseSearch({ state: [...chosen].join(",") });
}
