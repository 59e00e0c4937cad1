import { expect, it } from "vitest";
import { takeLinkToken } from "./link-token.ts";

function open(hash: string) {
  const replaced: string[] = [];
  const history = { replaceState: (_state: unknown, _title: string, url: string) => replaced.push(url) };
  const token = takeLinkToken({ hash, pathname: "/settings", search: "?a=1" }, history);
  return { token, replaced };
}

it("takes the token and removes it from the address and the history", () => {
  expect(open("#sign-in=abc_DEF-123")).toEqual({ token: "abc_DEF-123", replaced: ["/settings?a=1"] });
});

it("removes a mangled token, too, and sends nothing", () => {
  expect(open("#sign-in=<script>")).toEqual({ token: undefined, replaced: ["/settings?a=1"] });
});

it("leaves other fragments alone", () => {
  expect(open("#main")).toEqual({ token: undefined, replaced: [] });
});
