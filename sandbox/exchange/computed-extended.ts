import type { ExtendedValue, ItemView } from "./model.ts";

/**
 * MAPI properties that exist on every item, by the normal form of their identity. Only those that clients are known
 * to ask for; property tags of others are answered when a client wrote them.
 * @see MS-OXPROPS; MS-OXOCAL 2.2.1.27 PidLidGlobalObjectId
 */
const computed: Record<string, (view: ItemView) => string | undefined> = {
  "tag:37/String": (view) => view.data.values["Subject"]?.text,
  "tag:1a/String": (view) => view.data.itemClass,
  "tag:3007/SystemTime": (view) => time(view.data.created),
  "tag:3008/SystemTime": (view) => time(view.data.modified),
  "6ed8da90-450b-101b-98da-00aa003f1305/#3/Binary": (view) => globalObjectId(view, true),
  "6ed8da90-450b-101b-98da-00aa003f1305/#35/Binary": (view) => globalObjectId(view, false),
};

export function computedExtended(view: ItemView, key: string): ExtendedValue | undefined {
  const value = computed[key]?.(view);
  if (value === undefined) return undefined;
  return { key, type: key.slice(key.lastIndexOf("/") + 1), values: [value] };
}

function time(utc: number): string {
  return `${new Date(utc).toISOString().slice(0, 19)}Z`;
}

const prefix = "040000008200E00074C5B7101A82E008";

/**
 * The binary form of the UID. A UID that is not one of Outlook's own is wrapped as `vCal-Uid`.
 * The clean form leaves out the day of an occurrence.
 */
function globalObjectId(view: ItemView, withDay: boolean): string | undefined {
  const uid = view.data.calendar?.uid;
  if (uid === undefined) return undefined;
  const own = uid.toUpperCase().startsWith(prefix) && /^([0-9A-F]{2})+$/i.test(uid);
  const bytes = own ? Buffer.from(uid, "hex") : wrapped(uid);
  if (withDay && view.originalStart !== undefined) {
    const day = new Date(view.originalStart);
    bytes.writeUInt16BE(day.getUTCFullYear(), 16);
    bytes[18] = day.getUTCMonth() + 1;
    bytes[19] = day.getUTCDate();
  }
  return bytes.toString("base64");
}

function wrapped(uid: string): Buffer {
  const data = Buffer.concat([
    Buffer.from("vCal-Uid\u0001\0\0\0", "latin1"),
    Buffer.from(`${uid}\0`, "utf8"),
  ]);
  const head = Buffer.alloc(40);
  head.write(prefix, 0, "hex");
  head.writeUInt32LE(data.length, 36);
  return Buffer.concat([head, data]);
}
