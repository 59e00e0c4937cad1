import type { OpenAPIHono } from "@hono/zod-openapi";
import { listAssociates, refreshAssociates, streamAssociates } from "./associates.ts";
import { decideBrake, readBrake } from "./brake.ts";
import { invite, mintInvitationLink, resendInvitation, revokeInvitation } from "./invitations.ts";
import { decideItem, listFindings, listItems, readItem, readValues, retryItem } from "./items.ts";
import { changeSettings, changeUserSettings, readOrganizationSettings } from "./link-settings.ts";
import { acceptPreview, readPreview } from "./preview.ts";
import { listErrors, listMailboxes, readCommand, readErasure } from "./records.ts";
import { planRemoval, readRemoval, readRemovalPlan, undoUnlink, unlinkUser } from "./removal.ts";
import { tellRestored } from "./restored.ts";
import { createSession, endSession, readSession } from "./session.ts";
import { createToken, listConnections, listTokens, revokeToken } from "./settings.ts";
import {
  eraseUser,
  linkMany,
  linkUser,
  pauseUser,
  readTimeline,
  readUser,
  reauthUser,
  resumeUser,
  switchBackend,
  syncUserNow,
} from "./users.ts";

/** Every route below `/api/v1`, in the order of the documentation. */
export const routes = [
  createSession,
  readSession,
  endSession,
  listAssociates,
  streamAssociates,
  refreshAssociates,
  invite,
  resendInvitation,
  revokeInvitation,
  mintInvitationLink,
  listMailboxes,
  readUser,
  readTimeline,
  linkUser,
  linkMany,
  changeUserSettings,
  unlinkUser,
  undoUnlink,
  planRemoval,
  readRemovalPlan,
  readRemoval,
  syncUserNow,
  reauthUser,
  pauseUser,
  resumeUser,
  switchBackend,
  readPreview,
  acceptPreview,
  readBrake,
  decideBrake,
  listFindings,
  listItems,
  readItem,
  decideItem,
  retryItem,
  readValues,
  eraseUser,
  readCommand,
  readErasure,
  readOrganizationSettings,
  changeSettings,
  listTokens,
  createToken,
  revokeToken,
  listConnections,
  tellRestored,
  listErrors,
] as const;

type Listed<Routes extends readonly unknown[]> = {
  [Index in keyof Routes]: { route: Routes[Index]; handler: never };
};
type Declare = OpenAPIHono["openapiRoutes"];
declare const declareRoutes: Declare;

/** The type of the API for `hc<Api>(origin + "/api/v1")` of `hono/client`. */
export type Api = ReturnType<typeof declareRoutes<Listed<typeof routes>>>;
