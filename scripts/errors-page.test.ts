import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { errorsPage, renderErrorsPage } from "./errors-page.ts";

describe("docs/errors.md", () => {
  it("says what the error table says (`npm run docs` writes it)", () => {
    expect(readFileSync(errorsPage, "utf8")).toBe(renderErrorsPage());
  });
});
