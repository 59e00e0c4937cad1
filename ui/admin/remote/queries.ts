import { infiniteQueryOptions, keepPreviousData, QueryClient, queryOptions } from "@tanstack/react-query";
import type { AssociateList } from "../../../api/contract/associates.ts";
import type { AssociateRow } from "../../../api/contract/user.ts";
import { toQuery, type ListView } from "../associates/view.ts";
import { api, isSignedOut, Refused, success } from "./client.ts";

/** The first page is small so that it is there at once; later ones are large so that 10,000 rows stay few requests. */
const firstPage = 100;
const laterPage = 500;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      // A refusal does not become right by asking again; an unreachable server may.
      retry: (count, error) => !(error instanceof Refused) && count < 2,
    },
  },
});

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async () => {
    try {
      return await success(api.session.$get());
    } catch (error) {
      if (isSignedOut(error)) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export const associatesKey = ["associates"] as const;

export function associatesQuery(view: ListView) {
  return infiniteQueryOptions({
    queryKey: [...associatesKey, view],
    queryFn: ({ pageParam, signal }) => readPage(view, pageParam, pageParam ? laterPage : firstPage, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
    placeholderData: (previous) => previous,
  });
}

async function readPage(
  view: ListView,
  cursor: string,
  limit: number,
  signal: AbortSignal,
): Promise<AssociateList> {
  const query = { ...toQuery(view), limit: String(limit), ...(cursor ? { cursor } : {}) };
  return await success(api.associates.$get({ query }, { init: { signal } }));
}

/** Every associate that matches, page by page; `onProgress` hears how many of how many are read. */
export async function readAll(
  view: ListView,
  signal: AbortSignal,
  onProgress: (read: number, total: number) => void = () => {},
): Promise<AssociateRow[]> {
  const rows: AssociateRow[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: AssociateList = await readPage(view, cursor, laterPage, signal);
    rows.push(...page.rows);
    cursor = page.next;
    onProgress(rows.length, page.total);
  }
  return rows;
}

export const peopleQuery = (search: string) =>
  queryOptions({
    queryKey: [...associatesKey, "palette", search],
    queryFn: async ({ signal }): Promise<AssociateRow[]> => {
      const query = { search, limit: "8" };
      return (await success(api.associates.$get({ query }, { init: { signal } }))).rows;
    },
    placeholderData: keepPreviousData,
  });

export const userQuery = (userId: string) =>
  queryOptions({
    queryKey: ["user", userId],
    queryFn: ({ signal }) => success(api.users[":userId"].$get({ param: { userId } }, { init: { signal } })),
  });

export const olderQuery = (userId: string, before: string) =>
  infiniteQueryOptions({
    queryKey: ["timeline", userId, before],
    queryFn: ({ pageParam, signal }) =>
      success(
        api.users[":userId"].timeline.$get(
          { param: { userId }, query: { before: pageParam } },
          { init: { signal } },
        ),
      ),
    initialPageParam: before,
    getNextPageParam: (page) => page.next,
    staleTime: Number.POSITIVE_INFINITY,
  });

export const mailboxesQuery = queryOptions({
  queryKey: ["mailboxes"],
  queryFn: async ({ signal }) => {
    const mailboxes = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const query: { limit: string; linked: "false"; cursor?: string } = {
        limit: "1000",
        linked: "false",
        ...(cursor ? { cursor } : {}),
      };
      const page: Awaited<ReturnType<typeof readMailboxes>> = await readMailboxes(query, signal);
      mailboxes.push(...page.mailboxes);
      cursor = page.next;
    }
    return mailboxes;
  },
});

function readMailboxes(query: { limit: string; linked: "false"; cursor?: string }, signal: AbortSignal) {
  return success(api.mailboxes.$get({ query }, { init: { signal } }));
}

export const brakeQuery = (userId: string) =>
  queryOptions({
    queryKey: ["brake", userId],
    queryFn: async ({ signal }) =>
      (await success(api.users[":userId"].brake.$get({ param: { userId } }, { init: { signal } }))).held,
  });

/** The removal that was decided; it counts, so it is asked for often. */
export const removalQuery = (userId: string) =>
  queryOptions({
    queryKey: ["removal", userId],
    queryFn: async ({ signal }) =>
      (await success(api.users[":userId"].removal.$get({ param: { userId } }, { init: { signal } }))).removal,
    refetchInterval: 3_000,
  });

/** A plan never changes once it is made. */
export const removalPlanQuery = (userId: string, planId: string) =>
  queryOptions({
    queryKey: ["removal-plan", userId, planId],
    queryFn: ({ signal }) =>
      success(
        api.users[":userId"]["removal-plans"][":planId"].$get(
          { param: { userId, planId } },
          { init: { signal } },
        ),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: ({ state }) => (state.data?.state === "making" || !state.data ? 1_000 : false),
  });

export const previewQuery = (userId: string) =>
  queryOptions({
    queryKey: ["preview", userId],
    queryFn: ({ signal }) =>
      success(api.users[":userId"].preview.$get({ param: { userId } }, { init: { signal } })),
  });

/** What may be decided about single items; the newest fifty, which is what one looks at. */
export const findingsQuery = (userId: string) =>
  queryOptions({
    queryKey: ["findings", userId],
    queryFn: ({ signal }) =>
      success(api.users[":userId"].findings.$get({ param: { userId }, query: {} }, { init: { signal } })),
  });

export type ItemFilter = "all" | "conflicts" | "waiting" | "left" | "kept";

export const itemsQuery = (userId: string, filter: ItemFilter) =>
  infiniteQueryOptions({
    queryKey: ["items", userId, filter],
    queryFn: ({ pageParam, signal }) =>
      success(
        api.users[":userId"].items.$get(
          { param: { userId }, query: { filter, ...(pageParam ? { cursor: pageParam } : {}) } },
          { init: { signal } },
        ),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
    placeholderData: (previous) => previous,
  });

export const itemQuery = (userId: string, itemId: string) =>
  infiniteQueryOptions({
    queryKey: ["item", userId, itemId],
    queryFn: ({ pageParam, signal }) =>
      success(
        api.users[":userId"].items[":itemId"].$get(
          { param: { userId, itemId }, query: pageParam ? { before: pageParam } : {} },
          { init: { signal } },
        ),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });

export const erasureQuery = (userId: string) =>
  queryOptions({
    queryKey: ["erasure", userId],
    queryFn: ({ signal }) =>
      success(api.erasures[":userId"].$get({ param: { userId } }, { init: { signal } })),
    refetchInterval: ({ state }) => (state.data?.completedAt ? false : 2_000),
  });

export const defaultsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: ({ signal }) => success(api.settings.$get({}, { init: { signal } })),
});

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: async ({ signal }) => (await success(api.tokens.$get({}, { init: { signal } }))).tokens,
});

export const connectionsQuery = queryOptions({
  queryKey: ["connections"],
  queryFn: async ({ signal }) => (await success(api.connections.$get({}, { init: { signal } }))).connections,
});
