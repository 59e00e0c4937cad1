/** A follow-up type (SuperOffice's "task" list). */
export interface FollowUpType {
  id: number;
  name: string;
  /** What the type makes of a follow-up: Appointment, Phone, ToDo … */
  taskType: "Appointment" | "Phone" | "ToDo";
  allDay: boolean;
  free: boolean;
}

export const FOLLOW_UP_TYPES: FollowUpType[] = [
  { id: 1, name: "Meeting", taskType: "Appointment", allDay: false, free: false },
  { id: 2, name: "Meeting - external", taskType: "Appointment", allDay: false, free: false },
  { id: 3, name: "Phone call", taskType: "Phone", allDay: false, free: false },
  { id: 4, name: "Task", taskType: "ToDo", allDay: false, free: true },
  { id: 5, name: "Vacation", taskType: "Appointment", allDay: true, free: false },
  { id: 6, name: "Private", taskType: "Appointment", allDay: false, free: false },
  { id: 7, name: "Prepare offer", taskType: "ToDo", allDay: false, free: true },
];

export const DEFAULT_FOLLOW_UP = 1;
export const DEFAULT_TODO = 4;

export function followUpType(id: number): FollowUpType | undefined {
  return FOLLOW_UP_TYPES.find((type) => type.id === id);
}

export function taskCarrier(type: FollowUpType): Record<string, unknown> {
  return {
    TaskListItemId: type.id,
    Value: type.name,
    Direction: "Outgoing",
    Type: type.taskType,
    Tooltip: "",
    Deleted: false,
    IntentId: 0,
    Rank: type.id,
    IsDefaultAlldayEvent: type.allDay,
    IsDefaultFree: type.free,
    IsDefaultPublished: false,
    ColorIndex: "LightBlue",
    DefaultVideomeetingStatus: "NoChange",
    TableRight: null,
    FieldProperties: {},
  };
}
