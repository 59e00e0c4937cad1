import { describe, expect, it } from "vitest";
import { chooseState, isFiltered, parseSearch, sortBy, toQuery, viewOf } from "./view.ts";

const person = "0b7a2c1e-1111-4222-8333-444455556666";

describe("the address of the home page", () => {
  it("keeps what it understands", () => {
    const raw = { q: " berg ", state: "blocked,needs-reauth", sort: "lastSync", order: "desc", person };
    expect(parseSearch(raw)).toEqual({ ...raw, q: "berg", state: "needs-reauth,blocked" });
  });

  it("leaves out what it does not understand instead of breaking", () => {
    const raw = {
      q: { a: 1 },
      state: "asleep",
      sort: "password",
      order: "up",
      person: "../x",
      problem: "many",
    };
    expect(parseSearch(raw)).toEqual({});
  });

  it("leaves out defaults, so that the plain address stays plain", () => {
    expect(parseSearch({ sort: "name", order: "asc", state: "", q: "" })).toEqual({});
  });

  it("searches for numbers, too: the router reads them as such", () => {
    expect(parseSearch({ q: 1234 })).toEqual({ q: "1234" });
  });

  it("names somebody not invited by the associate's number", () => {
    expect(parseSearch({ person: "a12" })).toEqual({ person: "a12" });
  });

  it("becomes the API's query without empty parts", () => {
    expect(toQuery(viewOf({}))).toEqual({ sort: "name", order: "asc" });
    expect(toQuery(viewOf({ q: "x", state: "blocked", problem: "any" }))).toEqual({
      sort: "name",
      order: "asc",
      search: "x",
      state: "blocked",
      problem: "any",
    });
  });

  it("tells a filtered list from an empty company", () => {
    expect(isFiltered(viewOf({ sort: "state" }))).toBe(false);
    expect(isFiltered(viewOf({ problem: "any" }))).toBe(true);
  });
});

describe("sorting by a column's head", () => {
  it("turns the same column round", () => {
    expect(sortBy(viewOf({}), "name")).toEqual({ order: "desc" });
    expect(sortBy(viewOf({ order: "desc" }), "name")).toEqual({});
  });

  it("begins another column ascending, but times of last sync with the latest", () => {
    expect(sortBy(viewOf({ order: "desc" }), "state")).toEqual({ sort: "state" });
    expect(sortBy(viewOf({}), "lastSync")).toEqual({ sort: "lastSync", order: "desc" });
  });
});

describe("choosing by a count", () => {
  it("shows only that state, and everyone when it is pressed again", () => {
    expect(chooseState(viewOf({ state: "syncing" }), "blocked", false)).toEqual({ state: "blocked" });
    expect(chooseState(viewOf({ state: "blocked" }), "blocked", false)).toEqual({});
  });

  it("joins and leaves the others with Ctrl", () => {
    expect(chooseState(viewOf({ state: "syncing" }), "blocked", true)).toEqual({ state: "syncing,blocked" });
    expect(chooseState(viewOf({ state: "syncing,blocked" }), "syncing", true)).toEqual({ state: "blocked" });
  });
});
