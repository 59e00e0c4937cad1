import type { Side } from "../scripts/demo/sandbox.ts";
import { control, type Installed } from "./installed.ts";

const dayMs = 86_400_000;
/** Events of one import: the sandbox answers nobody else meanwhile. */
const perImport = 2_500;

/**
 * Puts single appointments into a diary, as an iCalendar file: in a day each has another hour, and no two are alike.
 *
 * @param from day offset from today of the first
 * @param to day offset of the last; the others stand evenly in between
 */
export async function fillDiary(
  bench: Pick<Installed, "installation">,
  wish: { side: Side; associateId: number; name: string; count: number; from: number; to: number },
): Promise<void> {
  const { side, associateId, name, count, from, to } = wish;
  const today = Math.floor(Date.now() / dayMs) * dayMs;
  const event = (index: number): string => {
    const day = Math.floor(from + ((to - from) * index) / count);
    const start = today + day * dayMs + (7 + (index % 10)) * 3_600_000 + (index % 4) * 900_000;
    return [
      "BEGIN:VEVENT",
      `UID:${name}-${index}`,
      `DTSTART:${utc(start)}`,
      `DTEND:${utc(start + 1_800_000)}`,
      `SUMMARY:${name} ${index}: a visit to customer ${index % 97}`,
      `LOCATION:Room ${index % 23}`,
      `DESCRIPTION:Number ${index} of ${count}.\\nWhat was agreed upon stands in the offer\\, see there.`,
      "END:VEVENT",
    ].join("\r\n");
  };
  for (let first = 0; first < count; first += perImport) {
    const events = Array.from({ length: Math.min(perImport, count - first) }, (_, n) => event(first + n));
    const text = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:bench", ...events, "END:VCALENDAR", ""].join(
      "\r\n",
    );
    const { components } = await control<{ components: { outcome: string; reason?: string }[] }>(
      bench,
      "import",
      { side, associateId, text },
    );
    const refused = components.find(({ outcome }) => outcome !== "stored");
    if (refused) throw new Error(`The sandbox did not store an event: ${refused.reason}`);
  }
}

/** `20260302T080000Z` */
function utc(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, "");
}
