import { EwsError } from "./errors.ts";
import { attribute, type Xml } from "./xml.ts";

/** The most entries that one answer of a search holds (EWS default policy `EWSFindCountLimit`). */
export const FIND_LIMIT = 1000;

/** The part of a result that a paging element asks for, and the attributes that tell about it. */
export interface Page<T> {
  entries: T[];
  attributes: string;
}

/** @throws EwsError `ErrorInvalidIndexedPagingParameters`, `ErrorInvalidFractionalPagingParameters` */
export function pageOf<T>(all: T[], view: Xml | undefined, limit = FIND_LIMIT): Page<T> {
  const asked = attribute(view, "MaxEntriesReturned");
  if (asked !== undefined && Number(asked) < 1) throw new EwsError("ErrorInvalidPagingMaxRows");
  const size = Math.min(asked === undefined ? limit : Number(asked), limit);
  if (view?.name.startsWith("Fractional")) {
    const [numerator, denominator] = [
      Number(attribute(view, "Numerator")),
      Number(attribute(view, "Denominator")),
    ];
    if (denominator < 1 || numerator < 0 || numerator > denominator) {
      throw new EwsError("ErrorInvalidFractionalPagingParameters");
    }
    const start = Math.floor((all.length * numerator) / denominator);
    const end = Math.min(start + size, all.length);
    const attributes =
      `NumeratorOffset="${end}" AbsoluteDenominator="${Math.max(all.length, 1)}" ` +
      last(end >= all.length, all.length);
    return { entries: all.slice(start, end), attributes };
  }
  const offset = Number(attribute(view, "Offset") ?? 0);
  if (offset < 0) throw new EwsError("ErrorInvalidIndexedPagingParameters");
  if (attribute(view, "BasePoint") === "End") {
    const end = Math.max(0, all.length - offset);
    const start = Math.max(0, end - size);
    return {
      entries: all.slice(start, end),
      attributes: `IndexedPagingOffset="${all.length - start}" ${last(start === 0, all.length)}`,
    };
  }
  const end = Math.min(offset + size, all.length);
  return {
    entries: all.slice(offset, end),
    attributes: `IndexedPagingOffset="${end}" ${last(end >= all.length, all.length)}`,
  };
}

function last(isLast: boolean, total: number): string {
  return `TotalItemsInView="${total}" IncludesLastItemInRange="${isLast}"`;
}
