import type { ItemView } from "../exchange/model.ts";
import { badRequest } from "./errors.ts";
import { addExtension, changeExtension, extensionOf, removeExtension, writeExtension } from "./extensions.ts";
import type { GraphRequest } from "./request.ts";

type Entity = Record<string, unknown>;

/** Open extensions of one kind of item. @see https://learn.microsoft.com/graph/api/opentypeextension-post-opentypeextension */
export function extensionsOn(itemOf: (request: GraphRequest) => ItemView) {
  const told = (view: ItemView, name: string, request: GraphRequest): Entity => ({
    "@odata.context": `${request.context("extensions")}/$entity`,
    ...writeExtension(name, extensionOf(view.item.data, name).data),
  });
  /** The store keeps open extensions with whole items. */
  const wholeOf = (request: GraphRequest): ItemView => {
    const view = itemOf(request);
    if (view.originalStart === undefined) return view;
    throw badRequest("ErrorInvalidRequest", "Open extensions of single occurrences are not held here.");
  };
  const save = (view: ItemView, request: GraphRequest): void => {
    view.item.data.modified = request.call.now;
    request.call.items.update(view.item);
  };
  return {
    get(request: GraphRequest): Entity {
      const view = itemOf(request);
      return told(view, extensionOf(view.item.data, request.path["extension"] ?? "").name, request);
    },
    create(request: GraphRequest): Entity {
      const view = wholeOf(request);
      const name = addExtension(view.item.data, request.body);
      save(view, request);
      return told(view, name, request);
    },
    update(request: GraphRequest): Entity {
      const view = wholeOf(request);
      const name = changeExtension(view.item.data, request.path["extension"] ?? "", request.body);
      save(view, request);
      return told(view, name, request);
    },
    remove(request: GraphRequest): undefined {
      const view = wholeOf(request);
      removeExtension(view.item.data, request.path["extension"] ?? "");
      save(view, request);
    },
  };
}
