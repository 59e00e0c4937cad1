import { Failure } from "../../core/errors/failure.ts";
import { unlessGone, readAs } from "./answers.ts";
import type { SuperOfficeClient } from "./client.ts";
import { malformed, searchAll } from "./pages.ts";
import { archivePage, memberRow, selectionEntity, selectionRow, type MemberRow } from "./wire.ts";

/** A page less than this would make a listing endless. */
const mostPages = 1_000;

/** The selections of persons that one associate's contacts are taken from. */
export class Selections {
  readonly #client: SuperOfficeClient;
  readonly #associateId: number;
  readonly #chosen: readonly string[];

  /**
   * @param chosen names of the associate's own selections; one of anybody's by its number, `#17`
   */
  constructor(client: SuperOfficeClient, associateId: number, chosen: readonly string[]) {
    this.#client = client;
    this.#associateId = associateId;
    this.#chosen = chosen;
  }

  /** Their ids, in the order in which they were chosen. One that is not there has no members. */
  async ids(signal: AbortSignal): Promise<number[]> {
    const named = this.#chosen.filter((name) => numberOf(name) === undefined);
    const own = named.length === 0 ? [] : await this.#own(signal);
    return this.#chosen.flatMap((name) => {
      const number = numberOf(name);
      if (number !== undefined) return [number];
      const wanted = name.trim().toLowerCase();
      return own.filter((each) => each.name?.trim().toLowerCase() === wanted).map((each) => each.selectionId);
    });
  }

  /**
   * Everybody in any of them, and when that was true.
   *
   * @see api/reference/restful/rest/Selection (GET Selection/{id}/Members): it is promised to take a choice of columns and
   *   nothing else, so all members are read and a page's own link leads to the next.
   */
  async members(signal: AbortSignal): Promise<{ rows: Map<number, MemberRow>; receivedAt: number }> {
    const rows = new Map<number, MemberRow>();
    let receivedAt = Number.POSITIVE_INFINITY;
    for (const id of await this.ids(signal)) {
      const read = await unlessGone(this.#membersOf(id, rows, signal));
      receivedAt = Math.min(receivedAt, read ?? receivedAt);
    }
    return { rows, receivedAt };
  }

  /**
   * The first of them that persons can be put into by hand.
   *
   * @throws Failure `superoffice.request-invalid` when there is none
   */
  async handPicked(signal: AbortSignal): Promise<number> {
    for (const id of await this.ids(signal)) if (await this.#isStatic(id, signal)) return id;
    throw new Failure("superoffice.request-invalid", { detail: { reason: "no-selection" } });
  }

  async add(selectionId: number, personId: number, signal: AbortSignal): Promise<void> {
    const path = `Selection/${selectionId}/Members/Add`;
    await this.#client.call({ method: "POST", path, body: [personId], signal });
  }

  /**
   * Takes a person out of all of them.
   *
   * @throws Failure `superoffice.request-invalid` when one of them makes its own choice
   */
  async leave(personId: number, signal: AbortSignal): Promise<void> {
    for (const id of await this.ids(signal)) {
      const within = new Map<number, MemberRow>();
      await unlessGone(this.#membersOf(id, within, signal));
      if (!within.has(personId)) continue;
      if (!(await this.#isStatic(id, signal)))
        throw new Failure("superoffice.request-invalid", { detail: { reason: "dynamic-selection" } });
      const path = `Selection/${id}/Members/Remove`;
      await this.#client.call({ method: "POST", path, body: [personId], signal });
    }
  }

  async #own(signal: AbortSignal) {
    const { rows } = await searchAll(
      this.#client,
      {
        path: "Selection",
        columns: "selectionId,name",
        filter: `associateId associateIsOneOf (${this.#associateId})`,
        key: "selectionId",
        read: (value) => selectionRow.safeParse(value).data,
        keyOf: (row) => row.selectionId,
      },
      signal,
    );
    return rows;
  }

  async #isStatic(id: number, signal: AbortSignal): Promise<boolean> {
    const query = { $select: "SelectionId,SelectionType" };
    const call = this.#client.call({ method: "GET", path: `Selection/${id}`, query, signal });
    const answer = await unlessGone(call);
    return answer !== undefined && readAs(selectionEntity, answer.value).SelectionType === "Static";
  }

  async #membersOf(id: number, into: Map<number, MemberRow>, signal: AbortSignal): Promise<number> {
    const path = `Selection/${id}/Members`;
    let query: Record<string, string> = { $select: "personId,contactId,personUpdatedDate" };
    let receivedAt = Number.POSITIVE_INFINITY;
    for (let pages = 0; pages < mostPages; pages += 1) {
      const answer = await this.#client.call({ method: "GET", path, query, signal });
      receivedAt = Math.min(receivedAt, answer.receivedAt);
      const page = archivePage.safeParse(answer.value);
      if (!page.success) throw malformed("Selection/{id}/Members", "page");
      for (const value of page.data.value) {
        const row = memberRow.safeParse(value);
        if (!row.success) throw malformed("Selection/{id}/Members", "row");
        // Members without a person are companies.
        if (row.data.personId > 0) into.set(row.data.personId, row.data);
      }
      const next = page.data["odata.nextLink"];
      if (!next || page.data.value.length === 0) return receivedAt;
      // Only what it asks for is taken from a link; where it leads is not followed: the credential goes along.
      query = Object.fromEntries(new URL(next, "https://superoffice.invalid").searchParams);
    }
    throw malformed("Selection/{id}/Members", "endless");
  }
}

function numberOf(name: string): number | undefined {
  const match = /^#([1-9]\d{0,9})$/.exec(name.trim());
  return match ? Number(match[1]) : undefined;
}
