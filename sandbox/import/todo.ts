import { DateTime } from "luxon";
import { blankTask, settledTask, type SampleTask } from "../samples.ts";
import { first, textOf, type Component } from "./content-lines.ts";
import { inZone, plus, readDuration, readMoment } from "./dates.ts";
import { categoriesOf, importanceOf, isPrivate, type Imported } from "./event.ts";
import { leftOfRecurrence, readRecurrence } from "./rules.ts";
import type { Zones } from "./zones.ts";

/** A VTODO; times of day go, as tasks have days only. @throws Broken, NotHeld */
export function readTodo(todo: Component, home: string, zones: Zones): Imported<SampleTask> {
  const local = (name: string): string | null => {
    const line = first(todo, name);
    return line ? inZone(readMoment(line, zones), home) : null;
  };
  const start = local("DTSTART");
  const lasting = first(todo, "DURATION");
  const due = local("DUE") ?? (start && lasting ? plus(start, readDuration(lasting.value)) : null);
  const startLine = first(todo, "DTSTART") ?? first(todo, "DUE");
  const recurrence = startLine ? readRecurrence(todo, readMoment(startLine, zones), home, zones) : null;
  const left = leftOfRecurrence(todo);
  for (const name of ["ATTACH", "GEO", "URL", "RELATED-TO", "LOCATION", "ATTENDEE"])
    if (first(todo, name)) left.push(name);
  const sample: SampleTask = {
    ...blankTask,
    ...settledTask(progressOf(todo)),
    subject: textOf(first(todo, "SUMMARY")).replace(/\s+/g, " ").trim().slice(0, 255).toWellFormed(),
    body: textOf(first(todo, "DESCRIPTION")).trim(),
    start: start?.slice(0, 10) ?? null,
    due: due?.slice(0, 10) ?? null,
    importance: importanceOf(todo),
    private: isPrivate(todo),
    reminderAt: reminderOf(todo, start ?? due, due ?? start, home, left, zones),
    categories: categoriesOf(todo),
    recurrence,
  };
  if (sample.start !== null && sample.due !== null && sample.due < sample.start) {
    sample.start = null;
    left.push("DTSTART after DUE");
  }
  if (sample.status === "completed") sample.completedOn = local("COMPLETED")?.slice(0, 10) ?? null;
  return { sample, left };
}

function progressOf(todo: Component): Partial<SampleTask> {
  const status = first(todo, "STATUS")?.value.trim().toUpperCase();
  if (status === "COMPLETED" || first(todo, "COMPLETED")) return { status: "completed" };
  const percent = Number(first(todo, "PERCENT-COMPLETE")?.value ?? "NaN");
  const given = percent >= 0 && percent <= 100 ? { percentComplete: percent } : {};
  if (status === "IN-PROCESS") return { status: "in-progress", ...given };
  if (status === "CANCELLED") return { status: "deferred", ...given };
  return given;
}

function reminderOf(
  todo: Component,
  start: string | null,
  due: string | null,
  home: string,
  left: string[],
  zones: Zones,
): string | null {
  const alarms = todo.components.filter((each) => each.name === "VALARM");
  const instant = (local: string): string =>
    new Date(DateTime.fromISO(local, { zone: home }).toMillis()).toISOString().replace(".000Z", "Z");
  const found = alarms.flatMap((alarm) => {
    const trigger = first(alarm, "TRIGGER");
    if (!trigger) return [];
    try {
      if (!/^[+-]?P/i.test(trigger.value.trim())) return [instant(inZone(readMoment(trigger, zones), home))];
      const base = trigger.params.get("RELATED")?.[0]?.toUpperCase() === "END" ? due : start;
      return base === null ? [] : [instant(plus(base, readDuration(trigger.value)))];
    } catch {
      return [];
    }
  });
  if (alarms.length > Math.min(1, found.length)) left.push("VALARM");
  return found[0] ?? null;
}
