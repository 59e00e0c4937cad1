import { en, type Words } from "./en.ts";

/** The texts in the reader's language. English is the only one yet; another is another object of the same type. */
export const words: Words = en;
