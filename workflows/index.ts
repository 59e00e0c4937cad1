/** Everything the workflow bundle offers, by the names in `messages.ts`. */
export { erasure } from "./erasure.ts";
export { itemLook } from "./item-look.ts";
export { organization } from "./organization.ts";
export { removalPlan } from "./removal-plan.ts";
export { userLifecycle } from "./user-lifecycle.ts";
