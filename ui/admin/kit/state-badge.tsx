import {
  Ban,
  Check,
  CirclePause,
  Clock,
  Hand,
  Link2,
  Mail,
  Minus,
  TriangleAlert,
  Unplug,
  type LucideIcon,
} from "lucide-react";
import type { StateWord } from "../associates/view.ts";
import { words } from "../words/index.ts";

/** Colour only for state, and never alone: green syncing, amber waits for someone, red needs someone, grey at rest. */
const looks: Record<StateWord, { icon: LucideIcon; color: string }> = {
  syncing: { icon: Check, color: "text-good" },
  linked: { icon: Link2, color: "text-working" },
  registered: { icon: Link2, color: "text-waiting" },
  invited: { icon: Mail, color: "text-waiting" },
  "needs-reauth": { icon: TriangleAlert, color: "text-waiting" },
  preview: { icon: Clock, color: "text-waiting" },
  removal: { icon: Unplug, color: "text-waiting" },
  brake: { icon: Hand, color: "text-bad" },
  blocked: { icon: Ban, color: "text-bad" },
  gate: { icon: Clock, color: "text-working" },
  paused: { icon: CirclePause, color: "text-ended" },
  disconnected: { icon: Unplug, color: "text-ended" },
  ended: { icon: Minus, color: "text-ended" },
  erasing: { icon: Clock, color: "text-working" },
  erased: { icon: Minus, color: "text-ended" },
  "not-invited": { icon: Minus, color: "text-ended" },
};

export function StateBadge({ state }: { state: StateWord }) {
  const { icon: Icon, color } = looks[state];
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${color}`}>
      <Icon size={14} strokeWidth={2.25} aria-hidden className="shrink-0" />
      {words.state[state]}
    </span>
  );
}
