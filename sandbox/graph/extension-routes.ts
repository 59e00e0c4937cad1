import type { ItemView } from "../exchange/model.ts";
import { addExtension, changeExtension, extensionOf, removeExtension, writeExtension } from "./extensions.ts";
import type { GraphRequest } from "./request.ts";

type Entity = Record<string, unknown>;

/** Open extensions of one kind of item. @see https://learn.microsoft.com/graph/api/opentypeextension-post-opentypeextension */
export function extensionsOn(itemOf: (request: GraphRequest) => ItemView) {
  const told = (view: ItemView, name: string, request: GraphRequest): Entity => ({
    "@odata.context": `${request.context("extensions")}/$entity`,
    ...writeExtension(name, extensionOf(view.item.data, name).data),
  });
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
      const view = itemOf(request);
      const name = addExtension(view.item.data, request.body);
      save(view, request);
      return told(view, name, request);
    },
    update(request: GraphRequest): Entity {
      const view = itemOf(request);
      const name = changeExtension(view.item.data, request.path["extension"] ?? "", request.body);
      save(view, request);
      return told(view, name, request);
    },
    remove(request: GraphRequest): undefined {
      const view = itemOf(request);
      removeExtension(view.item.data, request.path["extension"] ?? "");
      save(view, request);
    },
  };
}
